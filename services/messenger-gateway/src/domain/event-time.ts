/** WhatsApp started in 2009, Telegram in 2013: an earlier time is no time (Telegram writes 0 where it withholds it). */
const EARLIEST_MS = Date.UTC(2009, 0, 1);
/** Messengers' clocks are right to the second; more than this ahead of ours is a mistake, ours or theirs. */
const MAX_AHEAD_MS = 10 * 60_000;

/** 1e11 s is the year 5138, 1e11 ms March 1973: no time of an event lies between. */
const FEWEST_MS = 1e11;

/**
 * The time of an event, from unix seconds or milliseconds as a number or a string of digits; its size tells which. Senders and proxies differ from what is documented (test deliveries
 * of Instagram write seconds, forwarded Cloud API webhooks milliseconds). Undefined when it is not readable as such.
 *
 * A time from before the messengers existed or from the future is replaced by the time of receipt: the message is real, only its time is not,
 * and a lead is not lost for a clock. A late one stays as it is, however late: platforms redeliver for days, and the same message
 * must get the same time at every delivery.
 */
export function readEventTime(value: unknown, observedAtMs: number): number | undefined {
  const written = typeof value === 'string' && /^\d{1,18}$/.test(value) ? Number(value) : value;
  if (typeof written !== 'number' || !Number.isFinite(written)) return undefined;
  const ms = Math.round(written >= FEWEST_MS ? written : written * 1000);
  return ms < EARLIEST_MS || ms > observedAtMs + MAX_AHEAD_MS ? observedAtMs : ms;
}
