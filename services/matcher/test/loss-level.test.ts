import { describe, expect, it } from 'vitest';
import { isCertain, type Lead } from '../src/domain/lead.ts';
import { meanLossOdds } from '../src/domain/model/loss-level.ts';
import { foldLog, type ModelShelf, newest } from './support/fold-harness.ts';
import { DAY, T0 } from './support/log-builder.ts';
import { toyTraffic } from './support/toy-traffic.ts';

const TRUTH = {
  seed: 22,
  days: 8,
  clicksPerHour: 40,
  writes: 0.25,
  medianDelayS: 40,
  spread: 1,
  editS: 10,
  organicPerHour: 3,
  modelEveryHours: 2,
};

describe('the odds of losing the code, over all clicks', () => {
  it('are those of one in twenty until anything is known', () => {
    expect(meanLossOdds(0, 0)).toBeCloseTo(1 / 19, 10);
  });

  it('stay near that where codes are lost as they usually are', () => {
    // By the usual prior alone (20 + found) / (380 + keepers).
    expect(meanLossOdds(2_000, 105)).toBeCloseTo(125 / 2_380, 3);
    expect(meanLossOdds(50, 8)).toBeCloseTo(28 / 430, 2);
  });

  it('are what is found where nearly all are lost, though few keep theirs', () => {
    expect(meanLossOdds(200, 3_000)).toBeGreaterThan(12);
    expect(meanLossOdds(200, 3_000)).toBeLessThan(15);
  });

  it('grow with those who lose it, and have a bound', () => {
    let before = 0;
    for (let losers = 0; losers <= 5_000; losers += 5) {
      const odds = meanLossOdds(100, losers);
      expect(odds).toBeGreaterThan(before);
      before = odds;
    }
    expect(meanLossOdds(200, 1e6)).toBe(99);
    // Nobody has shown that a code can be kept: losers are whatever the model takes for such.
    expect(meanLossOdds(0, 1e6)).toBe(9);
    expect(meanLossOdds(1e6, 0)).toBeGreaterThan(0);
  });
});

describe('an account of whose codes one in twenty comes back', () => {
  it('has its people’s messages taken for theirs', async () => {
    const truth = { ...TRUTH, loses: { ios: 0.95 } };
    const traffic = toyTraffic(truth);
    const shelf: ModelShelf = new Map();
    const leads = newest((await foldLog(traffic.touchpoints, { shelf })).leads);
    const answers = leads.filter(({ startedAtMs, method }) => startedAtMs > T0 + truth.days * DAY * 0.5 && !isCertain(method));
    const isNone = ({ firstMessageId }: Lead) => !traffic.clickOf.has(firstMessageId);
    const none = answers.filter(isNone).length;
    const said = answers.reduce((sum, { pNone }) => sum + pNone, 0);
    const loss = answers.reduce((sum, lead) => sum - Math.log(Math.max(1e-4, isNone(lead) ? lead.pNone : 1 - lead.pNone)), 0);
    expect(answers.length).toBeGreaterThan(1_000);
    // Of 1,193 messages 274 are nobody's: 161 are said to be. With odds of losing bound to 9, 694; with bursts told from those who kept their code alone, 362.
    expect(said).toBeGreaterThan(none * 0.4);
    expect(said).toBeLessThan(none * 1.2);
    // Whoever knows nothing but how many are nobody's loses .539 a message, and .462 are lost.
    const share = none / answers.length;
    expect(loss / answers.length).toBeLessThan(-share * Math.log(share) - (1 - share) * Math.log(1 - share));
  }, 60_000);
});
