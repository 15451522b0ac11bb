import type { Sender } from './inbound.ts';

/** Closed list of Message.internal_reason in proto/messtrack/v1/touchpoint.proto. */
export type OwnMessageReason = 'staff' | 'bot';

/** Why a message is nobody's lead: own people by any of their contact keys, programs by what the platform says. Undefined for everybody else. */
export function ownMessageReason(
  sender: Sender,
  contactKeys: readonly string[],
  ownPeople: ReadonlySet<string>,
): OwnMessageReason | undefined {
  if (contactKeys.some((key) => ownPeople.has(key))) return 'staff';
  return sender.isBot ? 'bot' : undefined;
}
