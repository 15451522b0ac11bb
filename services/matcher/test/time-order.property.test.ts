import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit, type ClickStore, emptyClicks, expire, slotOf } from '../src/domain/click-store.ts';
import { endUpTo, startFrom } from '../src/domain/time-order.ts';
import { click, HOUR, MINUTE, SECOND, T0 } from './support/log-builder.ts';

const KEEP_ALL = { beforeLeaving: () => undefined, lossOdds: () => 0.05 };

function timesOf(store: ClickStore, from: number, end: number): readonly number[] {
  const times: number[] = [];
  for (let number = from; number < end; number += 1) times.push(store.columns.clickedAtMs[slotOf(store, number)]!);
  return times;
}

/** A click a second; `lateS[n]`: by how much the n-th was spooled. */
function filled(lateS: readonly number[]): ClickStore {
  const store = emptyClicks();
  lateS.forEach((late, index) => {
    const at = T0 + (index - late) * SECOND;
    admit(store, click({ id: `c${index}`, code: `K${index}`, at }).click, T0 + index * SECOND, true);
  });
  return store;
}

describe('the order of clicks by time', () => {
  it('passes over no click of the time that is asked for, however late some have come', () => {
    const late = fc.oneof({ weight: 8, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 90 }), fc.constant(Number.NaN));
    fc.assert(
      fc.property(
        fc.array(late, { maxLength: 80 }),
        fc.integer({ min: -90, max: 90 }),
        fc.integer({ min: 0, max: 30 }),
        (lateS, fromS, forS) => {
          const store = filled(lateS);
          const [fromMs, toMs] = [T0 + fromS * SECOND, T0 + (fromS + forS) * SECOND];
          const within = (atMs: number) => !(atMs < fromMs || atMs > toMs);
          const all = timesOf(store, store.first, store.next).filter(within);
          expect(timesOf(store, startFrom(store, fromMs), endUpTo(store, toMs)).filter(within)).toEqual(all);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('looks at none beside them where clicks come in order', () => {
    const store = filled(new Array<number>(500).fill(0));
    expect([startFrom(store, T0 + 100 * SECOND), endUpTo(store, T0 + 160 * SECOND)]).toEqual([100, 161]);
    expect([startFrom(store, T0 - MINUTE), endUpTo(store, T0 + HOUR)]).toEqual([0, 500]);
  });

  it('forgets after a round of the ring without it that one has come late', () => {
    const store = emptyClicks();
    for (let index = 0; index < 3_000; index += 1) {
      const at = T0 + index * 5 * MINUTE;
      const eventMs = index === 900 ? at - 48 * HOUR : at;
      admit(store, click({ id: `c${index}`, code: `K${index}`, at: eventMs }).click, at, true);
      expire(store, at, KEEP_ALL);
      if (index === 900) expect(store.order.lateMs).toBe(48 * HOUR - 5 * MINUTE);
    }
    expect(store.order.lateMs).toBe(0);
  });
});
