import { readEventTime } from '../domain/event-time.ts';

/** Milliseconds as numbers or digits; test deliveries of Instagram write seconds. */
export function readMetaTime(value: unknown, observedAtMs: number): number | undefined {
  const written = typeof value === 'string' && /^\d{1,16}$/.test(value) ? Number(value) : value;
  if (typeof written !== 'number') return undefined;
  // 1e11 ms is March 1973, 1e11 s the year 5138: nothing lies between.
  return readEventTime(written >= 1e11 ? written / 1000 : written, observedAtMs);
}
