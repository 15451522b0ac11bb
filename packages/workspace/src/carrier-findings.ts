import { readCodes } from '@messtrack/tracking-code/codes-in-text.ts';
import { renderMessageText, type TextCarrier } from '@messtrack/tracking-code/message-text.ts';
import { LRUCache } from 'lru-cache';
import { type Channel, linkHasPayload } from './accounts/account-kind.ts';
import type { Finding } from './finding.ts';
import { combineGreetings, DEFAULT_GREETING_VARIANTS } from './greeting-parts.ts';
import { greetingPartsSchema, greetingVariantsSchema } from './placement-schema.ts';
import { DEFAULT_CODE_TEMPLATE, DEFAULT_GREETINGS } from './schema.ts';

const TEXT_CARRIERS: readonly unknown[] = ['visible', 'emoji', 'invisible'] satisfies readonly TextCarrier[];

/** What stands in a placement as written, and the account that it leads to. */
export interface CarrierSettings {
  readonly name: string;
  readonly placement: Record<string, unknown>;
  readonly channel: unknown;
  readonly provider: unknown;
  readonly shared: SharedGreetings;
}

/** What the workspace says for all its placements, as written. */
export interface SharedGreetings {
  /** `greeting_parts` of the whole workspace. */
  readonly parts: unknown;
  /** `greeting_variants` of the whole workspace. */
  readonly variants: unknown;
}

/** A code that cannot travel the way the file says is a lead lost without a trace, so it is said when the file is read. */
export function carrierFindings({ name, placement, channel, provider, shared }: CarrierSettings): readonly Finding[] {
  const carriers = carriersOf(placement['carrier']);
  const path = ['placements', name, 'carrier'];
  if (linkHasPayload(channel, provider)) {
    const foreign = carriers.find(isTextCarrier);
    if (foreign === undefined) return [];
    const code = foreign === 'visible' ? 'a visible code' : `an ${foreign} code`;
    return [{ path, message: `must be start_payload: links to ${LINKED_TO[channel]} carry no text, so ${code} would never arrive` }];
  }
  if (channel !== 'whatsapp' && channel !== 'telegram') return [];
  const findings: Finding[] = [];
  if (carriers.includes('start_payload')) {
    const to = channel === 'whatsapp' ? 'WhatsApp' : "a person's Telegram account";
    const message = `must be visible, emoji or invisible, or a list of them: links to ${to} carry nothing but text, there is no start payload`;
    findings.push({ path, message });
  }
  if (Array.isArray(placement['greetings']) && placement['greetings'].length === 0) {
    findings.push({
      path: ['placements', name, 'greetings'],
      message:
        'must hold at least one greeting, such as ["Hello! I have a question"]: the code travels in its text. Without the key it is "Hello!"',
    });
  }
  const text = carriers.length === 0 ? (['visible'] as const) : carriers.filter(isTextCarrier);
  return text.length === 0 ? findings : [...findings, ...textFindings(name, placement, text, shared)];
}

function textFindings(
  name: string,
  placement: Record<string, unknown>,
  carriers: readonly TextCarrier[],
  shared: SharedGreetings,
): readonly Finding[] {
  const given = placement['code_template'];
  const onlyInvisible = carriers.every((carrier) => carrier === 'invisible');
  if (onlyInvisible && given !== undefined) {
    const message = 'says where a visible or emoji code stands, and the code is invisible only; leave it out, or add a carrier';
    return [{ path: ['placements', name, 'code_template'], message }];
  }
  const template = given ?? DEFAULT_CODE_TEMPLATE;
  if (typeof template !== 'string') return [];
  const { key, greetings } = greetingsOf(placement, shared);
  const found = firstUnreadable(greetings, template, carriers);
  if (found === undefined) return [];
  const { index, text } = found;
  if (text === undefined) {
    const message = `has no place for an invisible code in "${greetings[index]}": it stands between two words, or a word and its punctuation mark. Add a word, or another carrier`;
    return [{ path: ['placements', name, ...(key === 'greetings' ? [key, index] : [key])], message }];
  }
  const message = `hides its own code: it cannot be read back from "${text}". Put a space, a bracket or another mark before and after {code}`;
  return [{ path: ['placements', name, 'code_template'], message }];
}

/** The greeting whose code would not arrive; `text` is what it would be sent in, undefined where it has no place in the greeting. */
interface Unreadable {
  readonly index: number;
  readonly text: string | undefined;
}

/** Placements share their greetings, within a file and among the clients of an agency, and each list is some 200 texts to write and read. */
const looked = new LRUCache<string, { readonly found: Unreadable | undefined }>({ max: 256 });

function firstUnreadable(greetings: readonly string[], template: string, carriers: readonly TextCarrier[]): Unreadable | undefined {
  const key = JSON.stringify([template, carriers, greetings]);
  const known = looked.get(key);
  if (known !== undefined) return known.found;
  let found: Unreadable | undefined;
  for (let index = 0; index < greetings.length && found === undefined; index += 1) {
    found = unreadable(index, greetings[index]!, template, carriers);
  }
  looked.set(key, { found });
  return found;
}

function greetingsOf(
  placement: Record<string, unknown>,
  shared: SharedGreetings,
): { readonly key: string; readonly greetings: readonly string[] } {
  const listed = placement['greetings'];
  if (listed !== undefined) {
    const greetings = Array.isArray(listed) ? listed.filter((each): each is string => typeof each === 'string') : [];
    return { key: 'greetings', greetings };
  }
  const parts = placement['greeting_parts'] ?? shared.parts;
  if (parts === undefined) return { key: 'carrier', greetings: DEFAULT_GREETINGS };
  const checked = greetingPartsSchema.safeParse(parts);
  const key = placement['greeting_parts'] === undefined ? 'carrier' : 'greeting_parts';
  const wanted = greetingVariantsSchema.safeParse(placement['greeting_variants'] ?? shared.variants ?? DEFAULT_GREETING_VARIANTS);
  return { key, greetings: checked.success && wanted.success ? combineGreetings(checked.data, wanted.data).greetings : [] };
}

/** One with its letter at the edges, one with digits there, one with the letters that look like digits. */
const SAMPLE_CODES = ['DX3R6FQG8Q', '5BJ2BM8Z66', '17S1Q2ACZ1'] as const;

function unreadable(index: number, greeting: string, template: string, carriers: readonly TextCarrier[]): Unreadable | undefined {
  for (const code of SAMPLE_CODES) {
    const text = renderMessageText({ greeting, code, template, carriers });
    if (text === undefined || !readCodes(text).codes.some((found) => found.intact && found.code === code)) return { index, text };
  }
  return undefined;
}

/** As written; empty when nothing is. */
export function carriersOf(carrier: unknown): readonly unknown[] {
  if (carrier === undefined) return [];
  return Array.isArray(carrier) ? carrier : [carrier];
}

function isTextCarrier(carrier: unknown): carrier is TextCarrier {
  return TEXT_CARRIERS.includes(carrier);
}

const LINKED_TO: Readonly<Record<Channel, string>> = {
  whatsapp: 'WhatsApp',
  telegram: 'Telegram bots',
  messenger: 'Messenger',
  instagram: 'Instagram',
  vk: 'VK',
  max: 'MAX bots',
};
