import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import type { Reading } from '../domain/inbound.ts';

/** A request as it arrived: what a proof of origin may be over. */
export interface ReceivedRequest {
  /** Raw bytes. */
  readonly body: Buffer;
  /** Path and query as sent. */
  readonly url: string;
  /** Value of a request header by its lower-case name; undefined when absent or repeated. */
  readonly header: (name: string) => string | undefined;
}

export interface Verification {
  readonly status: 200 | 403 | 405;
  readonly text: string;
}

/** Value of a query parameter; undefined when absent or repeated. */
export type QueryReader = (name: string) => string | undefined;

/** What differs between messengers: how a webhook proves where it comes from, how it is read, and which account an element belongs to. */
export interface Provider {
  readonly name: Account['provider'];
  /** Over the raw bytes and in constant time, before anything is parsed; false for accounts of other providers. */
  isAuthentic(account: Account, request: ReceivedRequest): boolean;
  /** Accounts with the same key accept the same proofs. Present where one app may serve many accounts: it may post to an address that names none of them. */
  readonly proofKey?: (account: Account) => string | undefined;
  /** The body as a value, and undefined when it cannot be read: JSON unless given. */
  readonly parse?: (body: Buffer) => { readonly value: unknown } | undefined;
  read(body: unknown, account: Account, observedAtMs: number): readonly Reading[];
  /**
   * The account of an element that names a part of the addressed one, such as a connection of a bot; undefined leaves it to the id alone. Whoever
   * proved to be the addressed account speaks for its parts.
   */
  readonly route?: (receiver: string, workspace: Workspace, addressed: Account) => Account | undefined;
  /** Text of the 200 where the platform wants one of its own; given after everything is durable. "ok" and a newline unless given. */
  readonly answer?: (body: unknown, account: Account) => string;
  /** The body holds the secret that proves it: dead letters keep elements of it, never the whole. */
  readonly hasSecretInBody?: true;
  /** The provider asks the address by GET or HEAD before it takes it: 200 where the query brings the token, 401 where not. Only for proofs that need no body. */
  readonly isProbed?: true;
  /** Answers a GET that proves to the platform that the address is ours. Absent where the platform has none: GET is 405. */
  readonly verify?: (account: Account, query: QueryReader) => Verification;
}
