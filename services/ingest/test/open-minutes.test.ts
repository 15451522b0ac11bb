import type { OpeningHours } from '@messtrack/workspace/opening-hours.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseAccount } from '../src/domain/account-choice.ts';
import { openMinutes } from '../src/domain/open-minutes.ts';
import { wallClock } from '../src/domain/wall-clock.ts';

const MINUTE = 60_000;
const WEEK_MINUTES = 10_080;
const ZONES = ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Kiritimati', 'Pacific/Niue', 'Australia/Lord_Howe'];

/** As a page reads them. */
const isOpenThere = (open: readonly number[], atMs: number): boolean =>
  open.filter((at) => at <= (atMs / MINUTE) % WEEK_MINUTES).length % 2 === 1;
/** As the redirect decides: the first of two by a draw of 0, if it is open. */
const isOpenHere = (hours: OpeningHours, atMs: number): boolean =>
  chooseAccount(
    [
      { account: 'one', weight: 1, hours, isPaused: false },
      { account: 'always', weight: 1, hours: undefined, isPaused: false },
    ],
    () => true,
    atMs,
    0,
  ) === 'one';
/** Minutes that the zone is ahead of UTC, as far as a week can tell. */
const ahead = (timeZone: string, atMs: number): number => {
  const { day, minute } = wallClock(timeZone, atMs);
  return (day * 1_440 + minute - Math.floor(atMs / MINUTE) + WEEK_MINUTES * 10_000) % WEEK_MINUTES;
};

const span = fc
  .record({ day: fc.integer({ min: 0, max: 6 }), from: fc.integer({ min: 0, max: 1_439 }), length: fc.integer({ min: 1, max: 1_440 }) })
  .map(({ day, from, length }) => ({ day, fromMinute: from, toMinute: Math.min(1_440, from + length) }));
const instant = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2029, 11, 31) });

describe('opening hours as minutes of a week', () => {
  it('say of every moment what the clock on the wall says, in any zone, while its offset stays', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ZONES),
        fc.array(span, { minLength: 1, maxLength: 8 }),
        instant,
        fc.integer({ min: -WEEK_MINUTES, max: WEEK_MINUTES }),
        (timeZone, spans, atMs, minutes) => {
          const then = atMs + minutes * MINUTE;
          fc.pre(ahead(timeZone, then) === ahead(timeZone, atMs));
          const hours = { timeZone, spans };
          const open = openMinutes(hours, atMs);
          expect(isOpenThere(open, then)).toBe(isOpenHere(hours, then));
          expect(open).toEqual([...new Set(open)].sort((one, other) => one - other));
          expect(open.every((at) => at >= 0 && at <= WEEK_MINUTES)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('follow the change to summer time as soon as the script is made anew', () => {
    const hours = { timeZone: 'Europe/Berlin', spans: [{ day: 6, fromMinute: 540, toMinute: 600 }] };
    // 29 March 2026 is a Sunday: 09:00 is 07:00 UTC after the change at 01:00 UTC, and was 08:00 UTC a week before.
    const [winter, summer] = [Date.UTC(2026, 2, 22, 8, 30), Date.UTC(2026, 2, 29, 7, 30)];
    expect(openMinutes(hours, winter)).toEqual([3 * 1_440 + 480, 3 * 1_440 + 540]);
    expect(openMinutes(hours, summer)).toEqual([3 * 1_440 + 420, 3 * 1_440 + 480]);
    for (const at of [winter, summer]) expect([isOpenThere(openMinutes(hours, at), at), isOpenHere(hours, at)]).toEqual([true, true]);
  });

  it('of a whole week are one stretch, also where it begins on another day there', () => {
    const spans = [0, 1, 2, 3, 4, 5, 6].map((day) => ({ day, fromMinute: 0, toMinute: 1_440 }));
    for (const timeZone of ZONES) expect(openMinutes({ timeZone, spans }, Date.UTC(2026, 6, 1)), timeZone).toEqual([0, WEEK_MINUTES]);
  });
});
