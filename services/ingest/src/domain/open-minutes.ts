import type { PoolMember } from '@messtrack/workspace/workspace.ts';
import { wallClock } from './wall-clock.ts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;
const WEEK_MINUTES = 7 * DAY_MINUTES;

/**
 * Opening hours for whoever knows no time zones: where somebody begins and where somebody ceases to be there, in turn and rising, in minutes of a week that begins
 * as the Unix epoch did (Thursday, 00:00 UTC). Open at a minute is who has an odd number of them at or before it.
 *
 * Right as long as the zone's offset is what it is at `atMs`.
 */
export function openMinutes({ timeZone, spans }: NonNullable<PoolMember['hours']>, atMs: number): readonly number[] {
  const { day, minute } = wallClock(timeZone, atMs);
  const ahead = (Math.floor(atMs / MINUTE_MS) % WEEK_MINUTES) - (day * DAY_MINUTES + minute);
  const parts = spans
    .flatMap(({ day: on, fromMinute, toMinute }) => {
      const from = modulo(on * DAY_MINUTES + fromMinute + ahead);
      const to = from + toMinute - fromMinute;
      return to <= WEEK_MINUTES ? [[from, to] as const] : [[from, WEEK_MINUTES] as const, [0, to - WEEK_MINUTES] as const];
    })
    .sort(([one], [other]) => one - other);
  const merged: [number, number][] = [];
  for (const [from, to] of parts) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1]) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged.flat();
}

function modulo(minutes: number): number {
  return ((minutes % WEEK_MINUTES) + WEEK_MINUTES) % WEEK_MINUTES;
}
