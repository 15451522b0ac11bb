import { describe, expect, it } from 'vitest';
import { emptyMatching } from '../src/domain/account-matching.ts';
import { admit } from '../src/domain/click-store.ts';
import { mature, matureLeaving } from '../src/domain/learning.ts';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { emptyAccountStatistics } from '../src/domain/model/account-statistics.ts';
import { belowAt } from '../src/domain/model/delay-curve.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics, REACHED_S } from '../src/domain/model/platform-statistics.ts';
import { deviceIndex, kindOf, networkIndex, stratumOf } from '../src/domain/model/strata.ts';
import { total } from '../src/domain/model/tally.ts';
import { learnedRate } from './support/learned-rate.ts';
import { click, HOUR, T0 } from './support/log-builder.ts';

const IOS = deviceIndex('ios');
const STRATUM = stratumOf(kindOf(IOS, networkIndex('fixed')), 0);
const STEPS = REACHED_S.length + 1;
const MODEL = deriveAccount(derivePlatform(emptyPlatformStatistics(), 0), emptyAccountStatistics());

interface Given {
  /** Made unless told otherwise; "" for a click that carried none. */
  readonly code?: string;
  /** The same visitor clicks again so long after the first time. */
  readonly againAfterMs?: number;
}

/** One click of an account, and its age when it leaves the store. */
function left(ageMs: number, { code = 'ABCDE12345', againAfterMs }: Given = {}) {
  const account = emptyMatching();
  const statistics = emptyPlatformStatistics();
  const facts = (id: string, at: number) =>
    click({ id, at, code: id === 'c1' ? code : '', device: 'ios', network: 'fixed', visitorId: 'v' }).click;
  admit(account.clicks, facts('c1', T0), T0, true);
  if (againAfterMs !== undefined) admit(account.clicks, facts('c2', T0 + againAfterMs), T0 + againAfterMs, true);
  // Some of its steps are passed before, as they are where an account's model is made anew.
  mature(account, { statistics }, MODEL, T0 + ageMs / 3, 1);
  matureLeaving(account, { statistics }, MODEL, T0 + ageMs, 0);
  const reached = statistics.reached.subarray(IOS * STEPS, (IOS + 1) * STEPS);
  return {
    due: statistics.due[STRATUM]!,
    promised: total(account.learned.exposure),
    lately: account.learned.lately.due,
    reached: [...reached],
  };
}

describe('clicks that leave the store before their last step', () => {
  const keep = MODEL.keep(IOS);
  const worth = MODEL.platform.worth[STRATUM]!;

  it('have all been due that was due by then, whatever step is the last that they reached', () => {
    for (const ageS of [60, 300, 4_000, 8_000, 30_000, 220_000]) {
      const { due, promised, lately } = left(ageS * 1_000);
      expect(due).toBeCloseTo(belowAt(keep, ageS), 9);
      expect(promised).toBeCloseTo(belowAt(keep, ageS) * worth, 9);
      expect(lately).toBeCloseTo(belowAt(keep, ageS) * worth * MODEL.campaign('spring').rate, 9);
    }
  });

  it('have not been due twice when they have passed the last step', () => {
    expect(left(80 * HOUR).due).toBeCloseTo(belowAt(keep, REACHED_S.at(-1)!), 9);
  });

  it('get as old as all others: their code is known for as long, and leads that come of it are counted by their delay', () => {
    for (const ageS of [60, 4_000, 220_000]) expect(left(ageS * 1_000).reached).toEqual([1, 1, 1, 1, 1, 1]);
    // Its visitor has clicked again: nobody waits for it any more.
    expect(left(30_000_000, { againAfterMs: 200_000 }).reached).toEqual([1, 1, 0, 0, 0, 0]);
  });

  it('without a code promise their account something and teach what labels tell nothing', () => {
    const { due, promised, reached } = left(30_000_000, { code: '' });
    expect(promised).toBeCloseTo(belowAt(MODEL.codeless(IOS), 30_000) * worth, 9);
    expect(due).toBe(0);
    expect(reached.every((each) => each === 0)).toBe(true);
  });

  it('are due for nothing more once their visitor has clicked again', () => {
    expect(left(30_000_000, { againAfterMs: 200_000 }).due).toBeCloseTo(belowAt(keep, 120), 9);
  });

  it('do not make an account whose people write a day later seem to be written to more often than it is', async () => {
    const truth = { seed: 7, days: 12, clicksPerHour: 100, writes: 0.2, loses: { ios: 0.05 }, medianDelayS: 86_400, spread: 0.2, editS: 0 };
    const rate = await learnedRate(truth);
    // Clicks leave after forty hours; without what was due from the twelfth on it was .95, the most that there is.
    expect(rate).toBeGreaterThan(0.19 * 0.8);
    expect(rate).toBeLessThan(0.19 * 1.3);
  }, 120_000);
});
