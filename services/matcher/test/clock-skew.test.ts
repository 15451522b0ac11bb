import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClockWatch, emptyClockWatch, trueTimeMs, watchDelay, watchLag } from '../src/domain/clock-skew.ts';
import { DAY, HOUR, MINUTE, SECOND, T0 } from './support/log-builder.ts';

/** People's delays and webhooks' lags, in seconds: mostly short, one in five long. */
const DELAYS = [8, 20, 14, 600, 11, 40, 9, 30, 7_200, 25];
const LAGS = [1, 2, 0.4, 1, 3, 1, 900, 2, 1, 0.7];

/** The watch after so many coded messages of a provider whose clock is `aheadMs` ahead. */
function after(
  count: number,
  aheadMs: number,
  watch = emptyClockWatch(),
): { readonly watch: ClockWatch; readonly changes: readonly number[] } {
  const changes: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const clickedAtMs = T0 + index * MINUTE;
    const writtenAtMs = clickedAtMs + DELAYS[index % 10]! * SECOND;
    const receivedAtMs = writtenAtMs + LAGS[index % 10]! * SECOND;
    const hasLagged = watchLag(watch, writtenAtMs + aheadMs, receivedAtMs);
    const hasWaited = watchDelay(watch, clickedAtMs, writtenAtMs + aheadMs);
    if (hasLagged || hasWaited) changes.push(watch.offsetMs);
  }
  return { watch, changes };
}

describe('the clock of a provider', () => {
  it('is in order when messages come after their clicks and are received after they were written', () => {
    for (const aheadMs of [0, 4 * SECOND, -4 * SECOND]) expect(after(200, aheadMs)).toMatchObject({ watch: { offsetMs: 0 }, changes: [] });
  });

  it('is found an hour or a zone ahead or behind, once, after a dozen messages', () => {
    for (const aheadMs of [HOUR, -HOUR, 5.5 * HOUR, -3 * HOUR, 12 * HOUR]) {
      expect(after(12, aheadMs)).toMatchObject({ watch: { offsetMs: aheadMs }, changes: [aheadMs] });
      expect(after(300, aheadMs).changes).toEqual([aheadMs]);
    }
  });

  it('is found minutes off, to what the quick quarter of people and webhooks takes', () => {
    for (const aheadMs of [2 * MINUTE, 5 * MINUTE, -2 * MINUTE, -7 * MINUTE]) {
      const { offsetMs } = after(40, aheadMs).watch;
      expect(Math.sign(offsetMs)).toBe(Math.sign(aheadMs));
      expect(Math.abs(offsetMs - aheadMs)).toBeLessThan(20 * SECOND);
    }
  });

  it('is not suspected for single messages that cannot be', () => {
    const { watch } = after(40, 0);
    for (let index = 0; index < 3; index += 1) {
      expect(watchLag(watch, T0 + HOUR, T0)).toBe(false);
      expect(watchDelay(watch, T0 + HOUR, T0)).toBe(false);
      after(2, 0, watch);
    }
    expect(watch.offsetMs).toBe(0);
  });

  it('is not suspected when webhooks are late, nor when people take a day', () => {
    const watch = emptyClockWatch();
    for (let index = 0; index < 100; index += 1) {
      watchLag(watch, T0 + index, T0 + 3 * HOUR + index);
      watchDelay(watch, T0, T0 + DAY + index);
    }
    expect(watch.offsetMs).toBe(0);
  });

  it('is right again soon after it was set right', () => {
    for (const aheadMs of [HOUR, -HOUR]) {
      const { watch } = after(50, aheadMs);
      expect(watch.offsetMs).toBe(aheadMs);
      expect(after(15, 0, watch).changes.at(-1)).toBe(0);
    }
  });

  it('takes nothing for a clock that it has not seen often', () => {
    expect(after(7, HOUR).watch.offsetMs).toBe(0);
  });

  it('remembers a bounded number of messages, and is a number whatever they say', () => {
    const time = fc.integer({ min: -(2 ** 40), max: 2 ** 53 - 1 });
    fc.assert(
      fc.property(fc.array(fc.tuple(time, time, fc.boolean()), { maxLength: 60 }), time, time, (times, writtenAtMs, receivedAtMs) => {
        const watch = emptyClockWatch();
        for (const [a, b, isLag] of times) (isLag ? watchLag : watchDelay)(watch, a, b);
        expect(watch.lagsS.length).toBeLessThanOrEqual(15);
        expect(watch.delaysS.length).toBeLessThanOrEqual(15);
        expect(Number.isFinite(watch.offsetMs)).toBe(true);
        const trueMs = trueTimeMs(watch, writtenAtMs, receivedAtMs);
        expect(Number.isFinite(trueMs)).toBe(true);
        // Whatever is corrected was not written after it was received.
        if (trueMs !== writtenAtMs && receivedAtMs !== writtenAtMs) expect(trueMs).toBeLessThanOrEqual(receivedAtMs + 5 * SECOND);
      }),
      { numRuns: 500 },
    );
  });
});

describe('the time of a message', () => {
  it('is what the messenger says while that can be', () => {
    const watch = emptyClockWatch();
    for (const lagMs of [-5 * SECOND, 0, SECOND, 3 * DAY]) expect(trueTimeMs(watch, T0, T0 + lagMs)).toBe(T0);
  });

  it('is that of its receipt when it is later, before anything is known', () => {
    expect(trueTimeMs(emptyClockWatch(), T0 + HOUR, T0)).toBe(T0);
  });

  it('is corrected by what is known', () => {
    const ahead: ClockWatch = { lagsS: [], delaysS: [], offsetMs: HOUR };
    expect(trueTimeMs(ahead, T0 + HOUR, T0 + SECOND)).toBe(T0);
    const behind: ClockWatch = { lagsS: [], delaysS: [], offsetMs: -HOUR };
    expect(trueTimeMs(behind, T0 - HOUR, T0 + SECOND)).toBe(T0);
    expect(trueTimeMs(behind, T0 - HOUR, T0 - HOUR)).toBe(T0);
  });

  it('is not corrected where the receipt shows that the clock is right again', () => {
    const ahead: ClockWatch = { lagsS: [], delaysS: [], offsetMs: HOUR };
    expect(trueTimeMs(ahead, T0, T0 + SECOND)).toBe(T0);
    const behind: ClockWatch = { lagsS: [], delaysS: [], offsetMs: -HOUR };
    expect(trueTimeMs(behind, T0, T0 + SECOND)).toBe(T0);
  });
});
