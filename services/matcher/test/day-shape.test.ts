import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { emptyAccountStatistics } from '../src/domain/model/account-statistics.ts';
import { dayShape, FLAT_DAY, hoursCovered, likeliestDay, spreads } from '../src/domain/model/day-shape.ts';
import { PRIORS } from './support/asked-account.ts';
import { T0 } from './support/log-builder.ts';

const HOUR = 3_600_000;
const MIDNIGHT = Math.floor(T0 / (24 * HOUR)) * 24 * HOUR;
const EVENLY = new Float64Array(24).fill(1 / 24);
const busyAt = (peak: number, height: number) =>
  Float64Array.from(FLAT_DAY, (_, hour) => 1 + height * Math.cos(((hour - peak) * Math.PI) / 12));
const meanOf = (values: Float64Array) => values.reduce((sum, each) => sum + each, 0) / values.length;

const SPREAD = spreads(0.5);

describe('hours covered', () => {
  it('are shares of the time: all alike over whole days, the watched ones alone over less', () => {
    for (const share of hoursCovered(MIDNIGHT + 0.3 * HOUR, MIDNIGHT + 72.3 * HOUR)) expect(share).toBeCloseTo(1 / 24, 12);
    const short = hoursCovered(MIDNIGHT + 22.5 * HOUR, MIDNIGHT + 25.5 * HOUR);
    expect([...short].map((share) => Math.round(share * 6))).toEqual([2, 1, ...new Array(20).fill(0), 1, 2]);
    expect(hoursCovered(MIDNIGHT, MIDNIGHT)).toEqual(EVENLY);
  });
});

describe('the shape of a day', () => {
  it('is what is expected where nothing was counted, or nothing else', () => {
    expect(dayShape(new Float64Array(24), EVENLY, FLAT_DAY, SPREAD)).toEqual(FLAT_DAY);
    const usual = busyAt(14, 0.7);
    for (const [hour, each] of dayShape(
      usual.map((value) => value * 40),
      EVENLY,
      usual,
      SPREAD,
    ).entries())
      expect(each).toBeCloseTo(usual[hour]!, 9);
  });

  it('follows many counts, and few of them a little', () => {
    const true_ = busyAt(14, 0.7);
    const many = dayShape(
      true_.map((value) => value * 400),
      EVENLY,
      FLAT_DAY,
      SPREAD,
    );
    expect(many[14]).toBeGreaterThan(1.65);
    expect(many[2]).toBeLessThan(0.35);
    const few = dayShape(
      true_.map((value) => value / 3),
      EVENLY,
      FLAT_DAY,
      SPREAD,
    );
    expect(few[14]).toBeGreaterThan(1.1);
    expect(few[14]).toBeLessThan(many[14]!);
  });

  it('says of hours that were not watched what was expected, however many messages the others had', () => {
    const covered = hoursCovered(MIDNIGHT + 8 * HOUR, MIDNIGHT + 20 * HOUR);
    const shape = dayShape(
      covered.map((share) => share * 2_400),
      covered,
      FLAT_DAY,
      SPREAD,
    );
    for (const each of shape) expect(each).toBeCloseTo(1, 1);
  });

  it('is positive with mean 1, whatever was counted and watched', () => {
    const counts = fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: 24, maxLength: 24 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 0, max: 80 * 3_600 }), fc.integer({ min: 0, max: 23 }), (found, seconds, hour) => {
        const covered = hoursCovered(MIDNIGHT + hour * HOUR, MIDNIGHT + hour * HOUR + seconds * 1_000);
        const values = Float64Array.from(found);
        const usual = likeliestDay(
          [
            [busyAt(hour, 0.9), 0.8],
            [FLAT_DAY, 0.2],
          ],
          values,
          covered,
        );
        for (const shape of [usual, dayShape(values, covered, usual, SPREAD)]) {
          expect(meanOf(shape)).toBeCloseTo(1, 6);
          for (const each of shape) expect(each > 0 && each <= 24).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('is the likeliest of those that may be', () => {
    const [day, night] = [busyAt(14, 0.9), busyAt(2, 0.9)];
    expect(
      likeliestDay(
        [
          [day, 0.9],
          [night, 0.1],
        ],
        night.map((value) => value * 20),
        EVENLY,
      )[2],
    ).toBeGreaterThan(1.85);
    expect(
      likeliestDay(
        [
          [day, 0.9],
          [night, 0.1],
        ],
        new Float64Array(24),
        EVENLY,
      )[14],
    ).toBeCloseTo(1 + 0.9 * 0.8, 9);
  });
});

describe("an account's messages of no click by hour", () => {
  const account = (watchedH: number, leads: Float64Array, others: Float64Array) => {
    const basis = { ...emptyAccountStatistics(), fadedAtMs: MIDNIGHT + 8 * HOUR + watchedH * HOUR, observedS: watchedH * 3_600 };
    basis.identifiedHours.set(leads);
    basis.organicHours.set(others);
    basis.identified = leads.reduce((sum, each) => sum + each, 0);
    basis.organic = others.reduce((sum, each) => sum + each, 0);
    return deriveAccount(PRIORS.platform, basis).organicPerS();
  };

  it('are expected when its leads come, from the second day on', () => {
    const covered = hoursCovered(MIDNIGHT + 8 * HOUR, MIDNIGHT + 48 * HOUR);
    const leads = busyAt(14, 0.8).map((each, hour) => each * covered[hour]! * 300);
    const rates = account(40, leads, new Float64Array(24));
    expect(rates[14]! / rates[2]!).toBeGreaterThan(3);
  });

  it('are expected when they come, once that is another time', () => {
    const rates = account(
      240,
      busyAt(14, 0.9).map((each) => each * 30),
      busyAt(2, 0.9).map((each) => each * 4),
    );
    expect(rates[2]! / rates[14]!).toBeGreaterThan(3);
  });

  it('of a day watched by day alone are no fewer at night, and come as often as they were seen', () => {
    // Messages of the twelfth hour are not counted yet.
    const leads = hoursCovered(MIDNIGHT + 8 * HOUR, MIDNIGHT + 20 * HOUR).map((share) => share * 120);
    const others = hoursCovered(MIDNIGHT + 8 * HOUR, MIDNIGHT + 19 * HOUR).map((share) => share * 55);
    const rates = account(12, leads, others);
    expect(rates[2]! / rates[14]!).toBeGreaterThan(0.7);
    // Five an hour, drawn to the one that the platform expects beside ten leads.
    expect(rates[14]! * 3_600).toBeGreaterThan(3.5);
    expect(rates[14]! * 3_600).toBeLessThan(5);
  });
});
