import { describe, expect, it } from 'vitest';
import { decodeStatistics, encodeStatistics } from '../src/adapters/statistics-codec.ts';
import { currentModel } from '../src/domain/account-matching.ts';
import { expectation } from '../src/domain/expectation.ts';
import { placeOf } from '../src/domain/learned-parts.ts';
import { sumStatistics } from '../src/domain/matching.ts';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { addSpread, noSpread, strengthOf } from '../src/domain/model/account-spread.ts';
import { emptyAccountStatistics } from '../src/domain/model/account-statistics.ts';
import { fit } from '../src/domain/model/fit.ts';
import { derivePlatform, LOSS_SPREAD, ORGANIC_SPREAD } from '../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics } from '../src/domain/model/platform-statistics.ts';
import { placeOfGroup } from '../src/domain/unlisted-clicks.ts';
import { accountWith, PRIORS } from './support/asked-account.ts';
import { concludedAt } from './support/concluded-answers.ts';
import { T0 } from './support/log-builder.ts';
import { SINCE_SPREADS } from './support/model-bytes.ts';

const FIRST = { strength: 8, accounts: 3 };

/** Half of the accounts lose this much more than expected, the others as much less; beyond that each count is off by its own chance. */
function platform(accounts: number, expected: number, by: number, first = FIRST) {
  const sums = noSpread();
  for (let at = 0; at < accounts; at += 1) {
    const mean = expected * (1 + (at % 2 === 0 ? by : -by));
    addSpread(sums, mean + (at % 4 < 2 ? 1 : -1) * Math.sqrt(mean), expected, first);
  }
  return sums;
}

describe('how far accounts differ in a rate', () => {
  it('is the first guess before any account is known, and while none has shown itself', () => {
    expect(strengthOf(noSpread(), FIRST)).toBe(8);
    const sums = noSpread();
    addSpread(sums, 3, 0, FIRST);
    for (let at = 0; at < 10; at += 1) addSpread(sums, at % 2, 0.05, FIRST);
    expect(strengthOf(sums, FIRST)).toBeCloseTo(8, 1);
  });

  it('is told by accounts beyond what is chance in a count', () => {
    // A coefficient of variation of .5 is a strength of 4, one of .2 a strength of 25.
    expect(strengthOf(platform(400, 60, 0.5), FIRST)).toBeCloseTo(4, 0);
    expect(strengthOf(platform(4_000, 400, 0.2), FIRST) / 25).toBeCloseTo(1, 0);
    expect(strengthOf(platform(400, 60, 0), FIRST)).toBeGreaterThan(80);
  });

  it('is told by one account no more than by another, however large it is', () => {
    const sums = platform(40, 60, 0);
    const before = strengthOf(sums, FIRST);
    addSpread(sums, 2_000_000, 1_000_000, FIRST);
    const after = strengthOf(sums, FIRST);
    expect(after).toBeLessThan(before);
    expect(after).toBeGreaterThan(15);
  });

  it('stays within bounds: nobody is quite alike, nor is any account by itself', () => {
    const apart = noSpread();
    for (let at = 0; at < 10_000; at += 1) addSpread(apart, at % 50 === 0 ? 5_000 : 0, 100, FIRST);
    expect(strengthOf(apart, FIRST)).toBe(1);
    const alike = noSpread();
    for (let at = 0; at < 10_000; at += 1) addSpread(alike, 1_000, 1_000, FIRST);
    expect(strengthOf(alike, FIRST)).toBe(200);
  });

  it('is of losing the code and of messages of no click, each its own', () => {
    const lossSpread = platform(400, 60, 0.5, LOSS_SPREAD);
    const organicSpread = platform(400, 60, 0.1, ORGANIC_SPREAD);
    const { lossStrength, organicStrength } = derivePlatform({ ...emptyPlatformStatistics(), lossSpread, organicSpread }, 1);
    expect(lossStrength).toBeLessThan(5);
    expect(organicStrength).toBeGreaterThan(20);
    expect(PRIORS.platform).toMatchObject({ lossStrength: LOSS_SPREAD.strength, organicStrength: ORGANIC_SPREAD.strength });
  });

  it('is told by the accounts of a partition as they stand', () => {
    const { loss } = PRIORS.platform;
    const accounts = [10, 90, 10, 90].map((losers) => {
      const account = accountWith([]);
      account.learned.fadedAtMs = T0;
      account.learned.keepers[0] = (50 * (1 - loss[0]!)) / loss[0]!;
      account.learned.losers = losers;
      account.learned.identified = account.learned.keepers[0];
      account.learned.organic = PRIORS.platform.organicRatio * (account.learned.identified + losers);
      account.concluded.push(concludedAt(T0));
      return account;
    });
    const { lossSpread, organicSpread } = sumStatistics(PRIORS, accounts);
    const expected = noSpread();
    for (const losers of [10, 90, 10, 90]) addSpread(expected, losers, 50, LOSS_SPREAD);
    expect(lossSpread[0]).toBeCloseTo(expected[0]!, 9);
    expect(lossSpread[1]).toBeCloseTo(expected[1]!, 9);
    expect(strengthOf(lossSpread, LOSS_SPREAD)).toBeLessThan(5);
    expect(strengthOf(organicSpread, ORGANIC_SPREAD)).toBeGreaterThan(4);
    expect(PRIORS.statistics.lossSpread[1]).toBe(0);
  });

  it('counts those who are taken to have lost the code by their answers, of clicks that are named and of those that are not', () => {
    const { loss } = PRIORS.platform;
    const account = accountWith([]);
    account.learned.fadedAtMs = T0;
    account.learned.keepers[0] = (50 * (1 - loss[0]!)) / loss[0]!;
    account.learned.losers = 40;
    const place = placeOf({ kind: 0, bin: 20, greeting: 'words', way: 'lost' });
    // Odds that leave nothing to nobody: each is a loser, one of a click that is named, two of others.
    account.concluded.push(concludedAt(T0, { options: [1e9, place] }));
    for (let each = 0; each < 2; each += 1) account.concluded.push(concludedAt(T0, { rest: [1e9, placeOfGroup(5)] }));
    const { losers, losersElsewhere } = expectation(account.concluded, currentModel(account, PRIORS), T0);
    expect([losers[0], losersElsewhere].map((each) => Math.round(each!))).toEqual([1, 2]);
    const expected = noSpread();
    addSpread(expected, 43, 50, LOSS_SPREAD);
    expect(sumStatistics(PRIORS, [account]).lossSpread[0]).toBeCloseTo(expected[0]!, 2);
  });

  it('decides how soon an account is answered by its own messages of no click', () => {
    const basis = { ...emptyAccountStatistics(), fadedAtMs: T0, observedS: 10 * 86_400, identified: 240, organic: 200 };
    const level = (organicStrength: number) =>
      deriveAccount({ ...PRIORS.platform, organicStrength }, basis)
        .organicPerS()
        .reduce((sum, each) => sum + each, 0);
    // Ten times as many have come as were expected.
    expect(level(1) / level(150)).toBeGreaterThan(3);
  });

  it('is not told by accounts without codes, which no label counts', () => {
    const account = accountWith([]);
    account.learned.fadedAtMs = T0;
    account.concluded.push(concludedAt(T0));
    const { lossSpread, organicSpread } = sumStatistics(PRIORS, [account]);
    expect([...lossSpread, ...organicSpread]).toEqual([0, 0, 0, 0]);
  });

  it('adds up over partitions, and comes back from the record of a model', () => {
    const part = { ...emptyPlatformStatistics(), lossSpread: platform(9, 60, 0.5), organicSpread: platform(7, 30, 0.2) };
    const all = fit([part, part], { version: 1 }).statistics;
    expect([...all.lossSpread, ...all.organicSpread]).toEqual([...part.lossSpread, ...part.organicSpread].map((each) => 2 * each));
    expect(decodeStatistics(encodeStatistics(all))).toEqual(all);
    const empty = encodeStatistics(emptyPlatformStatistics());
    expect(decodeStatistics(empty.subarray(0, empty.length - SINCE_SPREADS))).toEqual(emptyPlatformStatistics());
  });
});
