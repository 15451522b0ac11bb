import { describe, expect, it } from 'vitest';
import { lawsOf } from '../account.ts';
import { type Answer, answersOf, personProbabilities } from '../oracle.ts';
import { type Regime, type RegimeName, regimeOf } from '../regimes.ts';
import { drawTraffic } from '../traffic.ts';
import { exactPosterior } from './joint-posterior.ts';

/** Histories are fixed by their seeds, so these are no chances: a law that the oracle and the generator do not share moves them far beyond. */
const STANDARD_ERRORS = 4;

const SAMPLES: readonly (readonly [RegimeName, Partial<Regime>])[] = [
  ['base', { accounts: 8, days: 12 }],
  ['organic-low', { accounts: 8, days: 12 }],
  ['vpn', { accounts: 6, days: 10 }],
  ['delayed', { accounts: 6, days: 12 }],
  ['bots', { accounts: 6, days: 12 }],
  ['forwarded', { accounts: 8, days: 12, lose: { mobile: 0.2, desktop: 0.3 } }],
  ['removers-differ', { accounts: 6, days: 12 }],
  ['burst', { accounts: 6, days: 12 }],
  ['flood', { accounts: 6, days: 12 }],
  ['damage', { accounts: 6, days: 12, codeGarbled: 0.1 }],
  ['late', { accounts: 6, days: 12, late: 0.4 }],
  ['returning', { accounts: 6, days: 12 }],
  ['weibull', { accounts: 6, days: 12 }],
  ['qr', { accounts: 3, days: 8 }],
];

describe.each(SAMPLES)('in %s', (name, changes) => {
  const regime = { ...regimeOf(name), ...changes };
  const laws = lawsOf(regime);
  const answers = Array.from({ length: regime.accounts }, (_, at) => answersOf(regime, drawTraffic(regime, 11, at), laws)).flat();

  it('answers sum to one and no visit is promised to two messages', () => {
    const promised = new Map<string, number>();
    for (const { none, other, candidates, shares } of answers) {
      const named = candidates.reduce((sum, { probability }) => sum + probability, 0);
      expect(none + other + named).toBeCloseTo(1, 9);
      expect(none + shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 9);
      for (const { visit, probability } of candidates) promised.set(visit.lastId, (promised.get(visit.lastId) ?? 0) + probability);
    }
    // Belief propagation is approximate and answers differ in what they know: a whole and a quarter, never two.
    for (const sum of promised.values()) expect(sum).toBeLessThan(1.25);
  });

  it('answers are right as often as they say', () => {
    expect(answers.length).toBeGreaterThan(400);
    expect(Math.abs(errorOf(answers.map((answer) => ({ p: answer.none, isRight: answer.message.click === undefined }))))).toBeLessThan(
      STANDARD_ERRORS,
    );
    const named = answers.flatMap(({ message, candidates }) =>
      candidates.map(({ visit, probability }) => ({ p: probability, isRight: message.click?.visit === visit })),
    );
    for (const [low, high] of [
      [0, 0.02],
      [0.02, 0.1],
      [0.1, 0.3],
      [0.3, 0.6],
      [0.6, 0.9],
      [0.9, 1.01],
    ] as const) {
      expect(Math.abs(errorOf(named.filter(({ p }) => p >= low && p < high)))).toBeLessThan(STANDARD_ERRORS);
    }
  });

  it('the realised log loss is the expected one', () => {
    let [difference, variance] = [0, 0];
    for (const answer of answers) {
      const outcomes = [answer.none, answer.other, ...answer.candidates.map(({ probability }) => probability)].filter((p) => p > 0);
      const expected = -outcomes.reduce((sum, p) => sum + p * Math.log(p), 0);
      difference += expected + Math.log(probabilityOfTruth(answer));
      variance += outcomes.reduce((sum, p) => sum + p * Math.log(p) ** 2, 0) - expected ** 2;
    }
    expect(Math.abs(difference) / Math.sqrt(variance)).toBeLessThan(STANDARD_ERRORS);
  });
});

/** Difference of shares of right answers and probabilities, in standard errors; 0 of nothing. */
function errorOf(bets: readonly { readonly p: number; readonly isRight: boolean }[]): number {
  const variance = bets.reduce((sum, { p }) => sum + p * (1 - p), 0);
  const excess = bets.reduce((sum, { p, isRight }) => sum + (isRight ? 1 : 0) - p, 0);
  return variance === 0 ? 0 : excess / Math.sqrt(variance);
}

function probabilityOfTruth({ message, none, other, candidates }: Answer): number {
  if (message.click === undefined) return none;
  const found = candidates.find(({ visit }) => visit === message.click?.visit);
  return found?.probability ?? Math.max(other, 1e-6);
}

describe('against the joint posterior', () => {
  it.each([
    ['base', {}],
    ['forwarded', { forward: 0.3 }],
    ['damage', { codeGarbled: 0.3 }],
    ['late', { late: 0.5 }],
    ['bots', {}],
  ] as const)('%s: each answer is near the exact one', (name, changes) => {
    // Half of all codes lost, so that messages compete; a few hours, so that all subsets of messages can be counted.
    const regime: Regime = {
      ...regimeOf(name),
      ...changes,
      clicksPerHour: 14,
      days: 0.25,
      accountSpread: 0,
      lose: { mobile: 0.5, desktop: 0.5 },
      organic: 0.3,
    };
    const laws = lawsOf(regime);
    let [compared, distance, worst, alone] = [0, 0, 0, 0];
    for (let seed = 0; seed < 60; seed += 1) {
      const traffic = drawTraffic(regime, seed, 0);
      if (traffic.messages.filter(({ code }) => code === '').length > 9) continue;
      const person = personProbabilities(regime, traffic);
      for (const answer of answersOf(regime, traffic, laws)) {
        const atMs = Math.max(answer.message.second * 1000 + 3_600_000, answer.message.receivedMs);
        const exact = exactPosterior(regime, traffic, laws, person, answer.message, atMs);
        const differences = [Math.abs(exact.none - answer.none)];
        for (const { visit, probability } of answer.candidates) differences.push(Math.abs((exact.byVisit.get(visit) ?? 0) - probability));
        compared += 1;
        distance += Math.max(...differences);
        worst = Math.max(worst, ...differences);
        if (Math.max(...differences) < 1e-3) alone += 1;
      }
    }
    expect(compared).toBeGreaterThan(100);
    expect(distance / compared).toBeLessThan(0.01);
    expect(worst).toBeLessThan(0.25);
    // Where nobody competes, belief propagation is exact.
    expect(alone / compared).toBeGreaterThan(0.5);
  });
});
