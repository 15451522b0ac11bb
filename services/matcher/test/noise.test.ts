import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { burstFactor, emptyRecent, forget, forgetBefore, type Recent, remember, rememberIdentified } from '../src/domain/burst.ts';
import { admit, emptyClicks, profileAt, REACH_MS, slotOf } from '../src/domain/click-store.ts';
import {
  bucketMiddleMs,
  bucketOf,
  type Cohort,
  cohortOf,
  countClick,
  countResponse,
  emptySurges,
  expireSurges,
  promiseLeft,
  type Surges,
} from '../src/domain/surge.ts';
import { foldLog } from './support/fold-harness.ts';
import { click, HOUR, log, MINUTE, message, SECOND, source, T0 } from './support/log-builder.ts';

const RUNS = { numRuns: 300 };

describe('what is left of a cohort’s promise', () => {
  const cohort = (responses: number): Cohort => ({ clicks: 1_000, responses });

  it('is all of it while too little is due to tell, or when as many wrote as promised', () => {
    for (const due of [0, 1, 1.999]) expect(promiseLeft(cohort(0), due)).toBe(1);
    for (const due of [5, 50, 500, 5_000]) expect(promiseLeft(cohort(due), due)).toBeGreaterThan(0.99);
  });

  it('is next to nothing when nobody writes after a flood', () => {
    expect(promiseLeft(cohort(0), 1_000)).toBeLessThan(1 / 64);
    expect(promiseLeft(cohort(0), 1e6)).toBeCloseTo(1 / 512, 6);
    expect(promiseLeft(cohort(0), 1e9)).toBeCloseTo(1 / 512, 9);
  });

  it('stays between its levels, falls with what is due, rises with who wrote, and is a number however many there are', () => {
    const many = fc.double({ min: 0, max: 1e7, noNaN: true });
    fc.assert(
      fc.property(fc.nat(1_000_000), many, many, (responses, a, b) => {
        const [less, more] = a < b ? [a, b] : [b, a];
        const left = promiseLeft(cohort(responses), more);
        expect(left).toBeGreaterThanOrEqual(1 / 512 - 1e-12);
        expect(left).toBeLessThanOrEqual(1);
        expect(left).toBeLessThanOrEqual(promiseLeft(cohort(responses), less) + 1e-9);
        expect(promiseLeft(cohort(responses + 1), more)).toBeGreaterThanOrEqual(left - 1e-9);
      }),
      RUNS,
    );
  });
});

describe('floods of clicks', () => {
  const flooding = source({ placement: 'site', utmCampaign: 'flood' });

  function after(clicks: number, startMs: number, claimed: readonly number[] = []) {
    const store = emptyClicks();
    const surges = emptySurges();
    for (let index = 0; index < clicks; index += 1) {
      admit(store, click({ id: `c${index}`, code: `k${index}`, at: startMs + index * SECOND, source: flooding }).click, startMs, true);
      if (claimed.includes(index)) store.claims.set(index, { contact: 'ann', leadId: 'l' });
      countClick(surges, store, index);
    }
    return { store, surges, cohort: cohortIn(surges, store, startMs) };
  }

  const start = bucketOf(T0) * 10 * MINUTE;

  it('are followed from twenty clicks in ten minutes on, with all of them and who has written already', () => {
    expect(after(19, start).cohort).toBeUndefined();
    expect(after(20, start).cohort).toEqual({ clicks: 20, responses: 0 });
    expect(after(200, start, [3, 7]).cohort).toEqual({ clicks: 200, responses: 2 });
  });

  it('are told apart by campaign, device, network and country', () => {
    const store = emptyClicks();
    const surges = emptySurges();
    const kinds = [{}, { country: 'DE' }, { device: 'android' }, { network: 'vpn' }, { source: source({ utmCampaign: 'other' }) }] as const;
    for (let index = 0; index < 50; index += 1) {
      admit(
        store,
        click({ id: `c${index}`, code: `k${index}`, at: start + index, source: flooding, ...kinds[index % 5] }).click,
        start,
        true,
      );
      countClick(surges, store, index);
    }
    expect([...surges.tracked.get(bucketOf(start))!.values()]).toEqual(new Array(5).fill({ clicks: 10, responses: 0 }));
  });

  it('count who writes, in their own ten minutes, and are forgotten after three days', () => {
    const { store, surges, cohort } = after(30, start);
    const profile = profileAt(store, slotOf(store, 0));
    countResponse(surges, start + MINUTE, profile);
    countResponse(surges, start + 11 * MINUTE, profile);
    expect(cohort).toEqual({ clicks: 30, responses: 1 });
    expireSurges(surges, start + REACH_MS);
    expect(surges.tracked.size).toBe(1);
    expireSurges(surges, start + REACH_MS + 10 * MINUTE);
    expect(surges.tracked.size).toBe(0);
  });

  it('do not begin in the past', () => {
    const { store, surges } = after(30, start);
    for (let index = 30; index < 60; index += 1) {
      admit(store, click({ id: `c${index}`, code: `k${index}`, at: start - HOUR, source: flooding }).click, start + HOUR, true);
      countClick(surges, store, index);
    }
    expect([...surges.tracked.keys()]).toEqual([bucketOf(start)]);
    expect(bucketOf(bucketMiddleMs(bucketOf(start)))).toBe(bucketOf(start));
  });

  function cohortIn(surges: Surges, store: ReturnType<typeof emptyClicks>, atMs: number) {
    return cohortOf(surges, bucketOf(atMs), profileAt(store, slotOf(store, 0)));
  }
});

describe('bursts of messages that no click caused', () => {
  const perHour = (rate: number) => rate / 3_600;
  const usually = (organicPerS: number, codeless = 0) => ({ organicPerS, lossOdds: 0.05, promised: () => Number.NaN, codeless });
  const start = Math.floor(T0 / MINUTE) * MINUTE;

  function around(count: number, atMs: number, identified = 0): Recent {
    const recent = emptyRecent();
    for (let index = 0; index < count; index += 1) remember(recent, { leadId: `l${index}`, timeMs: atMs + index });
    for (let index = 0; index < identified; index += 1) rememberIdentified(recent, atMs);
    return recent;
  }

  it('are none where clicks that carried no code explain them', () => {
    const found = (codeless: number) => burstFactor(around(30, start), 'ann', start, start + HOUR, usually(perHour(1), codeless));
    expect(found(0)).toBeGreaterThan(30);
    expect(found(30)).toBe(1);
  });

  it('are none where nearly all codes are lost and clicks promise as many messages, though none came with its code', () => {
    const found = (count: number, promised: number, identified = 0) =>
      burstFactor(around(count, start, identified), 'ann', start, start + HOUR, {
        ...usually(perHour(1)),
        lossOdds: 19,
        promised: () => promised,
      });
    expect(found(6, 0)).toBeGreaterThan(2);
    expect(found(6, 0.3)).toBe(1);
    // A newsletter is seen all the same, and one message with its code by chance does not hide it.
    expect(found(60, 0.3)).toBeGreaterThan(10);
    expect(found(60, 0.3, 1)).toBeGreaterThan(10);
    // As many as twenty with their code say that far more clicks are written after than was promised.
    expect(found(60, 0.6, 20)).toBe(1);
  });

  it('are none where there is no more than usual', () => {
    expect(burstFactor(emptyRecent(), 'ann', start, start, usually(perHour(1)))).toBe(1);
    expect(burstFactor(around(1, start), 'ann', start, start, usually(perHour(1)))).toBe(1);
    expect(burstFactor(around(60, start), 'ann', start, start + HOUR, usually(perHour(180)))).toBe(1);
  });

  it('multiply the rate by at most 64', () => {
    expect(burstFactor(around(1_000, start), 'ann', start, start, usually(perHour(1)))).toBeCloseTo(64, 6);
    expect(burstFactor(around(100_000, start), 'ann', start, start, usually(perHour(1)))).toBeCloseTo(64, 6);
    expect(burstFactor(around(100_000, start), 'ann', start, start, usually(1e-300))).toBeCloseTo(64, 6);
  });

  it('are seen in what came within ten minutes, not in the message itself nor in what a click explains', () => {
    const usual = burstFactor(around(5, start), 'ann', start, start, usually(perHour(1)));
    expect(usual).toBeGreaterThan(2);
    expect(burstFactor(around(5, start), 'l0', start, start, usually(perHour(1)))).toBeLessThan(usual);
    expect(burstFactor(around(5, start - 11 * MINUTE), 'ann', start, start, usually(perHour(1)))).toBe(1);
    expect(burstFactor(around(5, start - 10 * MINUTE), 'ann', start, start, usually(perHour(1)))).toBe(usual);
    expect(burstFactor(around(5, start + 10 * MINUTE), 'ann', start, start + 20 * MINUTE, usually(perHour(1)))).toBeGreaterThan(2);
    expect(burstFactor(around(5, start, 100), 'ann', start, start, usually(perHour(1)))).toBe(1);
  });

  it('are never less than the usual rate, and the same whatever came and went in between', () => {
    const message = fc.record({
      leadId: fc.constantFrom('ann', 'bob', 'eve', 'dan'),
      timeMs: fc.integer({ min: T0 - HOUR, max: T0 + HOUR }),
    });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(message, fc.constantFrom('put', 'drop', 'expire')), { maxLength: 60 }),
        fc.integer({ min: T0 - HOUR, max: T0 + HOUR }),
        fc.double({ min: 1e-12, max: 10, noNaN: true }),
        (steps, nowMs, ratePerS) => {
          const recent = emptyRecent();
          for (const [each, what] of steps) {
            if (what === 'put') remember(recent, each);
            if (what === 'drop') forget(recent, each.leadId);
            if (what === 'expire') forgetBefore(recent, each.timeMs);
          }
          const again = emptyRecent();
          for (const each of recent.byLead.values()) remember(again, each);
          expect(new Map([...recent.minutes].sort())).toEqual(new Map([...again.minutes].sort()));
          const factor = burstFactor(recent, 'ann', T0, nowMs, usually(ratePerS));
          expect(factor).toBeGreaterThanOrEqual(1);
          expect(factor).toBeLessThanOrEqual(64);
        },
      ),
      RUNS,
    );
  });
});

describe('a click that names the code of another live click', () => {
  it('is told apart, and the code stays with the first', async () => {
    const { outcomes, leads } = await foldLog(
      log(
        click({ id: 'c1', code: 'AAAA', at: T0 }),
        click({ id: 'c2', code: 'AAAA', at: T0 + SECOND }),
        click({ id: 'c1', code: 'AAAA', at: T0 }),
        click({ id: 'c3', code: '', at: T0 + 2 * SECOND }),
        click({ id: 'c4', code: '', at: T0 + 3 * SECOND }),
        message({ id: 'm1', from: 'ann', at: T0 + MINUTE, codes: ['AAAA'] }),
      ),
    );
    expect(outcomes).toEqual(['registered', 'code_taken', 'duplicate', 'registered', 'registered', 'started']);
    expect(leads[0]).toMatchObject({ method: 'exact_id', clickId: 'c1' });
  });
});
