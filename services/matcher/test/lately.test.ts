import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { type AccountStatistics, copyAccount, emptyAccountStatistics, fadeAccount } from '../src/domain/model/account-statistics.ts';
import { changeOf, LATELY_HALF_LIFE_MS } from '../src/domain/model/lately.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics } from '../src/domain/model/platform-statistics.ts';

describe('what the last days say against the long memory', () => {
  it('is nothing where the counts are what chance makes of them', () => {
    expect(changeOf(0, 0)).toBe(1);
    for (const expected of [3, 30, 300, 3_000]) {
      for (const sigma of [-1, 0, 1]) expect(changeOf(expected + sigma * Math.sqrt(expected), expected)).toBeCloseTo(1, 1);
    }
    expect(changeOf(330, 300)).toBeCloseTo(1, 1);
  });

  it('is what is found where chance does not explain it', () => {
    expect(changeOf(450, 300)).toBeCloseTo(454 / 304, 2);
    expect(changeOf(150, 300)).toBeCloseTo(154 / 304, 2);
    expect(changeOf(0, 60)).toBeCloseTo(4 / 64, 2);
    // Of two expected leads none came: that happens every seventh time.
    expect(changeOf(0, 2)).toBeGreaterThan(0.9);
  });

  it('lies between nothing and what is found, and grows with it', () => {
    const counts = fc.double({ min: 0, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(counts, counts, counts, (one, two, expected) => {
        const change = changeOf(one, expected);
        const after = (4 + one) / (4 + expected);
        expect(change).toBeGreaterThanOrEqual(Math.min(1, after) - 1e-9);
        expect(change).toBeLessThanOrEqual(Math.max(1, after) + 1e-9);
        if (two >= one && one >= expected) expect(changeOf(two, expected)).toBeGreaterThanOrEqual(change - 1e-9);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('an account whose page has changed', () => {
  const platform = derivePlatform(emptyPlatformStatistics(), 1);
  const settled = (): AccountStatistics => {
    const statistics = emptyAccountStatistics();
    Object.assign(statistics, { fadedAtMs: 1, identified: 1_900, observedS: 12 * 86_400 });
    statistics.exposure.set('spring', 10_000);
    statistics.responses.set('spring', 1_900);
    return statistics;
  };

  it('is asked for the rate of its last days', () => {
    const changed = settled();
    Object.assign(changed.lately, { due: 300, responses: 120 });
    const usual = deriveAccount(platform, settled()).campaign('spring').rate;
    expect(deriveAccount(platform, changed).campaign('spring').rate / usual).toBeCloseTo(124 / 304, 2);
    expect(deriveAccount(platform, changed).rateChange).toBeCloseTo(124 / 304, 2);
  });

  it('forgets a day and a half by half, and a copy forgets nothing of the original', () => {
    const statistics = settled();
    Object.assign(statistics.lately, { due: 300, responses: 120 });
    const copy = copyAccount(statistics);
    fadeAccount(statistics, 1 + LATELY_HALF_LIFE_MS);
    expect(statistics.lately).toEqual({ due: 150, responses: 60 });
    expect(copy.lately).toEqual({ due: 300, responses: 120 });
  });
});
