import type { FirstMessage } from './contact.ts';
import type { Identifier } from './identifier.ts';
import type { LeadStart } from './lead-book.ts';
import type { MessageTouchpoint } from './touchpoint.ts';

/** A message on its way to a lead, now or when its click arrives. */
export interface Arrival {
  readonly first: FirstMessage;
  readonly identifier: Identifier | undefined;
  /** What a lead takes over from the message that starts it. */
  readonly person: Pick<LeadStart, 'channel' | 'platformUserId' | 'phone' | 'late'>;
  /** The message itself; undefined when only its code is remembered. */
  readonly message: MessageTouchpoint | undefined;
  /** True when the message may start a conversation. */
  readonly mayStart: boolean;
}
