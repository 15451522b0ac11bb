import { describe, expect, it } from 'vitest';
import { deletionClock } from '../src/deletion-clock.ts';

const T0 = 1_790_000_000_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function world() {
  let [wallMs, steadyMs] = [T0, 5_000];
  const now = deletionClock({ wall: () => wallMs, steady: () => steadyMs });
  return {
    /** How far it is from the time at the beginning. */
    since: () => now() - T0,
    pass(ms: number) {
      wallMs += ms;
      steadyMs += ms;
    },
    set(byMs: number) {
      wallMs += byMs;
    },
  };
}

describe('the clock by which data is deleted', () => {
  it('goes as the clock on the wall does, also when that is kept right by little', () => {
    const each = world();
    each.pass(MINUTE_MS);
    each.set(800);
    expect(each.since()).toBe(MINUTE_MS + 800);
  });

  it('does not follow a clock that is a year ahead for an hour', () => {
    const each = world();
    each.set(365 * DAY_MS);
    for (let minute = 0; minute < 60; minute++) {
      expect(each.since()).toBe(minute * MINUTE_MS);
      each.pass(MINUTE_MS);
    }
    each.set(-365 * DAY_MS);
    expect(each.since()).toBe(60 * MINUTE_MS);
  });

  it('follows one that has stood ahead for a day: it is right, and the time before was not', () => {
    const each = world();
    each.set(365 * DAY_MS);
    expect(each.since()).toBe(0);
    each.pass(DAY_MS);
    expect(each.since()).toBe(366 * DAY_MS);
    each.pass(MINUTE_MS);
    expect(each.since()).toBe(366 * DAY_MS + MINUTE_MS);
  });

  it('counts the day from the last time that the clock was right', () => {
    const each = world();
    each.set(DAY_MS);
    each.since();
    each.pass(DAY_MS / 2);
    each.set(-DAY_MS);
    each.since();
    each.set(DAY_MS);
    each.since();
    each.pass(DAY_MS - MINUTE_MS);
    expect(each.since()).toBe(1.5 * DAY_MS - MINUTE_MS);
  });

  it('goes back with the clock at once', () => {
    const each = world();
    each.set(-DAY_MS);
    expect(each.since()).toBe(-DAY_MS);
    each.pass(MINUTE_MS);
    expect(each.since()).toBe(MINUTE_MS - DAY_MS);
  });
});
