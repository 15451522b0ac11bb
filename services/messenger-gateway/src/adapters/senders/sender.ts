import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import type { Identifier } from '../../domain/inbound.ts';
import type { OutboundMessage, SendResult } from '../../domain/outbound.ts';
import type { SendLimits } from '../../domain/pace.ts';
import type { ProviderCall } from '../provider-call.ts';

/** What a provider lets an account send. */
export interface SendRules {
  readonly limits: SendLimits;
  /** After its last message a person may be sent free text for so long; undefined where a conversation never closes. Milliseconds. */
  readonly windowMs: number | undefined;
  /**
   * Nobody but us keeps the account from writing to strangers: a text, too, goes only to people who agreed or have written before. False where the window
   * does (`windowMs`), or the messenger itself.
   */
  readonly needsConsent: boolean;
  /** Longest text it takes, in UTF-16 code units. */
  readonly maxTextLength: number;
  /** Longest text in bytes of UTF-8, where the provider counts those; undefined elsewhere. */
  readonly maxTextBytes?: number | undefined;
  readonly hasTemplates: boolean;
}

/** What differs between providers when a message is sent. A new one is a file beside this one and a line in senders.ts. */
export interface Sender<A extends Account = Account> {
  readonly provider: A['provider'];
  rulesOf(account: A): SendRules;
  /** The people that a recipient may write back as, strongest first; undefined when it is no recipient of this account. */
  identifiersOf(recipient: string, account: A): readonly Identifier[] | undefined;
  /** False: the account has no credentials for sending. `workspace` holds the accounts whose credentials it may borrow. */
  canSend(account: A, workspace: Workspace): boolean;
  /** Never rejects for what a provider does: every answer is a result. */
  send(account: A, message: OutboundMessage, call: ProviderCall, workspace: Workspace): Promise<SendResult>;
}

/** What a sender answers for an account that `canSend` is false for: the file may have changed between the question and the call. */
export const NOT_CONFIGURED: SendResult = { kind: 'refused', reason: 'not_configured', code: '' };
export const UNSUPPORTED: SendResult = { kind: 'refused', reason: 'unsupported', code: '' };
