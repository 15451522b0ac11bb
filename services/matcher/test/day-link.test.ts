import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeStatistics, encodeStatistics } from '../src/adapters/statistics-codec.ts';
import { sumStatistics } from '../src/domain/matching.ts';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { emptyAccountStatistics } from '../src/domain/model/account-statistics.ts';
import { addDayPairs, daysOf, linkedDay, noDayPairs } from '../src/domain/model/day-link.ts';
import { FLAT_DAY, spreads, WAVES } from '../src/domain/model/day-shape.ts';
import { fit } from '../src/domain/model/fit.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics } from '../src/domain/model/platform-statistics.ts';
import { accountWith, PRIORS } from './support/asked-account.ts';
import { concludedAt } from './support/concluded-answers.ts';
import { DAY, T0 } from './support/log-builder.ts';
import { SINCE_DAY_PAIRS } from './support/model-bytes.ts';

const busyAt = (peak: number, height: number) => FLAT_DAY.map((_, hour) => 1 + height * Math.cos(((hour - peak) * Math.PI) / 12));
const times = (shape: Float64Array, factor: number) => shape.map((each) => each * factor);

/** Accounts busy at every hour of the day, with as many leads and messages of no click an hour; `moved` hours later those, and so high. */
function platform(leads: number, others: number, moved: number, height: number) {
  const pairs = noDayPairs();
  for (let noon = 0; noon < 24; noon += 1) addDayPairs(pairs, times(busyAt(noon, 0.6), leads), times(busyAt(noon + moved, height), others));
  return pairs;
}

/** Half of the one, half of the other. */
function mixed(one: Float64Array, other: Float64Array): Float64Array {
  return one.map((each, hour) => (each + other[hour]!) / 2);
}

function distance(a: Float64Array, b: Float64Array): number {
  return Math.max(...a.map((each, hour) => Math.abs(each - b[hour]!)));
}

describe('how the hours of messages of no click follow from those of leads', () => {
  it('is not known without accounts: they are expected when leads come', () => {
    const { link, leads, others, apart } = daysOf(noDayPairs());
    const noon = busyAt(12, 0.7);
    expect(distance(linkedDay(link, noon), noon)).toBeLessThan(1e-12);
    expect(distance(leads, spreads(0.5))).toBeLessThan(1e-12);
    expect(distance(others, spreads(0.2))).toBeLessThan(1e-12);
    expect(apart).toBe(0.2);
  });

  it('is told by accounts that have other hours each: two hours earlier, and deeper', () => {
    const days = daysOf(platform(500, 50, -2, 0.9));
    expect(distance(linkedDay(days.link, busyAt(14, 0.6)), busyAt(12, 0.9))).toBeLessThan(0.05);
    // So many accounts have shown it that an account apart from all of them is not expected,
    expect(days.apart).toBeLessThan(0.02);
    // nor one a little beside what follows from its leads.
    expect(days.others[0]).toBeLessThan(0.06);
    expect(days.leads[0]).toBeCloseTo(0.6 / Math.SQRT2, 1);
    expect(days.leads[WAVES - 1]).toBeLessThan(0.02);
  });

  it('is nothing where messages of no click come at all hours alike', () => {
    const { link } = daysOf(platform(500, 50, 0, 0));
    expect(distance(linkedDay(link, busyAt(14, 0.6)), FLAT_DAY)).toBeLessThan(0.05);
  });

  it('is the day that accounts have in common where leads say nothing of it, as far as it is more than chance', () => {
    const pairs = noDayPairs();
    for (let noon = 0; noon < 24; noon += 1) addDayPairs(pairs, times(busyAt(noon, 0.6), 500), times(busyAt(9, 0.6), 50));
    const days = daysOf(pairs);
    for (const leads of [busyAt(14, 0.6), FLAT_DAY]) expect(distance(linkedDay(days.link, leads), busyAt(9, 0.6))).toBeLessThan(0.08);
    expect(days.others[0]).toBeLessThan(0.1);
    const one = noDayPairs();
    addDayPairs(one, times(busyAt(14, 0.6), 500), times(busyAt(9, 0.3), 1));
    expect(distance(linkedDay(daysOf(one).link, FLAT_DAY), FLAT_DAY)).toBeLessThan(1e-9);
  });

  it('is a line through both where leads of all accounts are busy at much the same hours', () => {
    const pairs = noDayPairs();
    for (let round = 0; round < 200; round += 1) {
      for (let noon = 9; noon <= 19; noon += 1)
        addDayPairs(pairs, times(busyAt(noon, 0.6), 5_000), times(mixed(busyAt(noon - 3, 0.6), busyAt(20, 0.6)), 500));
    }
    const { link } = daysOf(pairs);
    for (const noon of [9, 14, 19])
      expect(distance(linkedDay(link, busyAt(noon, 0.6)), mixed(busyAt(noon - 3, 0.6), busyAt(20, 0.6)))).toBeLessThan(0.01);
  });

  it('leaves room for accounts whose hours follow from nothing', () => {
    const pairs = noDayPairs();
    for (let noon = 0; noon < 24; noon += 1) addDayPairs(pairs, times(busyAt(noon, 0.6), 500), times(busyAt(noon * 5, 0.6), 50));
    const days = daysOf(pairs);
    expect(distance(linkedDay(days.link, busyAt(14, 0.6)), FLAT_DAY)).toBeLessThan(0.1);
    expect(days.others[0]).toBeGreaterThan(0.4);
  });

  it('moves a second wave with the first before there is evidence of its own', () => {
    const pairs = noDayPairs();
    for (let noon = 0; noon < 24; noon += 1) addDayPairs(pairs, times(busyAt(noon, 0.6), 500), times(busyAt(noon - 3, 0.6), 50));
    const two = FLAT_DAY.map((_, hour) => 1 + 0.4 * Math.cos(((hour - 14) * Math.PI) / 6));
    expect(
      distance(
        linkedDay(daysOf(pairs).link, two),
        FLAT_DAY.map((_, hour) => 1 + 0.4 * Math.cos(((hour - 11) * Math.PI) / 6)),
      ),
    ).toBeLessThan(0.05);
  });

  it('counts an account with ever more messages as fifty of them at most', () => {
    const [few, many] = [noDayPairs(), noDayPairs()];
    addDayPairs(few, times(busyAt(14, 0.6), 500), times(busyAt(14, 0.6), 50 / 24));
    addDayPairs(many, times(busyAt(14, 0.6), 500), times(busyAt(14, 0.6), 50_000));
    expect(few.at(-1)).toBeCloseTo(25, 6);
    expect(many.at(-1)).toBeLessThan(50);
  });

  it('takes chance for chance: a handful of leads and messages an account shows no spread', () => {
    const pairs = noDayPairs();
    let seed = 1;
    const draw = () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return Math.floor((seed / 2_147_483_647) * 24);
    };
    for (let account = 0; account < 400; account += 1) {
      const [leads, others] = [new Float64Array(24), new Float64Array(24)];
      for (let lead = 0; lead < 12; lead += 1) leads[draw()]! += 1;
      for (let other = 0; other < 6; other += 1) others[draw()]! += 1;
      addDayPairs(pairs, leads, others);
    }
    const days = daysOf(pairs);
    expect(days.leads[0]).toBeLessThan(0.15);
    expect(days.others[0]).toBeLessThan(0.15);
  });

  it('gives days of mean 1 without a silent hour, whatever the sums are', () => {
    const numbers = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), {
      minLength: noDayPairs().length,
      maxLength: noDayPairs().length,
    });
    fc.assert(
      fc.property(numbers, fc.integer({ min: 0, max: 23 }), fc.double({ min: 0, max: 1, noNaN: true }), (found, noon, height) => {
        const pairs = Float64Array.from(found);
        pairs[pairs.length - 1] = Math.abs(found.at(-1)!);
        const days = daysOf(pairs);
        const shape = linkedDay(days.link, busyAt(noon, height));
        expect(shape.reduce((sum, each) => sum + each, 0)).toBeCloseTo(24, 6);
        for (const each of shape) expect(each > 0).toBe(true);
        for (const each of [...days.leads, ...days.others]) expect(each > 0 && Number.isFinite(each)).toBe(true);
        expect(days.apart > 0 && days.apart <= 0.2).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

describe('what a platform knows of days', () => {
  it('is what an account of few messages of no click goes by', () => {
    const basis = { ...emptyAccountStatistics(), fadedAtMs: T0, observedS: 10 * 86_400, identified: 240, organic: 3 };
    basis.identifiedHours.set(times(busyAt(14, 0.6), 10));
    basis.organicHours[11] = 3;
    const statistics = { ...emptyPlatformStatistics(), dayPairs: platform(500, 50, -2, 0.9) };
    const perS = deriveAccount(derivePlatform(statistics, 1), basis).organicPerS();
    const level = perS.reduce((sum, each) => sum + each, 0) / 24;
    expect(distance(times(perS, 1 / level), busyAt(12, 0.9))).toBeLessThan(0.15);
  });

  it('adds up over partitions, and comes back from the record of a model', () => {
    const part = { ...emptyPlatformStatistics(), dayPairs: platform(500, 50, -2, 0.9) };
    const all = fit([part, part], { version: 1 }).statistics;
    expect(all.dayPairs.at(-1)).toBeCloseTo(2 * part.dayPairs.at(-1)!, 9);
    expect(decodeStatistics(encodeStatistics(all))).toEqual(all);
    const old = encodeStatistics(emptyPlatformStatistics());
    expect(decodeStatistics(old.subarray(0, old.length - SINCE_DAY_PAIRS))).toEqual(emptyPlatformStatistics());
  });

  it('is told by accounts that were watched for days, at whatever hours', () => {
    const [settled, young] = [accountWith([]), accountWith([])];
    for (const { learned, concluded } of [settled, young]) {
      learned.fadedAtMs = T0;
      learned.identifiedHours.fill(5);
      learned.organicHours.fill(1);
      concluded.push(concludedAt(T0));
    }
    settled.learned.observedS = (4 * DAY) / 1_000;
    young.learned.observedS = DAY / 1_000;
    expect(sumStatistics(PRIORS, [young]).dayPairs.at(-1)).toBe(0);
    expect(sumStatistics(PRIORS, [settled, young]).dayPairs.at(-1)).toBeCloseTo(25 / 1.5, 6);
    expect(PRIORS.statistics.dayPairs.at(-1)).toBe(0);
  });
});
