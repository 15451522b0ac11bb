import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AccountMatching, currentModel, type PlatformMatching } from '../src/domain/account-matching.ts';
import { slotOf } from '../src/domain/click-store.ts';
import { evidenceTerms } from '../src/domain/evidence-terms.ts';
import { evidenceOf } from '../src/domain/matching.ts';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { type AccountStatistics, emptyAccountStatistics } from '../src/domain/model/account-statistics.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics, type PlatformStatistics } from '../src/domain/model/platform-statistics.ts';
import { add, name } from '../src/domain/model/tally.ts';
import { type Posterior, posterior } from '../src/domain/posterior.ts';
import { accountWith, anyClick, anyMarks, asking, type Given, PLAIN, WINDOW_MS } from './support/asked-account.ts';
import { DAY, HOUR, MINUTE, SECOND, source, T0 } from './support/log-builder.ts';
import { anySeed, CAMPAIGNS, COUNTRIES, modelOf, statisticsOf } from './support/random-models.ts';

const RUNS = { numRuns: 200 };
describe('the posterior', () => {
  it('is a distribution over clicks, others and no click, however little is known and whatever was learned', () => {
    fc.assert(
      fc.property(anySeed, fc.array(anyClick, { maxLength: 40 }), anyMarks, (seed, clicks, marks) => {
        const account = accountWith(clicks);
        const { options, pNone, pOther, sources, scanned } = posterior(evidenceOf(account, modelOf(seed), WINDOW_MS), asking(marks));
        const listed = options.map(({ probability }) => probability);
        expect(sum(listed) + pNone + pOther).toBeCloseTo(1, 9);
        expect(sum(sources.map(({ probability }) => probability)) + pNone).toBeCloseTo(1, 9);
        for (const probability of [pNone, pOther, ...listed]) expect(probability >= 0 && probability <= 1).toBe(true);
        expect(listed).toEqual(listed.toSorted((a, b) => b - a));
        expect(options.length).toBeLessThanOrEqual(16);
        expect(scanned).toBeLessThanOrEqual(clicks.length);
      }),
      RUNS,
    );
  });

  it('looks at nothing that is too old, too young or superseded', () => {
    const account = accountWith([
      { at: T0 - 72 * HOUR - SECOND },
      { at: T0 - 72 * HOUR + SECOND },
      { at: T0 + 5 * SECOND },
      { at: T0 + 5 * SECOND + 1 },
      { at: T0 - 2 * MINUTE, visitorId: 'v1' },
      { at: T0 - MINUTE, visitorId: 'v1' },
    ]);
    const { options } = posterior(
      evidenceOf(account, modelOf({ seed: 1, density: 0, platformScale: 0, accountScale: 0, days: 0 }), WINDOW_MS),
      asking(PLAIN),
    );
    expect(options.map((option) => option.click).sort()).toEqual([1, 2, 5]);
  });

  it('does not change at all when a click is added that cannot have led to the message', () => {
    const never = fc.oneof(fc.integer({ min: 72 * HOUR + 1, max: 200 * HOUR }), fc.integer({ min: -DAY, max: -5 * SECOND - 1 }));
    fc.assert(
      fc.property(anySeed, fc.array(anyClick, { maxLength: 25 }), anyMarks, never, fc.nat(25), (given, clicks, marks, agoMs, place) => {
        // Of an account that is a day old: before, any click tells how large it is.
        const seed = { ...given, days: given.days + 1 };
        const added: Given = { at: T0 - agoMs, greetingVariant: 0 };
        const most: Given = { at: T0 - 90 * HOUR, greetingVariant: 3 };
        const without = accountWith([most, ...clicks]);
        const within = accountWith([most, ...clicks.toSpliced(Math.min(place, clicks.length), 0, added)]);
        const before = posterior(evidenceOf(without, modelOf(seed), WINDOW_MS), asking(marks));
        const after = posterior(evidenceOf(within, modelOf(seed), WINDOW_MS), asking(marks));
        expect(byClick(within, after)).toEqual(byClick(without, before));
      }),
      RUNS,
    );
  });

  it('changes by less than a thousandth when a click from days ago and far away is added', () => {
    const model = () => deriveAccount(derivePlatform(traffic(), 1), traffickedAccount());
    const far = fc.integer({ min: 48 * HOUR, max: 72 * HOUR });
    fc.assert(
      fc.property(fc.array(anyClick, { maxLength: 25 }), anyMarks, far, fc.nat(25), (clicks, marks, agoMs, place) => {
        const added: Given = {
          at: T0 - agoMs,
          country: 'NG',
          network: 'fixed',
          languages: ['hi'],
          source: source({ utmCampaign: 'elsewhere' }),
        };
        const said = { ...marks, country: 'DE' };
        const most: Given = { at: T0 - 90 * HOUR, greetingVariant: 3 };
        const without = accountWith([most, ...clicks]);
        const within = accountWith([most, ...clicks.toSpliced(Math.min(place, clicks.length), 0, { ...added, greetingVariant: -1 })]);
        const before = byClick(without, posterior(evidenceOf(without, model(), WINDOW_MS), asking(said)));
        const after = byClick(within, posterior(evidenceOf(within, model(), WINDOW_MS), asking(said)));
        for (const [at, probability] of before) expect(Math.abs((after.get(at) ?? 0) - probability)).toBeLessThan(1e-3);
      }),
      RUNS,
    );
  });

  it('adds up its evidence, in bits, to the odds of the winner and the runner-up against no click', () => {
    fc.assert(
      fc.property(anySeed, fc.array(anyClick, { minLength: 1, maxLength: 12 }), anyMarks, (seed, clicks, marks) => {
        const account = accountWith(clicks);
        const evidence = evidenceOf(account, modelOf(seed), WINDOW_MS);
        const asked = asking(marks);
        const answer = posterior(evidence, asked);
        fc.pre(answer.options.length > 0);
        const terms = evidenceTerms(evidence, asked, answer);
        // Each term is rounded to a hundredth of a bit.
        const tolerance = 0.006 * terms.length;
        const bits = (odds: number) => Math.log2(odds);
        const [winner, runnerUp] = answer.options;
        const isCapped = winner!.odds >= 1e9;
        if (!isCapped) expect(Math.abs(sum(terms.map(({ winnerBits }) => winnerBits)) - bits(winner!.odds))).toBeLessThan(tolerance);
        if (runnerUp !== undefined && runnerUp.odds < 1e9) {
          expect(Math.abs(sum(terms.map(({ runnerUpBits }) => runnerUpBits)) - bits(runnerUp.odds))).toBeLessThan(tolerance);
        }
        if (!isCapped) expect(bits(winner!.probability / answer.pNone)).toBeCloseTo(bits(winner!.odds), 6);
        for (const { words, winnerBits } of terms) {
          expect(words).not.toContain('NaN');
          expect(Number.isFinite(winnerBits)).toBe(true);
        }
      }),
      RUNS,
    );
  });
});

/** A platform whose IP addresses tell the country of nineteen phones in twenty. */
function traffic(): PlatformStatistics {
  const statistics = emptyPlatformStatistics();
  for (const country of COUNTRIES) {
    add(statistics.tallies.home, country, 1_000);
    add(statistics.tallies.organicHome, country, 100);
    for (const network of ['fixed', 'mobile', 'unknown']) {
      add(statistics.tallies.atHome, name(network, country), 950);
      add(statistics.tallies.abroad, name(network, country), 50);
      add(statistics.tallies.exit, name(network, country), 50);
    }
  }
  statistics.scalars.identified = 5_000;
  statistics.scalars.organic = 500;
  return statistics;
}

/** An account to which somebody writes of their own accord every half-hour. */
function traffickedAccount(): AccountStatistics {
  const basis = emptyAccountStatistics();
  basis.identified = 1_000;
  basis.organic = 1_000;
  basis.observedS = (1_000 * 30 * MINUTE) / SECOND;
  return basis;
}

describe('an answer', () => {
  it('is the same with other names: relabelling countries and campaigns permutes it', () => {
    const countries = new Map(COUNTRIES.map((country, index) => [country, COUNTRIES[(index + 2) % COUNTRIES.length]!]));
    const campaigns = new Map(CAMPAIGNS.map((campaign, index) => [campaign, CAMPAIGNS[(index + 1) % CAMPAIGNS.length]!]));
    // One country and one campaign are like any other: a model that has learned nothing of either.
    const model = () => modelOf({ seed: 1, density: 0, platformScale: 0, accountScale: 0, days: 5 });
    const other = (country: string) => countries.get(country) ?? country;
    fc.assert(
      fc.property(fc.array(anyClick, { maxLength: 20 }), anyMarks, (clicks, marks) => {
        const renamed = clicks.map((each) => {
          const campaign = campaigns.get(each.source!.utmCampaign)!;
          return { ...each, country: other(each.country!), source: source({ placement: campaign, utmCampaign: campaign }) };
        });
        const place = marks.greetingPlacement === '' ? '' : campaigns.get(marks.greetingPlacement)!;
        const one = accountWith(clicks);
        const two = accountWith(renamed);
        const a = posterior(evidenceOf(one, model(), WINDOW_MS), asking(marks));
        const b = posterior(
          evidenceOf(two, model(), WINDOW_MS),
          asking({ ...marks, country: other(marks.country), greetingPlacement: place }),
        );
        expect(b.options).toEqual(a.options);
        expect([b.pNone, b.pOther]).toEqual([a.pNone, a.pOther]);
        expect(b.sources.map(({ source: from, probability }) => [from.utmCampaign, probability])).toEqual(
          a.sources.map(({ source: from, probability }) => [campaigns.get(from.utmCampaign), probability]),
        );
      }),
      RUNS,
    );
  });

  it('never changes what a model is asked twice', () => {
    fc.assert(
      fc.property(anySeed, fc.array(anyClick, { maxLength: 20 }), anyMarks, (seed, clicks, marks) => {
        const account = accountWith(clicks);
        const platform: PlatformMatching = { statistics: statisticsOf(seed), platform: derivePlatform(statisticsOf(seed), 1) };
        const model = currentModel(account, platform);
        const first = posterior(evidenceOf(account, model, WINDOW_MS), asking(marks));
        expect(posterior(evidenceOf(account, model, WINDOW_MS), asking(marks))).toEqual(first);
      }),
      RUNS,
    );
  });
});

function byClick({ clicks }: AccountMatching, { options, pNone }: Posterior): ReadonlyMap<string, number> {
  const named = options.map(({ click: number, probability }): [string, number] => {
    const at = clicks.columns.clickedAtMs[slotOf(clicks, number)]!;
    return [`${at}/${clicks.columns.variant[slotOf(clicks, number)]}`, probability];
  });
  const totals = new Map<string, number>([['none', pNone]]);
  for (const [at, probability] of named) totals.set(at, (totals.get(at) ?? 0) + probability);
  return totals;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
