/** What an HTTP answer of a send API means where its body does not say otherwise: the same for every provider. */
import type { SendResult } from '../../domain/outbound.ts';
import type { CallAnswer } from '../provider-call.ts';

export type Answered = Extract<CallAnswer, { kind: 'answered' }>;

/** Tried again so long after there was no connection, and after a "not now" that says no time. Milliseconds. */
const AWAY_MS = 5_000;

/** `read` judges an answer; whether there was one at all is judged here. */
export function resultOf(answer: CallAnswer, read: (answered: Answered) => SendResult): SendResult {
  switch (answer.kind) {
    case 'not_sent':
      return { kind: 'later', reason: 'provider_unavailable', code: answer.code, afterMs: AWAY_MS, ofAccount: true };
    case 'unanswered':
      return { kind: 'unconfirmed', code: answer.code };
    case 'answered':
      return isElsewhere(answer) ? { kind: 'refused', reason: 'provider_refused', code: String(answer.status) } : read(answer);
  }
}

/** Sent on to another address, which is not followed: whoever answers so has taken nothing. Not 303, which is the answer to something done. */
function isElsewhere({ status }: Answered): boolean {
  return status === 301 || status === 302 || status === 307 || status === 308;
}

/**
 * By status alone. A 4xx says that the request was judged and refused; a 5xx may be a proxy's, and a success without an id is no answer that we know:
 * whatever stands behind them may have the message.
 */
export function byStatus({ status, retryAfterMs }: Answered, code = String(status)): SendResult {
  if (status === 429) return tooMany(code, retryAfterMs);
  if (status === 401 || status === 403) return { kind: 'refused', reason: 'credentials_refused', code };
  return status >= 400 && status < 500 ? { kind: 'refused', reason: 'provider_refused', code } : { kind: 'unconfirmed', code };
}

/**
 * An error of the provider's own whose code says nothing here. A 4xx was judged, and is refused whatever the code means; "something went wrong" of a server,
 * or an error beside a success, leaves open whether the message went out.
 */
export function byUnknownError(answered: Answered, code: string): SendResult {
  const { status } = answered;
  return status >= 400 && status < 500 && status !== 429 ? { kind: 'refused', reason: 'provider_refused', code } : byStatus(answered, code);
}

export function tooMany(code: string, afterMs: number | undefined): SendResult {
  return { kind: 'later', reason: 'rate_limited', code, afterMs: afterMs ?? AWAY_MS, ofAccount: true };
}

export function isSuccess({ status }: Answered): boolean {
  return status >= 200 && status < 300;
}
