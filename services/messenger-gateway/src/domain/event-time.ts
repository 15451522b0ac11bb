/** WhatsApp started in 2009, Telegram in 2013: an earlier time is no time (Telegram writes 0 where it withholds it). */
const EARLIEST_MS = Date.UTC(2009, 0, 1);
/** Messengers' clocks are right to the second; more than this ahead of ours is a mistake, ours or theirs. */
const MAX_AHEAD_MS = 10 * 60_000;

/**
 * The time of an event, from unix seconds as a number or a string of digits. Undefined when it is not readable as such.
 *
 * A time from before the messengers existed or from the future is replaced by the time of receipt: the message is real, only its time is not,
 * and a lead is not lost for a clock. A late one stays as it is, however late: platforms redeliver for days, and the same message
 * must get the same time at every delivery.
 */
export function readEventTime(value: unknown, observedAtMs: number): number | undefined {
  const seconds = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return undefined;
  const ms = Math.round(seconds * 1000);
  return ms < EARLIEST_MS || ms > observedAtMs + MAX_AHEAD_MS ? observedAtMs : ms;
}
