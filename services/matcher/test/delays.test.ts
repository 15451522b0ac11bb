import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { belowAt, delayCurve, densityAt } from '../src/domain/model/delay-curve.ts';
import {
  createShiftTable,
  DELAY_BINS,
  delayBin,
  delayEdge,
  delayWidth,
  EDIT_SECONDS,
  logNormalShares,
  MAX_DELAY_S,
  MIN_DELAY_S,
  normalised,
  shifted,
  smoothed,
} from '../src/domain/model/delay-grid.ts';

const RUNS = { numRuns: 100 };

/** Ends of intervals that cover the grid, fine where delays are short. */
const STEPS = [
  ...Array.from({ length: 12 }, (_, index) => MIN_DELAY_S + (index + 1) / 2),
  ...Array.from({ length: 1_254 }, (_, index) => Math.min(MAX_DELAY_S, 1.01 ** (index + 1))),
];

const counts = fc
  .array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.double({ min: 0, max: 1_000, noNaN: true })), {
    minLength: DELAY_BINS,
    maxLength: DELAY_BINS,
  })
  .map((values) => Float64Array.from(values));
const shares = counts.filter((values) => sum(values) > 0).map(normalised);

describe('the grid of delays', () => {
  it('is one bin below zero, one for the first second and 64 log-spaced ones up to three days, without a gap', () => {
    expect([delayEdge(0), delayEdge(1), delayEdge(2), delayEdge(DELAY_BINS)]).toEqual([-5, 0, 1, expect.closeTo(MAX_DELAY_S, 6)]);
    for (let bin = 0; bin < DELAY_BINS; bin += 1) {
      expect(delayWidth(bin)).toBeGreaterThan(0);
      expect(delayBin(delayEdge(bin) + delayWidth(bin) / 2)).toBe(bin);
      if (bin > 2) expect(delayEdge(bin + 1) / delayEdge(bin)).toBeCloseTo(MAX_DELAY_S ** (1 / 64), 9);
    }
  });

  it('has no bin for what is outside, not even for no number', () => {
    for (const delayS of [MIN_DELAY_S - 0.001, MAX_DELAY_S, 1e12, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]) {
      expect(delayBin(delayS)).toBe(-1);
    }
    expect(delayBin(MIN_DELAY_S)).toBe(0);
    expect(delayBin(MAX_DELAY_S - 1e-6)).toBe(DELAY_BINS - 1);
  });

  it('keeps all mass when counts are smoothed, and leaves the bins below a second alone', () => {
    fc.assert(
      fc.property(counts, fc.double({ min: 0.5, max: 6, noNaN: true }), (values, width) => {
        const soft = smoothed(values, width);
        expect(sum(soft)).toBeCloseTo(sum(values), 6);
        expect([soft[0], soft[1]]).toEqual([values[0], values[1]]);
        expect(Math.min(...soft)).toBeGreaterThanOrEqual(0);
      }),
      RUNS,
    );
  });

  it('gives a log-normal its median and spread', () => {
    const medianS = 600;
    const curve = delayCurve(logNormalShares([[1, medianS, 1.3]]));
    expect(sum(curve.shares)).toBeCloseTo(1, 12);
    expect(belowAt(curve, medianS)).toBeCloseTo(0.5, 2);
    expect(belowAt(curve, medianS * Math.exp(1.3))).toBeCloseTo(0.8413, 2);
    expect(belowAt(curve, medianS * Math.exp(-2.6))).toBeCloseTo(0.0228, 2);
  });
});

describe('a curve of delays', () => {
  it('has a share below that never falls, from 0 to 1', () => {
    fc.assert(
      fc.property(shares, (each) => {
        const curve = delayCurve(each);
        const below = STEPS.map((delayS) => belowAt(curve, delayS));
        // Up to the last digit of single precision, in which steps beyond a second are kept.
        for (let index = 1; index < below.length; index += 1)
          if (below[index]! < below[index - 1]! - 1.2e-7) expect(below[index - 1]).toBe(below[index]);
        expect(belowAt(curve, MIN_DELAY_S - 1)).toBe(0);
        expect(belowAt(curve, MAX_DELAY_S)).toBe(1);
      }),
      RUNS,
    );
  });

  it('has a density that is never negative, finite, nothing outside, and integrates to what is below', () => {
    const mixtures = fc
      .array(
        fc.tuple(
          fc.double({ min: 0.1, max: 1, noNaN: true }),
          fc.double({ min: 3, max: 40_000, noNaN: true }),
          fc.double({ min: 0.6, max: 2, noNaN: true }),
        ),
        { minLength: 1, maxLength: 3 },
      )
      .map(logNormalShares);
    fc.assert(
      fc.property(mixtures, (each) => {
        const curve = delayCurve(each);
        let integral = 0;
        let fromS = MIN_DELAY_S;
        let least = Number.POSITIVE_INFINITY;
        let furthest = 0;
        for (const toS of STEPS) {
          const density = densityAt(curve, (fromS + toS) / 2);
          least = Math.min(least, density);
          integral += density * (toS - fromS);
          fromS = toS;
          furthest = Math.max(furthest, Math.abs(integral - belowAt(curve, toS)));
        }
        expect(least).toBeGreaterThanOrEqual(0);
        // Straight lines between the centres of bins cost a narrow curve one part in a hundred.
        expect(furthest).toBeLessThan(0.015);
        expect(Math.abs(integral - 1)).toBeLessThan(0.015);
        for (const outside of [MIN_DELAY_S - 1, MAX_DELAY_S, MAX_DELAY_S * 2]) expect(densityAt(curve, outside)).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('holds nothing on the grid for impossible', () => {
    const first = new Float64Array(DELAY_BINS);
    first[5] = 1;
    const curve = delayCurve(first);
    for (const delayS of [1.5, 1_000, 200_000]) expect(densityAt(curve, delayS)).toBeGreaterThan(0);
  });
});

describe('the table of editing times', () => {
  const table = createShiftTable();

  it('moves nothing by nothing', () => {
    fc.assert(
      fc.property(shares, (each) => {
        const moved = shifted(each, table, 0);
        for (let bin = 0; bin < DELAY_BINS; bin += 1) expect(moved[bin]).toBeCloseTo(each[bin]!, 12);
      }),
      RUNS,
    );
  });

  it('never moves a delay back, and loses only what goes beyond three days', () => {
    EDIT_SECONDS.forEach((seconds, k) => {
      for (let from = 0; from < DELAY_BINS; from += 1) {
        const row = table[k]!.subarray(from * DELAY_BINS, (from + 1) * DELAY_BINS);
        for (let to = 0; to < from; to += 1) expect(row[to]).toBe(0);
        const all = sum(row);
        if (delayEdge(from + 1) + seconds * Math.SQRT2 < MAX_DELAY_S) expect(all).toBeCloseTo(1, 12);
        else expect(all).toBeLessThanOrEqual(1 + 1e-12);
      }
    });
  });

  it('leaves no gap between editing times where keepers write within seconds', () => {
    const quick = logNormalShares([[1, 6, 0.5]]);
    const lost = new Float64Array(DELAY_BINS);
    for (let k = 0; k < EDIT_SECONDS.length; k += 1) {
      shifted(quick, table, k).forEach((share, bin) => {
        lost[bin]! += share / EDIT_SECONDS.length;
      });
    }
    const between = Array.from(lost.subarray(delayBin(64), delayBin(1_400)));
    expect(Math.max(...between) / Math.min(...between)).toBeLessThan(2);
  });

  it('adds its seconds to the mean', () => {
    const quick = logNormalShares([[1, 60, 0.8]]);
    EDIT_SECONDS.forEach((seconds, k) => {
      const addedS = mean(shifted(quick, table, k)) - mean(quick);
      // Spread over an octave, by the logarithm, a time is 2 % longer on average. Bins are a fifth wide; what is added to short delays is known no better.
      expect(Math.abs(addedS - seconds)).toBeLessThan(2 + seconds * 0.06);
    });
  });
});

function sum(values: Float64Array): number {
  return values.reduce((all, value) => all + value, 0);
}

function mean(values: Float64Array): number {
  return values.reduce((all, share, bin) => all + share * (delayEdge(bin) + delayWidth(bin) / 2), 0) / sum(values);
}
