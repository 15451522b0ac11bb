import { describe, expect, it } from 'vitest';
import { admit, type ClickStore, emptyClicks, release, SHARED, slotOf, take } from '../src/domain/click-store.ts';
import { foldLog, newest } from './support/fold-harness.ts';
import { click, HOUR, log, MINUTE, message, T0 } from './support/log-builder.ts';

/** A visitor's clicks, ten minutes apart, of which these were written after by so many contacts, each with the code of the click. */
function clicksOf(clicks: number, writers: ReadonlyMap<number, string>): ClickStore {
  const store = emptyClicks();
  for (let number = 0; number < clicks; number += 1) {
    const at = T0 + number * 10 * MINUTE;
    admit(store, click({ id: `c${number}`, code: `CODE${number}`, at, visitorId: 'tablet' }).click, at, true);
    const contact = writers.get(number);
    if (contact === undefined) continue;
    store.claims.set(number, { contact, leadId: `l${number}` });
    take(store, number, at + MINUTE);
  }
  return store;
}

const isFree = (store: ClickStore, number: number) => Number.isNaN(store.columns.takenAtMs[slotOf(store, number)]!);

describe('the clicks of a visitor whose codes', () => {
  it('two contacts bring are one person’s still: who has written is known', () => {
    const store = clicksOf(
      7,
      new Map([
        [1, 'ann'],
        [3, 'ann'],
        [5, 'bob'],
      ]),
    );
    for (let number = 0; number < 7; number += 1) expect(isFree(store, number)).toBe(false);
    expect(store.columns.run[slotOf(store, 6)]).toBe(7);
  });

  it('three contacts bring stand each for itself, and so do those that follow', () => {
    const store = clicksOf(
      8,
      new Map([
        [1, 'ann'],
        [3, 'bob'],
        [5, 'cem'],
        [7, 'dee'],
      ]),
    );
    expect([0, 1, 2, 3, 4, 5, 6, 7].map((number) => isFree(store, number))).toEqual([true, false, true, false, true, false, true, false]);
    const { flags, run, supersededAtMs } = store.columns;
    for (let number = 0; number < 8; number += 1) {
      const slot = slotOf(store, number);
      expect(flags[slot]! & SHARED).toBe(SHARED);
      expect(run[slot]).toBe(1);
      expect(supersededAtMs[slot]).toBe(Number.POSITIVE_INFINITY);
      // Seen at a glance as free as any other's.
      if (isFree(store, number)) expect(store.columns.standing[slot]).toBe(1);
    }
    release(store, 7);
    expect(isFree(store, 7)).toBe(true);
    expect(isFree(store, 5)).toBe(false);
  });

  it('many bring are found by who writes without a code', async () => {
    const written = Array.from({ length: 30 }, (_, number) => {
      const at = T0 + number * HOUR;
      return [
        click({ id: `c${number}`, code: `CODE${number}`, at, visitorId: 'site', greetingVariant: number % 7 }),
        message({
          id: `m${number}`,
          from: `p${number}`,
          at: at + MINUTE,
          codes: [`CODE${number}`],
          wording: 'greeting',
          greetingVariant: number % 7,
        }),
      ];
    }).flat();
    const at = T0 + 31 * HOUR;
    const { leads } = await foldLog(
      log(
        ...written,
        click({ id: 'last', code: 'LAST', at, visitorId: 'site', greetingVariant: 3 }),
        message({ id: 'plain', from: 'eve', at: at + MINUTE, wording: 'greeting', greetingVariant: 3 }),
      ),
    );
    expect(newest(leads).find(({ contact }) => contact === 'eve')).toMatchObject({ clickId: 'last', resolvedTo: 'click' });
  });
});
