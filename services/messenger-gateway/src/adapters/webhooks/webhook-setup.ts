/** What differs between providers when we ask where their webhooks go, and when we put that right. `npm run hooks` and the health of accounts use it. */
import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import { isObject, type JsonObject, objectAt, stringAt } from '../json-value.ts';
import type { CallAnswer, ProviderCall } from '../provider-call.ts';
import type { ProviderUrls } from '../senders/provider-urls.ts';

export interface WebhookPorts {
  readonly call: ProviderCall;
  readonly urls: ProviderUrls;
}

/** Whether an address that a provider posts to is the one that is asked about. */
export type IsOurs = (url: string) => boolean;

/** What a provider says of the webhook of an account. */
export interface Hook {
  /** It posts to the address that was asked about. */
  readonly isSet: boolean;
  /** That address as the provider has it, where it has one for every account; may hold a secret. Undefined where it is not set. */
  readonly at?: string | undefined;
  /** It posts to others, besides or instead. An address may hold somebody's secret: show its host alone. */
  readonly elsewhere: readonly string[];
  /** What keeps messages at our address from arriving or from being believed, a few words each; no secret in them. Empty when nothing does. */
  readonly lacks: readonly string[];
  /** The provider does not show the secret it was given: it is told again, since nobody can see whether it is right. */
  readonly isSecretHidden?: true | undefined;
  /** The number, session or instance behind the account, in the provider's own word; undefined where it has none, or is just starting. */
  readonly device?: { readonly isGood: boolean; readonly state: string } | undefined;
  /** The answer it was read from: what is written back keeps what others have set. */
  readonly source: JsonObject;
}

export type Look =
  | { readonly kind: 'hook'; readonly hook: Hook }
  /** The credentials are not accepted. */
  | { readonly kind: 'refused'; readonly code: string }
  /** No answer, or one that says nothing of the webhook. `words` are the provider's and may repeat what it was sent: mask secrets before they are shown. */
  | { readonly kind: 'unclear'; readonly code: string; readonly words: string };

export type Done = { readonly kind: 'done' } | { readonly kind: 'failed'; readonly code: string; readonly words: string };

/** How a provider is told where its webhooks go. A new one is a file beside this one and a line in webhook-setups.ts. */
export interface WebhookSetup<A extends Account = Account> {
  readonly provider: A['provider'];
  /** What a webhook that is not right is called among the checks of an account: an address, or an app that has to be subscribed. */
  readonly check: 'webhook' | 'subscription';
  /** Keys of the account in the workspace file that asking takes. */
  readonly needs: readonly string[];
  canAsk(account: A): boolean;
  /** `url`, with whatever the provider has to bring along in it because it sets no header. */
  addressOf(account: A, url: string): string;
  /** Undefined where the API tells nothing: then it can be told, and not be asked. Never rejects. */
  readonly look?: ((account: A, isOurs: IsOurs, ports: WebhookPorts) => Promise<Look>) | undefined;
  /** `hook` is what `look` gave just before, undefined where there is none. Never rejects. */
  put(account: A, url: string, hook: Hook | undefined, ports: WebhookPorts): Promise<Done>;
  /** Undefined where no call takes a webhook away. */
  readonly remove?: ((account: A, hook: Hook, ports: WebhookPorts) => Promise<Done>) | undefined;
  /** What a person has to look after besides, and the API does not show; sentences. */
  readonly notes?: ((account: A, url: string) => readonly string[]) | undefined;
}

const BLOCKED = 'the address is in a private network, and PRIVATE_API_HOSTS does not name its host';

export type Read = { readonly kind: 'body'; readonly body: unknown } | Exclude<Look, { kind: 'hook' }>;

/** A successful answer's body, or why there is none. */
export function readAnswer(answer: CallAnswer): Read {
  if (answer.kind !== 'answered') return { kind: 'unclear', code: answer.code, words: answer.code === 'EBLOCKED' ? BLOCKED : '' };
  const { status, body } = answer;
  if (status >= 200 && status < 300) return { kind: 'body', body };
  if (status === 401 || status === 403) return { kind: 'refused', code: String(status) };
  return { kind: 'unclear', code: String(status), words: wordsOf(body) };
}

export function doneOf(answer: CallAnswer): Done {
  const read = readAnswer(answer);
  switch (read.kind) {
    case 'body':
      return { kind: 'done' };
    case 'refused':
      return { kind: 'failed', code: read.code, words: 'the credentials are not accepted' };
    case 'unclear':
      return { kind: 'failed', code: read.code, words: read.words };
  }
}

/** Steps one after the other, until one fails. */
export async function inOrder(steps: readonly (() => Promise<Done>)[]): Promise<Done> {
  for (const step of steps) {
    const done = await step();
    if (done.kind === 'failed') return done;
  }
  return { kind: 'done' };
}

/** What providers call the sentence that explains a refusal. */
function wordsOf(body: unknown): string {
  if (!isObject(body)) return '';
  const error = objectAt(body, 'error');
  const candidates = [
    stringAt(error, 'message', 300),
    stringAt(body, 'message', 300),
    stringAt(body, 'description', 300),
    stringAt(body, 'error', 300),
    stringAt(body, 'detail', 300),
  ];
  return candidates.find((words) => words !== '') ?? '';
}

/** `url` with the token in its query, for providers that cannot set a header. */
export function withToken(url: string, token: string): string {
  return `${url}?token=${encodeURIComponent(token)}`;
}

/** A single address: ours, somebody else's, or none. */
export function addressed(url: string, isOurs: IsOurs): Pick<Hook, 'isSet' | 'at' | 'elsewhere'> {
  const isSet = url !== '' && isOurs(url);
  return { isSet, at: isSet ? url : undefined, elsewhere: url === '' || isSet ? [] : [url] };
}

export function missingFrom(wanted: readonly string[], found: readonly unknown[]): readonly string[] {
  return wanted.filter((each) => !found.includes(each));
}
