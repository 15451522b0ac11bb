import { describe, expect, it } from 'vitest';
import { belowAt, delayCurve } from '../src/domain/model/delay-curve.ts';
import { DELAY_BINS, delayBin } from '../src/domain/model/delay-grid.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { DUE_S, emptyPlatformStatistics, REACHED_S } from '../src/domain/model/platform-statistics.ts';
import { deviceIndex } from '../src/domain/model/strata.ts';
import { learnedRate } from './support/learned-rate.ts';

const IOS = deviceIndex('ios');

describe('ages at which clicks count what was due of them', () => {
  it('are told by ages that were reached as well', () => {
    expect(REACHED_S.every((ageS) => DUE_S.includes(ageS))).toBe(true);
  });

  it('let no young account whose people write a day later seem to be written to more often than it is', async () => {
    const truth = { seed: 7, days: 2.5, clicksPerHour: 40, writes: 0.2, loses: { ios: 0.05 }, medianDelayS: 86_400, spread: 0.5, editS: 0 };
    const rate = await learnedRate(truth);
    // .80 while what was due from the twelfth hour on was counted after three days; at first nothing but the prior says how many of them are still to come.
    expect(rate).toBeGreaterThan(0.19 * 0.75);
    expect(rate).toBeLessThan(0.19 * 1.6);
  }, 120_000);

  it('count the delays of a platform of three days and a quarter by how many clicks got as old as each', () => {
    const statistics = emptyPlatformStatistics();
    const [perDay, days] = [4_000, 3.25];
    const steps = REACHED_S.length + 1;
    [0, ...REACHED_S].forEach((ageS, step) => {
      statistics.reached[IOS * steps + step] = perDay * (days - ageS / 86_400);
    });
    // Half of them write after a minute, half after a day; of these (2.25 of 3.25) have had the time for it.
    statistics.delays[IOS * DELAY_BINS + delayBin(60)] = 1_000 * days;
    statistics.delays[IOS * DELAY_BINS + delayBin(86_400)] = 1_000 * (days - 1);
    const keep = delayCurve(derivePlatform(statistics, 1).keeperDelays[IOS]!);
    expect(belowAt(keep, 21_600)).toBeGreaterThan(0.47);
    expect(belowAt(keep, 21_600)).toBeLessThan(0.53);
  });
});
