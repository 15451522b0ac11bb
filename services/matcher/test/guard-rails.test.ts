import { describe, expect, it } from 'vitest';
import { refusalOf } from '../src/domain/model/guard-rails.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import type { PlatformScalars, PlatformStatistics } from '../src/domain/model/platform-statistics.ts';
import type { LearnedModel } from '../src/domain/model/training.ts';
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

const flood = (statistics: PlatformStatistics) => {
  statistics.losers[0] = 4_000;
};

describe('a model', () => {
  it('may follow one that it does not differ from, and the first of all', () => {
    expect(refusalOf(learned(1, T0, 5_000), undefined)).toBeUndefined();
    expect(refusalOf(learned(2, T0 + HOUR, 5_200), learned(1, T0, 5_000))).toBeUndefined();
  });

  it('is refused when a rate jumps, with the rate and both its values', () => {
    const refused = refusalOf(learned(2, T0 + HOUR, 5_000, flood), learned(1, T0, 5_000));
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
    expect(refusalOf(after, before)?.detail).toMatch(detail);
  });

  it('is not bound by one that had too few leads behind it, nor by one of three days ago', () => {
    expect(refusalOf(learned(2, T0 + HOUR, 5_000, flood), learned(1, T0, 499))).toBeUndefined();
    expect(refusalOf(learned(2, T0 + 3 * DAY - 1, 5_000, flood), learned(1, T0, 5_000))?.reason).toBe('jump');
    expect(refusalOf(learned(2, T0 + 3 * DAY, 5_000, flood), learned(1, T0, 5_000))).toBeUndefined();
  });

  it('is refused when a parameter is no number, whatever went before', () => {
    const broken = learned(1, T0, 5_000, (statistics) => {
      statistics.scalars.forwards = Number.NaN;
    });
    expect(refusalOf(broken, undefined)).toEqual({ reason: 'not_finite', detail: 'leads forwarded per lead is NaN' });
  });
});
