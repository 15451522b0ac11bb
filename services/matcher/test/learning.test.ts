import { describe, expect, it } from 'vitest';
import { currentModel } from '../src/domain/account-matching.ts';
import { isCertain, type Lead } from '../src/domain/lead.ts';
import { belowAt, delayCurve } from '../src/domain/model/delay-curve.ts';
import { DELAY_BINS, EDIT_SECONDS, logNormalShares } from '../src/domain/model/delay-grid.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics, type PlatformStatistics, REACHED_S } from '../src/domain/model/platform-statistics.ts';
import { deviceIndex, kindOf, networkIndex, stratumOf } from '../src/domain/model/strata.ts';
import type { Device, Network } from '../src/domain/touchpoint.ts';
import { foldLog, type ModelShelf, newest } from './support/fold-harness.ts';
import { click, DAY, HOUR, log, message, T0 } from './support/log-builder.ts';
import { type ToyTruth, toyTraffic } from './support/toy-traffic.ts';

const LONG = 120_000;

/** What three million clicks of the toy world's kind leave behind. */
function trueStatistics({ writes, loses, medianDelayS, spread }: ToyTruth): PlatformStatistics {
  const statistics = emptyPlatformStatistics();
  statistics.fadedAtMs = T0;
  const { due, exposure, responses, keepers, losers, delays, reached, edits, scalars, tallies } = statistics;
  const shares = logNormalShares([[1, medianDelayS, spread]]);
  const steps = REACHED_S.length + 1;
  for (const [device, lost] of [...Object.entries(loses), ['unknown', 0.2] as const]) {
    const index = deviceIndex(device as Device);
    const kind = kindOf(index, networkIndex('unknown'));
    const stratum = stratumOf(kind, 0);
    due[stratum] = 1e6;
    exposure[stratum] = 1e6;
    responses[stratum] = 1e6 * writes * (1 - lost);
    keepers[kind] = 1e6 * writes * (1 - lost);
    losers[kind] = 1e6 * writes * lost;
    for (let bin = 0; bin < DELAY_BINS; bin += 1) delays[index * DELAY_BINS + bin] = 1e6 * shares[bin]!;
    reached.fill(1e6, index * steps, (index + 1) * steps);
  }
  // Forty seconds are between thirty-two and sixty-four.
  edits[3] = 75e4;
  edits[4] = 25e4;
  Object.assign(scalars, { identified: 3e6, keptGreeting: 3e5, otherWords: 7e5, organicWords: 1e6, organic: 1e5, sameGreeting: 3e6 });
  tallies.home.set('US', 1e6);
  tallies.organicHome.set('US', 1e5);
  return statistics;
}

describe('learning from a stream, without labels', () => {
  const truth: ToyTruth = {
    seed: 11,
    days: 14,
    clicksPerHour: 30,
    writes: 0.25,
    loses: { ios: 0.1, desktop: 0.3 },
    medianDelayS: 30,
    spread: 1.1,
    editS: 40,
    organicPerHour: 0.8,
    modelEveryHours: 1,
  };
  const traffic = toyTraffic(truth);
  const folded = (async () => {
    const shelf: ModelShelf = new Map();
    return { shelf, ...(await foldLog(traffic.touchpoints, { shelf })) };
  })();

  it(
    'finds who lost the code, how often by device, and how long deleting it takes',
    async () => {
      const { shelf } = await folded;
      const model = shelf.get(traffic.versions)!;
      const lossOf = (device: Device) => model.loss[kindOf(deviceIndex(device), networkIndex('unknown'))]!;
      const lost = Object.values(traffic.losers).reduce((sum, each) => sum + each, 0) / traffic.writers;
      // ρ over all within its own error: some four hundred losers, half of them hard to tell from others.
      const mean = (lossOf('ios') + lossOf('desktop')) / 2;
      expect(Math.abs(mean - lost)).toBeLessThan(0.04);
      expect(lossOf('desktop')).toBeGreaterThan(lossOf('ios') * 1.8);
      const editingS = model.edits.reduce((sum, share, k) => sum + share * Math.log2(1 + EDIT_SECONDS[k]!), 0);
      expect(editingS).toBeGreaterThan(Math.log2(1 + 10));
      expect(editingS).toBeLessThan(Math.log2(1 + 160));
      expect(model.keptGreeting).toBeGreaterThan(0.2);
      expect(model.keptGreeting).toBeLessThan(0.42);
    },
    LONG,
  );

  it(
    'finds how often a click leads to a message, after what time, and how many messages no click led to',
    async () => {
      const { shelf, state } = await folded;
      const platform = shelf.get(traffic.versions)!;
      const account = currentModel(state.accounts.get('acme/wa')!.matching, state);
      expect(account.campaign('spring').rate).toBeGreaterThan(0.25 * 0.8 * 0.85);
      expect(account.campaign('spring').rate).toBeLessThan(0.25 * 0.8 * 1.15);
      expect(belowAt(delayCurve(platform.keeperDelays[deviceIndex('ios')]!), 30)).toBeCloseTo(0.5, 1);
      const perHour = account.organicPerS().reduce((sum, each) => sum + each, 0) * 150;
      expect(perHour).toBeGreaterThan(0.8 * 0.7);
      expect(perHour).toBeLessThan(0.8 * 1.3);
      expect(account.isWarming).toBe(false);
    },
    LONG,
  );

  it(
    'is right as often as it says of clicks, and does not take more than a third of what no click led to for theirs',
    async () => {
      const { count, right, expectedRight, none, expectedNone } = calibration((await folded).leads);
      expect(count).toBeGreaterThan(300);
      // Three standard deviations of a few hundred answers.
      expect(Math.abs(right - expectedRight)).toBeLessThan(3 * Math.sqrt(count * 0.2));
      // Editing times that are free to be long explain some of it: the less the more is known of them.
      expect(expectedNone).toBeGreaterThan(none * 0.66);
      expect(expectedNone).toBeLessThan(none * 1.2);
    },
    LONG,
  );

  it(
    'is right of both as often as it says when the parameters are the true ones',
    async () => {
      const model = derivePlatform(trueStatistics(truth), 1);
      const { leads } = await foldLog(traffic.touchpoints, { model: () => model });
      const { count, right, expectedRight, none, expectedNone } = calibration(leads);
      expect(Math.abs(right - expectedRight)).toBeLessThan(3 * Math.sqrt(count * 0.2));
      expect(Math.abs(none - expectedNone)).toBeLessThan(2 * Math.sqrt(count * 0.2));
    },
    LONG,
  );

  /** Answers without identifier after the first days: how many were right, and how many should have been by what they say. */
  function calibration(leads: readonly Lead[]) {
    const answers = newest(leads).filter(({ method, startedAtMs }) => !isCertain(method) && startedAtMs > T0 + 4 * DAY);
    const sums = { count: answers.length, right: 0, expectedRight: 0, none: 0, expectedNone: 0 };
    for (const { firstMessageId, candidates, pNone } of answers) {
      const from = traffic.clickOf.get(firstMessageId);
      const best = candidates[0];
      if (best !== undefined) {
        sums.expectedRight += best.probability;
        if (best.clickId === from) sums.right += 1;
      }
      sums.expectedNone += pNone;
      if (from === undefined) sums.none += 1;
    }
    return sums;
  }

  it(
    'tests itself on messages chosen by nothing but their id, and tells them as they are',
    async () => {
      const { tested, leads } = await folded;
      const identified = newest(leads).filter(({ method }) => method === 'exact_id');
      expect(tested.length / identified.length).toBeGreaterThan(0.006);
      expect(tested.length / identified.length).toBeLessThan(0.03);
      for (const { pTruth, pTop, pNone } of tested) {
        for (const probability of [pTruth, pTop, pNone]) expect(probability >= 0 && probability <= 1).toBe(true);
        expect(pTruth).toBeLessThanOrEqual(Math.max(pTop, pTruth));
      }
      for (const lead of identified) expect(lead.clickId).toBe(traffic.clickOf.get(lead.firstMessageId));
      // What comes later changes nothing of it.
      const head = traffic.touchpoints.filter(({ observedAtMs }) => observedAtMs < T0 + 2 * DAY);
      const early = tested.filter(({ atMs }) => atMs < T0 + 2 * DAY - 2 * HOUR);
      expect(early.length).toBeGreaterThan(0);
      expect((await foldLog(head, { shelf: new Map() })).tested.slice(0, early.length)).toEqual(early);
    },
    LONG,
  );
});

describe('learning from a lead whose number is hidden', () => {
  const spokenAfter = async (country: string, network: Network, phone: string) => {
    const touchpoints = [
      click({ id: 'c', at: T0, code: 'ABCDE12345', country, network, languages: ['en-GB'] }),
      message({ id: 'm', from: 'p', at: T0 + 30_000, codes: ['ABCDE12345'], country: phone, language: 'es' }),
    ];
    const { state } = await foldLog(log(...touchpoints));
    return Object.fromEntries(state.statistics.tallies.spoken);
  };

  it('takes the country of the click’s address for its home, apart from people whose numbers show it', async () => {
    expect(await spokenAfter('MX', 'fixed', '')).toEqual({ '@MX|en|es': 1 });
    expect(Object.keys(await spokenAfter('MX', 'fixed', 'US'))).toEqual(['US|en|es']);
  });

  it('takes it for nobody’s where the address is a VPN’s or not known', async () => {
    expect(await spokenAfter('MX', 'vpn', '')).toEqual({ '|en|es': 1 });
    expect(await spokenAfter('', 'fixed', '')).toEqual({ '|en|es': 1 });
  });
});
