import type { Found, Refusal } from './placement.ts';
import type { SendbackBody } from './sendback.ts';

/** Why this placement writes to nobody, or not to this person; undefined when it does. */
export function refuseSendback({ workspace, account, placement }: Found, { phone }: SendbackBody): Refusal | undefined {
  if (account.channel !== 'whatsapp' || phone === undefined)
    return {
      kind: 'refused',
      status: 422,
      error: 'cannot_write_first',
      message: 'the messenger lets nobody write first to a person who has not written; open the chat by the link instead',
      link: `/t/${workspace.name}/${placement.name}`,
    };
  if (placement.sendback === undefined)
    return { kind: 'refused', status: 404, error: 'no_sendback', message: `the placement "${placement.name}" writes to nobody first` };
  return undefined;
}

export const SENDING_NOT_SET_UP: Refusal = {
  kind: 'refused',
  status: 502,
  error: 'sending_not_available',
  message: 'messages cannot be sent from here now',
};

/**
 * What the visitor is told. Reasons that are about the business alone (a token, a template) are one answer: they are in the metrics and the log, and
 * none of the visitor's business.
 */
export function sendbackRefusal(reason: string, retryAfterMs: number): Refusal {
  const retryAfterSeconds = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  switch (reason) {
    case 'recipient_unknown':
      return { kind: 'refused', status: 422, error: 'recipient_unknown', message: 'nobody uses this messenger under this number' };
    case 'not_opted_in':
      return { kind: 'refused', status: 422, error: 'not_opted_in', message: 'the person does not want to be written to by this account' };
    case 'rate_limited':
      return {
        kind: 'refused',
        status: 429,
        error: 'too_many_messages',
        message: 'the messenger takes no more messages now',
        retryAfterSeconds,
      };
    case 'provider_unavailable':
    case 'unreachable':
      return {
        kind: 'refused',
        status: 503,
        error: 'try_again',
        message: 'the message could not be sent now; send the form again',
        retryAfterSeconds,
      };
    default:
      return SENDING_NOT_SET_UP;
  }
}
