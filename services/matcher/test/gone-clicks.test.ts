import { describe, expect, it } from 'vitest';
import { currentModel } from '../src/domain/account-matching.ts';
import { evidenceOf } from '../src/domain/matching.ts';
import { posterior } from '../src/domain/posterior.ts';
import { accountWith, asking, PLAIN, PRIORS, WINDOW_MS } from './support/asked-account.ts';
import { HOUR, T0 } from './support/log-builder.ts';

interface Gone {
  readonly campaign: string;
  readonly agoMs: number;
}

/** Odds that clicks which have left the account's store wrote a message from Brazil, against "no click". */
function oddsOf(gone: readonly Gone[]): number {
  const account = accountWith([]);
  Object.assign(account.basis, { observedS: 10 * 86_400, identified: 50_000, organic: 144 });
  account.basis.responses.set('spring', 9_000).set('autumn', 100);
  account.basis.exposure.set('spring', 30_000).set('autumn', 30_000);
  account.basis.campaignHome.set('autumn', new Map([['BR', 90]])).set('spring', new Map([['DE', 9_000]]));
  for (const { campaign, agoMs } of gone) {
    const fromMs = T0 - agoMs;
    account.clicks.cells.set(`${fromMs}/${campaign}`, { campaign, fromMs, mass: 30, clicks: 100 });
  }
  const answer = posterior(evidenceOf(account, currentModel(account, PRIORS), WINDOW_MS), asking({ ...PLAIN, country: 'BR' }));
  return answer.total - 1;
}

describe('clicks that have left the store', () => {
  it('weigh together what those of each half-hour and campaign weigh alone', () => {
    const cells = [5, 6, 9].flatMap((hours) => ['spring', 'autumn'].map((campaign) => ({ campaign, agoMs: hours * HOUR })));
    const alone = cells.map((cell) => oddsOf([cell]));
    expect(Math.min(...alone)).toBeGreaterThan(0);
    expect(new Set(alone).size).toBe(cells.length);
    const sum = alone.reduce((total, odds) => total + odds, 0);
    expect(oddsOf(cells) / sum).toBeCloseTo(1, 9);
    expect(oddsOf(cells.toReversed()) / sum).toBeCloseTo(1, 9);
  });

  it('weigh nothing before their half-hour is over', () => {
    expect(oddsOf([{ campaign: 'spring', agoMs: 0 }])).toBe(0);
    expect(
      oddsOf([
        { campaign: 'spring', agoMs: HOUR },
        { campaign: 'spring', agoMs: 0 },
      ]),
    ).toBe(oddsOf([{ campaign: 'spring', agoMs: HOUR }]));
  });
});
