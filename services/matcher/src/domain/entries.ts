import type { Contact } from './contact.ts';
import type { KnownClick } from './known-click.ts';
import type { Lead } from './lead.ts';

/** What the join store holds, by kind; adapters/entry-codec.ts writes it as bytes. */
export type Entry =
  /** `code/{workspace}/{account}/{code}` and `sent/{workspace}/{account}/{message id}`. */
  | { readonly kind: 'click'; readonly click: KnownClick }
  /** `use/{workspace}/{account}/{code}`: who brought a code first; `use/{workspace}/{account}/ctwa:{click id}`: who came by an ad's click first. */
  | { readonly kind: 'use'; readonly contact: string; readonly leadId: string }
  /** `contact/{workspace}/{account}/{key}` under the canonical key. */
  | { readonly kind: 'contact'; readonly contact: Contact }
  /** `contact/{workspace}/{account}/{key}` under any other key of the same person. */
  | { readonly kind: 'alias'; readonly canonical: string }
  /** `lead/{workspace}/{lead id}`: the newest revision. */
  | { readonly kind: 'lead'; readonly lead: Lead };

/** A write of the fold. The mode follows from the key: who came first counts for codes and their use, the newest for the rest. */
export interface EntryWrite {
  readonly key: string;
  readonly entry: Entry;
  readonly offset: number;
  readonly expiresAtMs: number;
}

/** Entries by key as they stood before the batch, plus what the batch itself wrote. Null: looked for and not there; undefined: not looked for. */
export interface Lookups {
  get(key: string): Entry | null | undefined;
}

export function codeKey(workspace: string, account: string, code: string): string {
  return `code/${workspace}/${account}/${code}`;
}

export function useKey(workspace: string, account: string, code: string): string {
  return `use/${workspace}/${account}/${code}`;
}

/** Click ids of ads are some 150 characters; keys of the store hold 512 bytes with the names before them. */
const MAX_CLICK_ID = 300;
const PLAIN = /^[\x21-\x7e]+$/;

/** Who came by an ad's click first, kept as the use of a code is: no code holds a ":". Undefined for what is no click id. */
export function adClickKey(workspace: string, account: string, ctwaClid: string): string | undefined {
  const isPlain = ctwaClid.length > 0 && ctwaClid.length <= MAX_CLICK_ID && PLAIN.test(ctwaClid);
  return isPlain ? useKey(workspace, account, `ctwa:${ctwaClid}`) : undefined;
}

export function contactKeyOf(workspace: string, account: string, contact: string): string {
  return `contact/${workspace}/${account}/${contact}`;
}

export function leadKey(workspace: string, leadId: string): string {
  return `lead/${workspace}/${leadId}`;
}

/** Messages that we sent first, by the provider's id; folding the touchpoint `sent` writes these entries. */
export function sentKey(workspace: string, account: string, messageId: string): string {
  return `sent/${workspace}/${account}/${messageId}`;
}
