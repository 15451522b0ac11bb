import { describe, expect, it } from 'vitest';
import { currentModel } from '../src/domain/account-matching.ts';
import { rememberIdentified } from '../src/domain/burst.ts';
import { learnGone } from '../src/domain/learning.ts';
import { hasLostCodes } from '../src/domain/lost-codes.ts';
import { sumStatistics } from '../src/domain/matching.ts';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { emptyAccountStatistics, fadeAccount } from '../src/domain/model/account-statistics.ts';
import { DELAY_BINS, delayBin } from '../src/domain/model/delay-grid.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics, fadePlatform, mergePlatform, RATE_HALF_LIFE_MS } from '../src/domain/model/platform-statistics.ts';
import { deviceIndex, kindOf, UNKNOWN_DEVICE } from '../src/domain/model/strata.ts';
import { accountWith, PRIORS } from './support/asked-account.ts';
import { foldLog, type ModelShelf } from './support/fold-harness.ts';
import { click, DAY, HOUR, log, message, T0 } from './support/log-builder.ts';
import { toyTraffic } from './support/toy-traffic.ts';

/** Odds of an account of whose leads with code so many came from clicks that it still had, and so many from clicks that had left its store. */
function oddsOf(kept: number, gone: number, losers: number): number {
  const basis = emptyAccountStatistics();
  Object.assign(basis, { keepersElsewhere: gone, losers });
  basis.keepers[0] = kept;
  return deriveAccount(PRIORS.platform, basis).lossOdds()[0]!;
}

function platformOdds(kept: number, gone: number): number {
  const statistics = emptyPlatformStatistics();
  statistics.keepers[0] = kept;
  statistics.losers[0] = 200;
  statistics.keepersElsewhere = gone;
  const loss = derivePlatform(statistics, 1).loss[0]!;
  return loss / (1 - loss);
}

function hourOf(afterMs: number): number {
  return new Date(T0 + afterMs).getUTCHours();
}

describe('leads that kept the code of a click that has left the store', () => {
  it('stand against those that lost it like all others, for their account and for the platform', () => {
    expect(oddsOf(400, 400, 100)).toBeCloseTo(oddsOf(800, 0, 100), 9);
    expect(oddsOf(400, 0, 100) / oddsOf(800, 0, 100)).toBeGreaterThan(1.5);
    expect(oddsOf(0, 400, 100) / oddsOf(400, 0, 100)).toBeCloseTo(1, 1);
    expect(platformOdds(1_000, 1_000)).toBeCloseTo(platformOdds(2_000, 0), 9);
    expect(platformOdds(1_000, 0) / platformOdds(2_000, 0)).toBeGreaterThan(1.5);
  });

  it('say how many write at all', () => {
    const basis = emptyAccountStatistics();
    Object.assign(basis, { observedS: 86_400, identified: 100 });
    const usual = deriveAccount(PRIORS.platform, basis);
    const more = deriveAccount(PRIORS.platform, { ...basis, keepersElsewhere: 100 });
    expect(more.leadsPerS / usual.leadsPerS).toBeCloseTo(2, 2);
    expect(more.organicPerS()[0]!).toBeGreaterThan(usual.organicPerS()[0]!);
  });

  it('fade as rates do, and are added up over partitions', () => {
    const account = { ...emptyAccountStatistics(), fadedAtMs: T0, keepersElsewhere: 8 };
    fadeAccount(account, T0 + RATE_HALF_LIFE_MS);
    expect(account.keepersElsewhere).toBeCloseTo(4, 9);
    const [one, other] = [emptyPlatformStatistics(), emptyPlatformStatistics()];
    Object.assign(one, { fadedAtMs: T0, keepersElsewhere: 8 });
    other.keepersElsewhere = 3;
    fadePlatform(one, T0 + RATE_HALF_LIFE_MS);
    mergePlatform(one, other);
    expect(one.keepersElsewhere).toBeCloseTo(7, 9);
  });

  it('tell how late people write, whatever their device was', () => {
    const account = accountWith([]);
    const { learned } = account;
    const statistics = emptyPlatformStatistics();
    learned.keepers[kindOf(deviceIndex('ios'), 0)] = 30;
    learned.keepers[kindOf(deviceIndex('android'), 1)] = 10;
    learnGone(account, { statistics }, T0 + 20 * HOUR, T0);
    const bin = delayBin(20 * 3_600);
    for (const { delays } of [learned, statistics]) {
      expect(delays[deviceIndex('ios') * DELAY_BINS + bin]).toBeCloseTo(0.75, 9);
      expect(delays[deviceIndex('android') * DELAY_BINS + bin]).toBeCloseTo(0.25, 9);
      expect(delays.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 9);
    }
    expect(learned.identifiedHours[hourOf(20 * HOUR)]).toBe(1);
    expect(learned.lateHours[hourOf(20 * HOUR)]).toBe(1);
    // A quarter of an hour is not late.
    learnGone(account, { statistics }, T0 + HOUR / 4, T0);
    expect(learned.lateHours[hourOf(HOUR / 4)]).toBe(0);
    expect(learned.keepersElsewhere).toBe(2);
    // Beyond three days those who lost their code are not looked for.
    learnGone(account, { statistics }, T0 + 80 * HOUR, T0);
    expect(learned.keepersElsewhere).toBe(2);
    expect(statistics.keepersElsewhere).toBe(2);
    expect(learned.delays.reduce((sum, each) => sum + each, 0)).toBeCloseTo(2, 9);
  });

  it('are of an unknown device while nobody has shown one', () => {
    const account = accountWith([]);
    learnGone(account, { statistics: emptyPlatformStatistics() }, T0 + HOUR, T0);
    expect(account.learned.delays[UNKNOWN_DEVICE * DELAY_BINS + delayBin(3_600)]).toBe(1);
  });

  it('are on a footing with messages without a code, which are counted an hour later', () => {
    const account = accountWith([]);
    const platform = { platform: PRIORS.platform, statistics: emptyPlatformStatistics() };
    platform.statistics.fadedAtMs = T0;
    Object.assign(platform.statistics, { keepersElsewhere: 40 });
    platform.statistics.scalars.identified = 8;
    // Two of the eight have come within the hour.
    for (const agoMs of [HOUR / 4, HOUR / 2]) rememberIdentified(account.recent, T0 - agoMs);
    expect(sumStatistics(platform, [account]).keepersElsewhere).toBeCloseTo(30, 9);
  });

  it('are codes that have come back', () => {
    const silent = { ...emptyAccountStatistics(), seen: 50 };
    silent.exposure.set('spring', 1_000);
    expect(hasLostCodes(silent)).toBe(true);
    expect(hasLostCodes({ ...silent, keepersElsewhere: 1 })).toBe(false);
  });

  it('are not learned from where the webhook comes more than a day late, like any other lead', async () => {
    const goneOf = async (writtenAfterMs: number) => {
      const { state, leads } = await foldLog(
        log(
          click({ id: 'c1', at: T0, code: 'ABCDE12345' }),
          click({ id: 'c2', at: T0 + 80 * HOUR }),
          message({ id: 'm1', from: 'ann', at: T0 + writtenAfterMs, observed: T0 + 81 * HOUR, codes: ['ABCDE12345'] }),
        ),
      );
      expect(leads.at(-1)).toMatchObject({ method: 'exact_id', clickId: 'c1' });
      return state.statistics.keepersElsewhere;
    };
    expect(await goneOf(71 * HOUR)).toBeCloseTo(1, 1);
    expect(await goneOf(HOUR)).toBe(0);
  });

  it('are counted once each, so that where people write a day after one of a hundred clicks an hour losing it looks no more frequent than it is', async () => {
    const days = 8;
    const truth = { seed: 5, days, clicksPerHour: 100, writes: 0.2, loses: { ios: 0.1 }, medianDelayS: 86_400, spread: 0.5, editS: 0 };
    const { touchpoints } = toyTraffic({ ...truth, organicPerHour: 2, modelEveryHours: 2 });
    const watched = touchpoints.filter(({ observedAtMs }) => observedAtMs < T0 + days * DAY);
    const { state } = await foldLog(watched, { shelf: new Map() as ModelShelf });
    const { matching } = state.accounts.get('acme/wa')!;
    const { keepersElsewhere, keepers, responses } = matching.learned;
    // Its clicks leave after forty hours.
    expect(keepersElsewhere / (keepersElsewhere + keepers.reduce((sum, each) => sum + each, 0))).toBeGreaterThan(0.1);
    expect([...responses.values()].length).toBe(1);
    expect(state.statistics.keepersElsewhere).toBeGreaterThan(100);
    const odds = currentModel(matching, state).lossOdds()[0]!;
    // .20 without them.
    expect(odds).toBeLessThan(0.111 * 1.5);
  }, 120_000);
});
