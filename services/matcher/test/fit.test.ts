import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { belowAt, delayCurve } from '../src/domain/model/delay-curve.ts';
import { DELAY_BINS, delayBin, EDIT_SECONDS, logNormalShares } from '../src/domain/model/delay-grid.ts';
import { fit, isFitDue } from '../src/domain/model/fit.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics, fadePlatform, type PlatformStatistics, REACHED_S } from '../src/domain/model/platform-statistics.ts';
import { BOT_BINS, DEVICES, deviceIndex, kindOf, NETWORKS, networkIndex, STRATA, stratumOf } from '../src/domain/model/strata.ts';
import type { Device, Network } from '../src/domain/touchpoint.ts';
import { DAY, HOUR, T0 } from './support/log-builder.ts';
import { anySeed, statisticsOf } from './support/random-models.ts';

/** What a million clicks of a known world leave behind. */
function worldStatistics(): PlatformStatistics {
  const statistics = emptyPlatformStatistics();
  statistics.fadedAtMs = T0;
  const { due, exposure, responses, keepers, losers, delays, reached, edits, forwardDelays, organicHours, scalars } = statistics;
  for (const device of DEVICES) {
    for (const network of NETWORKS) {
      const kind = kindOf(deviceIndex(device), networkIndex(network));
      for (let bot = 0; bot < BOT_BINS; bot += 1) {
        const stratum = stratumOf(kind, bot);
        const clicks = 1_000_000 / STRATA;
        due[stratum] = clicks;
        exposure[stratum] = clicks;
        responses[stratum] = clicks * WORLD.rate * WORLD.device[device] * WORLD.network[network] * (bot === BOT_BINS - 1 ? 0.1 : 1);
        keepers[kind]! += responses[stratum]!;
      }
      const odds = WORLD.lossOdds * WORLD.lossOfDevice[device];
      losers[kind] = keepers[kind]! * odds;
    }
    const shares = logNormalShares([[1, WORLD.medianS[device], 1.1]]);
    const index = deviceIndex(device);
    for (let bin = 0; bin < DELAY_BINS; bin += 1) delays[index * DELAY_BINS + bin] = 40_000 * shares[bin]!;
    reached.fill(200_000, index * (REACHED_S.length + 1), (index + 1) * (REACHED_S.length + 1));
  }
  WORLD.edits.forEach((share, k) => {
    edits[k] = 10_000 * share;
  });
  for (let hour = 0; hour < 24; hour += 1) organicHours[hour] = hour < 12 ? 1_500 : 500;
  forwardDelays[delayBin(18_000)] = 1_000;
  scalars.identified = keepers.reduce((sum, value) => sum + value, 0);
  scalars.organic = 24_000;
  scalars.forwards = scalars.identified * 0.02;
  scalars.keptGreeting = 3_000;
  scalars.otherWords = 1_000;
  scalars.organicGreeting = 100;
  scalars.organicWords = 9_900;
  return statistics;
}

const WORLD = {
  rate: 0.2,
  device: { ios: 1.2, android: 1, desktop: 0.6, unknown: 1 } as Record<Device, number>,
  network: { fixed: 1, mobile: 1.1, hosting: 0.2, vpn: 0.8, unknown: 1 } as Record<Network, number>,
  lossOdds: 0.06,
  lossOfDevice: { ios: 0.7, android: 1, desktop: 2.5, unknown: 1 } as Record<Device, number>,
  medianS: { ios: 20, android: 25, desktop: 90, unknown: 40 } as Record<Device, number>,
  edits: [0.1, 0, 0.2, 0.4, 0.2, 0.1, 0, 0, 0, 0],
};

describe('a fit', () => {
  const model = fit([worldStatistics()], { version: 4 });

  it('gives back the rates, worths and losses that its statistics were made with', () => {
    expect(model.version).toBe(5);
    const worth = (device: Device, network: Network, bot = 1) =>
      model.worth[stratumOf(kindOf(deviceIndex(device), networkIndex(network)), bot)]!;
    expect(worth('desktop', 'fixed') / worth('ios', 'fixed')).toBeCloseTo(0.5, 1);
    expect(worth('android', 'hosting') / worth('android', 'fixed')).toBeCloseTo(0.2, 1);
    expect(worth('android', 'mobile') / worth('android', 'fixed')).toBeCloseTo(1.1, 1);
    expect(worth('ios', 'fixed', BOT_BINS - 1) / worth('ios', 'fixed')).toBeCloseTo(0.1, 1);
    const all = worldStatistics();
    const average = all.responses.reduce((sum, value) => sum + value, 0) / all.due.reduce((sum, value) => sum + value, 0);
    expect(model.rate).toBeCloseTo(average, 2);
    for (const device of ['ios', 'android', 'desktop'] as const) {
      const odds = WORLD.lossOdds * WORLD.lossOfDevice[device];
      expect(model.loss[kindOf(deviceIndex(device), networkIndex('fixed'))]).toBeCloseTo(odds / (1 + odds), 2);
    }
  });

  it('gives back delays, editing times, hours, forwards and greetings', () => {
    for (const device of ['ios', 'desktop'] as const) {
      const curve = delayCurve(model.keeperDelays[deviceIndex(device)]!);
      expect(belowAt(curve, WORLD.medianS[device])).toBeCloseTo(0.5, 1);
      expect(belowAt(curve, WORLD.medianS[device] * Math.exp(1.1))).toBeCloseTo(0.84, 1);
    }
    WORLD.edits.forEach((share, k) => {
      expect(Math.abs(model.edits[k]! - share)).toBeLessThan(0.01);
    });
    expect(model.edits).toHaveLength(EDIT_SECONDS.length);
    expect(model.organicHours[3]).toBeCloseTo(1.5, 1);
    expect(model.organicHours[20]).toBeCloseTo(0.5, 1);
    expect(model.forwardRate).toBeCloseTo(0.02, 3);
    expect(model.keptGreeting).toBeCloseTo(0.75, 2);
    expect(model.organicGreeting).toBeCloseTo(0.01, 2);
  });

  it('is the same of one partition or of two that saw half each', () => {
    const half = worldStatistics();
    for (const values of [
      half.due,
      half.exposure,
      half.responses,
      half.keepers,
      half.losers,
      half.delays,
      half.reached,
      half.edits,
      half.forwardDelays,
      half.organicHours,
    ]) {
      for (let at = 0; at < values.length; at += 1) values[at]! /= 2;
    }
    for (const key of Object.keys(half.scalars) as (keyof typeof half.scalars)[]) half.scalars[key] /= 2;
    const two = fit([half, half], { version: 4 });
    for (let stratum = 0; stratum < STRATA; stratum += 1) expect(two.worth[stratum]).toBeCloseTo(model.worth[stratum]!, 9);
    expect([...two.loss]).toEqual([...model.loss].map((loss) => expect.closeTo(loss, 9)));
    expect(two.version).toBe(5);
  });

  it('is a model of probabilities whatever the statistics', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        const {
          rate,
          worth,
          loss,
          keeperDelays,
          edits,
          keptGreeting,
          organicGreeting,
          otherGreeting,
          forwardRate,
          organicHours,
          forwardDelays,
        } = derivePlatform(statisticsOf(seed), 1);
        const sums = [...keeperDelays, edits, forwardDelays].map((shares) => shares.reduce((sum, share) => sum + share, 0));
        for (const sum of sums) expect(sum).toBeCloseTo(1, 6);
        for (const share of [...loss, keptGreeting, organicGreeting, otherGreeting]) expect(share > 0 && share < 1).toBe(true);
        for (const value of [rate, forwardRate, ...worth, ...organicHours]) expect(value > 0 && Number.isFinite(value)).toBe(true);
        expect(organicHours.reduce((sum, value) => sum + value, 0)).toBeCloseTo(24, 6);
      }),
      { numRuns: 100 },
    );
  });

  it('is due when leads have grown by a twentieth, at most hourly, and daily whatever has come', () => {
    const known = worldStatistics();
    const grown = worldStatistics();
    grown.scalars.identified *= 1.06;
    expect(isFitDue(grown, { statistics: known }, T0 + HOUR - 1)).toBe(false);
    expect(isFitDue(grown, { statistics: known }, T0 + HOUR)).toBe(true);
    expect(isFitDue(known, { statistics: known }, T0 + HOUR)).toBe(false);
    expect(isFitDue(known, { statistics: known }, T0 + DAY)).toBe(true);
  });

  it('forgets rates by half in two weeks and shapes in two months', () => {
    const faded = worldStatistics();
    fadePlatform(faded, T0 + 14 * DAY);
    expect(faded.scalars.identified).toBeCloseTo(worldStatistics().scalars.identified / 2, 6);
    expect(faded.responses[0]).toBeCloseTo(worldStatistics().responses[0]! / 2, 6);
    fadePlatform(faded, T0 + 60 * DAY);
    expect(faded.delays[20]).toBeCloseTo(worldStatistics().delays[20]! / 2, 6);
  });
});
