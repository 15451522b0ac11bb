import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currentModel } from '../src/domain/account-matching.ts';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { emptyAccountStatistics } from '../src/domain/model/account-statistics.ts';
import { KINDS } from '../src/domain/model/strata.ts';
import { PRIORS } from './support/asked-account.ts';
import { foldLog, type ModelShelf } from './support/fold-harness.ts';
import { anySeed, modelOf } from './support/random-models.ts';
import { toyTraffic } from './support/toy-traffic.ts';

const { platform } = PRIORS;
const USUAL = platform.loss[0]! / (1 - platform.loss[0]!);

/** Odds of an account with so many leads that kept the code on one kind of click, and so many that lost it. */
function oddsOf(keepers: number, losers: number): Float64Array {
  const basis = emptyAccountStatistics();
  basis.keepers[0] = keepers;
  basis.losers = losers;
  return deriveAccount(platform, basis).lossOdds();
}

describe('the odds of losing the code', () => {
  it('are those of the platform where the account has shown nothing, and where it shows the same', () => {
    expect(oddsOf(0, 0)[0]).toBeCloseTo(USUAL, 12);
    expect(oddsOf(10_000, 10_000 * USUAL)[0]).toBeCloseTo(USUAL, 12);
  });

  it('are drawn to what the account shows: half way where as many losers are expected as stand behind the platform', () => {
    const keepers = platform.lossStrength / USUAL;
    expect(oddsOf(keepers, 3 * platform.lossStrength)[0]! / USUAL).toBeCloseTo(2, 9);
    expect(oddsOf(keepers, 0)[0]! / USUAL).toBeCloseTo(0.5, 9);
    expect(oddsOf(100 * keepers, 300 * platform.lossStrength)[0]! / USUAL).toBeCloseTo(2.98, 2);
  });

  it('follow the account at once on a platform whose accounts differ, and hardly where they are alike', () => {
    const onPlatform = (lossStrength: number) => {
      const basis = emptyAccountStatistics();
      basis.keepers[0] = 20 / USUAL;
      basis.losers = 60;
      return deriveAccount({ ...platform, lossStrength }, basis).lossOdds()[0]! / USUAL;
    };
    expect(onPlatform(1)).toBeCloseTo(61 / 21, 9);
    expect(onPlatform(180)).toBeCloseTo(240 / 200, 9);
  });

  it('are positive, at most nine where few have kept it, and keep the ratio of kinds of clicks below that, whatever was learned', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        const model = modelOf(seed);
        const odds = model.lossOdds();
        expect(odds).toHaveLength(KINDS);
        const usual = (kind: number) => model.platform.loss[kind]! / (1 - model.platform.loss[kind]!);
        for (const [kind, each] of odds.entries()) {
          expect(each > 0 && each <= 9).toBe(true);
          if (each < 9 && odds[0]! < 9) expect(each / odds[0]!).toBeCloseTo(usual(kind) / usual(0), 6);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('of an account are found from its messages, when the platform expects another rate', async () => {
    const traffic = toyTraffic({
      seed: 23,
      days: 12,
      clicksPerHour: 25,
      writes: 0.3,
      loses: { ios: 0.4 },
      medianDelayS: 30,
      spread: 1.1,
      editS: 20,
      organicPerHour: 0.5,
      modelEveryHours: 24,
    });
    // The platform's model stays at its priors: one in twenty loses the code.
    const shelf: ModelShelf = new Map(Array.from({ length: traffic.versions }, (_, index) => [index + 1, platform]));
    const { state } = await foldLog(traffic.touchpoints, { shelf });
    const odds = currentModel(state.accounts.get('acme/wa')!.matching, state).lossOdds()[0]!;
    expect(state.platform).toBe(platform);
    // The truth is .4; some losers' worth of the prior hold it back.
    expect(odds / (1 + odds)).toBeGreaterThan(0.3);
    expect(odds / (1 + odds)).toBeLessThan(0.45);
  });
});
