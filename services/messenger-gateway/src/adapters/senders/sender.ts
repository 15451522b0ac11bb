import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Identifier } from '../../domain/inbound.ts';
import type { OutboundMessage, SendResult } from '../../domain/outbound.ts';
import type { SendLimits } from '../../domain/pace.ts';
import type { ProviderCall } from '../provider-call.ts';

/** What differs between providers when a message is sent. A new one is a file beside this one and a line in senders.ts. */
export interface Sender<A extends Account = Account> {
  readonly provider: A['provider'];
  readonly limits: SendLimits;
  /** After its last message a person may be sent free text for so long; undefined where a conversation never closes. Milliseconds. */
  readonly windowMs: number | undefined;
  /** Longest text it takes, in UTF-16 code units; 0 where only templates are sent. */
  readonly maxTextLength: number;
  readonly hasTemplates: boolean;
  /** The people that a recipient may write back as, strongest first; undefined when it is no recipient of this provider. */
  identifiersOf(recipient: string): readonly Identifier[] | undefined;
  /** False: the account has no credentials for sending. */
  canSend(account: A): boolean;
  /** Never rejects for what a provider does: every answer is a result. */
  send(account: A, message: OutboundMessage, call: ProviderCall): Promise<SendResult>;
}
