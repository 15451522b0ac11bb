import { describe, expect, it } from 'vitest';
import { lawsOf } from '../account.ts';
import { answersOf } from '../oracle.ts';
import { oracleTermsOf, TERMS } from '../oracle-terms.ts';
import { regimeOf } from '../regimes.ts';
import { drawTraffic } from '../traffic.ts';

describe.each(['base', 'qr', 'hidden-phone', 'forwarded'] as const)('what the oracle says by term in %s', (name) => {
  const regime = regimeOf(name, { accounts: 1, days: 8 });
  const laws = lawsOf(regime);
  const traffic = drawTraffic(regime, 5, 0);
  const termsOf = oracleTermsOf(regime, laws, traffic);
  const compared = answersOf(regime, traffic, laws).flatMap(({ message, none, candidates }) =>
    candidates
      .filter(({ probability }) => probability > 1e-3)
      .map(({ visit, probability }) => ({ terms: termsOf(message, visit.lastId), odds: Math.log(probability / none) })),
  );

  it('is its answer, before other messages compete for the click', () => {
    expect(compared.length).toBeGreaterThan(100);
    const competed = compared.map(({ terms, odds }) => terms!.total - odds);
    // Others take of a click and never give to it.
    for (const taken of competed) expect(taken).toBeGreaterThan(-1e-6);
    expect(competed.filter((taken) => taken < 0.01).length).toBeGreaterThan(0.7 * compared.length);
  });

  it('adds up', () => {
    for (const { terms } of compared) expect(TERMS.reduce((sum, term) => sum + terms![term], 0)).toBeCloseTo(terms!.total, 9);
  });
});

it('says nothing of a click that it does not know', () => {
  const regime = regimeOf('base', { accounts: 1, days: 2 });
  const traffic = drawTraffic(regime, 5, 0);
  expect(oracleTermsOf(regime, lawsOf(regime), traffic)(traffic.messages[0]!, 'nobody')).toBeUndefined();
});
