import { describe, expect, it } from 'vitest';
import { factorAt, meanLossOdds } from '../src/domain/learned-parts.ts';
import { DELAY_BINS, delayBin } from '../src/domain/model/delay-grid.ts';
import { refusalOf } from '../src/domain/model/guard-rails.ts';
import type { LearnedModel } from '../src/domain/model/learned-model.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import type { PlatformScalars, PlatformStatistics } from '../src/domain/model/platform-statistics.ts';
import { deviceIndex, KINDS, kindOf, networkIndex } from '../src/domain/model/strata.ts';
import { bareAccount, compare, lossUnder, type Trial } from '../src/domain/model-trial.ts';
import { DAY, HOUR, T0 } from './support/log-builder.ts';
import { statisticsOf } from './support/model-log.ts';

function learned(
  version: number,
  learnedAtMs: number,
  identified: number,
  change: (statistics: PlatformStatistics) => void = () => undefined,
): LearnedModel {
  const statistics = statisticsOf(identified, T0);
  change(statistics);
  return { model: derivePlatform(statistics, version), learnedAtMs };
}

const refusal = (next: LearnedModel, inForce: LearnedModel | undefined, trials: readonly Trial[] = []) => refusalOf(next, inForce, trials);

const flood = (statistics: PlatformStatistics) => {
  statistics.losers[0] = 4_000;
};

describe('a model', () => {
  it('may follow one that it does not differ from, and the first of all', () => {
    expect(refusal(learned(1, T0, 5_000), undefined)).toBeUndefined();
    expect(refusal(learned(2, T0 + HOUR, 5_200), learned(1, T0, 5_000))).toBeUndefined();
  });

  it('is refused when a rate jumps, with the rate and both its values', () => {
    const refused = refusal(learned(2, T0 + HOUR, 5_000, flood), learned(1, T0, 5_000));
    expect(refused?.reason).toBe('jump');
    expect(refused?.detail).toMatch(/^odds of losing the code on ios went from 0\.0\d+ to 0\.\d+, by more than a factor of 3$/);
  });

  const scalar = (name: keyof PlatformScalars, value: number) => (statistics: PlatformStatistics) => {
    statistics.scalars[name] = value;
  };
  const slowly = (statistics: PlatformStatistics) => {
    statistics.delays.fill(900, 60, 66);
  };

  it.each([
    ['how long people take', slowly, /median delay on ios/],
    ['messages of no click', scalar('organic', 90_000), /messages of no click per lead/],
    ['forwards', scalar('forwards', 4_000), /leads forwarded per lead/],
    ['greetings kept', scalar('keptGreeting', 4_000), /odds of keeping the greeting/],
    ['greetings of no click', scalar('organicGreeting', 4_000), /odds of a greeting without click/],
  ] as const)('is watched for %s', (_, change, detail) => {
    const before = learned(1, T0, 5_000, (s) => {
      s.delays.fill(900, 10, 16);
    });
    const after = learned(2, T0 + HOUR, 5_000, (s) => {
      s.delays.fill(900, 10, 16);
      change(s);
    });
    expect(refusal(after, before)?.detail).toMatch(detail);
  });

  it('is not bound by one that had too few leads behind it, nor by one of three days ago', () => {
    expect(refusal(learned(2, T0 + HOUR, 5_000, flood), learned(1, T0, 499))).toBeUndefined();
    expect(refusal(learned(2, T0 + 3 * DAY - 1, 5_000, flood), learned(1, T0, 5_000))?.reason).toBe('jump');
    expect(refusal(learned(2, T0 + 3 * DAY, 5_000, flood), learned(1, T0, 5_000))).toBeUndefined();
  });

  it('is refused when a parameter is no number, whatever went before', () => {
    const broken = learned(1, T0, 5_000, (statistics) => {
      statistics.scalars.forwards = Number.NaN;
    });
    expect(refusal(broken, undefined)).toEqual({ reason: 'not_finite', detail: 'leads forwarded per lead is NaN' });
  });

  describe('compared on the hidden test set', () => {
    /** A message 20 s after the click that was the truth, with another click an hour earlier: the model decides by delays alone. */
    const trials = (count: number): readonly Trial[] =>
      Array.from({ length: count }, () => ({ variants: 1, truth: [1, placeAt(20)] as const, others: [1, placeAt(3_600)], rest: 0.1 }));
    const before = learned(1, T0, 5_000, (s) => {
      s.delays.fill(900, 10, 20);
    });
    const slower = learned(2, T0 + HOUR, 300, (s) => {
      s.delays.fill(900, 40, 50);
    });

    it('is refused when it is worse by more than chance, also where the old one binds no parameter', () => {
      const few = learned(1, T0, 100, (s) => {
        s.delays.fill(900, 10, 20);
      });
      const refused = refusal(slower, few, trials(200));
      expect(refused?.reason).toBe('worse');
      expect(refused?.detail).toMatch(
        /^its loss is worse than that of the model in force by \d.* nats on 200 messages of the hidden test set$/,
      );
      expect(refusal(slower, few, trials(199))).toBeUndefined();
    });

    it('may be better, or the same', () => {
      expect(refusal({ ...before, learnedAtMs: T0 + HOUR }, { ...slower, learnedAtMs: T0 }, trials(500))?.reason).not.toBe('worse');
      expect(refusal({ ...before, learnedAtMs: T0 + HOUR }, before, trials(500))).toBeUndefined();
    });

    it('is measured by the loss of the truth among clicks, whatever the rate of other messages', () => {
      const [trial] = trials(1);
      const model = bareAccount(before.model);
      const odds = (at: number) => factorAt(model, placeAt(at), 1);
      expect(lossUnder(trial!, model)).toBeCloseTo(-Math.log(odds(20) / (odds(20) + odds(3_600) + 0.1 * meanLossOdds(model))), 9);
      const { difference, error } = compare(trials(10), slower.model, before.model);
      expect(difference).toBeCloseTo(lossUnder(trial!, bareAccount(slower.model)) - lossUnder(trial!, model), 9);
      expect(error).toBeCloseTo(0, 6);
    });
  });
});

/** Place of an iPhone's click on an unknown network, so many seconds before, whose greeting says nothing. */
function placeAt(delayS: number): number {
  return (3 * DELAY_BINS + delayBin(delayS)) * KINDS + kindOf(deviceIndex('ios'), networkIndex('unknown'));
}
