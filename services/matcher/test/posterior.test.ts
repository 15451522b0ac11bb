import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AccountMatching, currentModel, emptyMatching, type PlatformMatching } from '../src/domain/account-matching.ts';
import { admit } from '../src/domain/click-store.ts';
import type { Asked } from '../src/domain/evidence.ts';
import { evidenceTerms } from '../src/domain/evidence-terms.ts';
import type { Marks } from '../src/domain/marks.ts';
import { evidenceOf, registerClick } from '../src/domain/matching.ts';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { type AccountStatistics, emptyAccountStatistics } from '../src/domain/model/account-statistics.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics, type PlatformStatistics } from '../src/domain/model/platform-statistics.ts';
import { add, name } from '../src/domain/model/tally.ts';
import { newQuestion, type Question } from '../src/domain/open-question.ts';
import { type Posterior, posterior } from '../src/domain/posterior.ts';
import { posteriorAnswer } from '../src/domain/posterior-answer.ts';
import { ask, keepShare, stake, withdraw } from '../src/domain/question.ts';
import type { ClickFacts, Device, Network, Wording } from '../src/domain/touchpoint.ts';
import { click, DAY, HOUR, MINUTE, SECOND, source, T0 } from './support/log-builder.ts';
import { anySeed, CAMPAIGNS, COUNTRIES, LANGUAGES, modelOf, REGIONS, statisticsOf } from './support/random-models.ts';

const RUNS = { numRuns: 200 };
const WINDOW_MS = 30 * DAY;

type Given = Partial<ClickFacts> & { readonly at: number };

const anyClick: fc.Arbitrary<Given> = fc
  .record({
    agoMs: fc.oneof(fc.integer({ min: -10 * SECOND, max: 10 * MINUTE }), fc.integer({ min: 0, max: 80 * HOUR })),
    country: fc.constantFrom('', ...COUNTRIES),
    region: fc.constantFrom('', ...REGIONS),
    languages: fc.constantFrom<readonly string[]>([], ...LANGUAGES.map((language) => [language])),
    device: fc.constantFrom<Device>('ios', 'android', 'desktop', 'unknown'),
    network: fc.constantFrom<Network>('fixed', 'mobile', 'hosting', 'vpn', 'unknown'),
    botScore: fc.constantFrom(-1, 0, 0.5, 1),
    greetingVariant: fc.integer({ min: -1, max: 3 }),
    campaign: fc.constantFrom(...CAMPAIGNS),
    visitorId: fc.constantFrom('', '', '', 'v1', 'v2'),
  })
  .map(({ agoMs, campaign, ...facts }) => ({ at: T0 - agoMs, source: source({ placement: campaign, utmCampaign: campaign }), ...facts }));

const anyMarks: fc.Arbitrary<Marks> = fc
  .record({
    country: fc.constantFrom('', ...COUNTRIES),
    region: fc.constantFrom('', ...REGIONS),
    language: fc.constantFrom('', ...LANGUAGES),
    device: fc.constantFrom<Device>('ios', 'android', 'desktop', 'unknown'),
    wording: fc.constantFrom<Wording>('greeting', 'other', 'unknown'),
    greetingVariant: fc.integer({ min: -1, max: 3 }),
    greetingPlacement: fc.constantFrom('', ...CAMPAIGNS),
  })
  .map((marks) => ({ messageId: 'm', timeMs: T0, ...marks }));

const PLAIN: Marks = {
  messageId: 'm',
  timeMs: T0,
  country: '',
  region: '',
  language: '',
  device: 'unknown',
  wording: 'unknown',
  greetingVariant: -1,
  greetingPlacement: '',
};

function accountWith(clicks: readonly Given[]): AccountMatching {
  const account = emptyMatching();
  for (const [index, given] of clicks.entries()) register(account, given, index);
  return account;
}

function register(account: AccountMatching, { at, ...facts }: Given, index: number): void {
  const { click: made, observedAtMs } = click({ id: `c${index}`, at, ...facts });
  expect(admit(account.clicks, made, observedAtMs, true)).toBe(true);
  registerClick(account, account.clicks.next - 1, made.greetingVariant);
}

const PRIORS: PlatformMatching = { statistics: emptyPlatformStatistics(), platform: derivePlatform(emptyPlatformStatistics(), 0) };

function question(number: number, marks: Marks): Question {
  return newQuestion(`l${number}`, `p${number}`, { ...marks, messageId: `m${number}` }, -1);
}

/** Answers the question and stakes what it takes. */
function answered(account: AccountMatching, each: Question, platform = PRIORS): Posterior {
  const answer = ask(account, platform, each, WINDOW_MS, T0 + MINUTE);
  stake(account, each, answer);
  return answer;
}

function asking(marks: Marks): Asked {
  return { leadId: 'l', marks, knownAtMs: T0, own: new Map(), asFree: -1 };
}

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
      fc.property(anySeed, fc.array(anyClick, { maxLength: 25 }), anyMarks, never, fc.nat(25), (seed, clicks, marks, agoMs, place) => {
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

describe('competition between open messages', () => {
  it('is exact for two messages and one click', () => {
    const clicks = [{ at: T0 - 3 * MINUTE }];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 1, max: 3_000 }), (a, b) => {
        const account = accountWith(clicks);
        const first = question(1, { ...PLAIN, timeMs: T0 - 3 * MINUTE + a * SECOND });
        const second = question(2, { ...PLAIN, timeMs: T0 - 3 * MINUTE + b * SECOND });
        const alone = [first, second].map((each) => ask(account, PRIORS, each, WINDOW_MS, T0 + MINUTE).options[0]!.odds);
        answered(account, first);
        answered(account, second);
        const joint = [answered(account, first), answered(account, second)].map(({ options }) => options[0]!.probability);
        const all = 1 + alone[0]! + alone[1]!;
        expect(joint[0]).toBeCloseTo(alone[0]! / all, 9);
        expect(joint[1]).toBeCloseTo(alone[1]! / all, 9);
      }),
      RUNS,
    );
  });

  it('comes near the exact joint distribution for several messages and clicks, and gives no click away twice', () => {
    const clickTimes = fc.array(fc.integer({ min: 1, max: 1_200 }), { minLength: 1, maxLength: 3 });
    const messageTimes = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 2, maxLength: 4 });
    let worst = 0;
    fc.assert(
      fc.property(clickTimes, messageTimes, (ages, delays) => {
        const account = accountWith(ages.map((agoS) => ({ at: T0 - agoS * SECOND })));
        const questions = delays.map((afterS, index) => question(index, { ...PLAIN, timeMs: T0 + afterS * SECOND - 10 * MINUTE }));
        const odds = questions.map((each) => {
          const { options } = ask(account, PRIORS, each, WINDOW_MS, T0 + 10 * MINUTE);
          return ages.map((_, number) => options.find((option) => option.click === number)?.odds ?? 0);
        });
        const exact = enumerated(odds, ages.length);
        for (let sweep = 0; sweep < 2; sweep += 1) for (const each of questions) answered(account, each);
        const joint = questions.map((each) => answered(account, each));
        ages.forEach((_, number) => {
          const given = joint.map(({ options }) => options.find((option) => option.click === number)?.probability ?? 0);
          given.forEach((probability, index) => {
            worst = Math.max(worst, Math.abs(probability - exact[index]![number]!));
          });
          expect(sum(given)).toBeLessThan(1.15);
          expect(given.filter((probability) => probability > 0.55).length).toBeLessThanOrEqual(1);
        });
      }),
      RUNS,
    );
    expect(worst).toBeLessThan(0.2);
  });

  it('leaves nothing behind when all are withdrawn', () => {
    fc.assert(
      fc.property(fc.array(anyClick, { maxLength: 20 }), fc.array(anyMarks, { maxLength: 12 }), (clicks, marks) => {
        const account = accountWith(clicks);
        const questions = marks.map((each, index) => question(index, each));
        for (const each of questions) answered(account, each);
        for (const each of questions) answered(account, each);
        for (const each of questions) withdraw(account, each);
        expect([...account.clicks.columns.openMass].every((mass) => mass === 0)).toBe(true);
      }),
      RUNS,
    );
  });

  it('leaves of a click what final leads have not taken, and never the half that would give it away twice', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 2, maxLength: 6 }), (delays) => {
        const account = accountWith([{ at: T0 - HOUR }]);
        const given = delays.map((afterS, index) => {
          const answer = ask(account, PRIORS, question(index, { ...PLAIN, timeMs: T0 - HOUR + afterS * SECOND }), WINDOW_MS, T0);
          keepShare(account, answer);
          return posteriorAnswer(account.clicks, answer, []).candidates[0]?.probability ?? 0;
        });
        expect(given.filter((probability) => probability >= 0.5).length).toBeLessThanOrEqual(1);
        expect(sum(given)).toBeLessThanOrEqual(1 + 1e-3);
      }),
      RUNS,
    );
  });
});

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

/** P(message came from click), by enumeration of all assignments of clicks to messages. */
function enumerated(odds: readonly (readonly number[])[], clicks: number): readonly (readonly number[])[] {
  const sums = odds.map(() => new Array<number>(clicks).fill(0));
  let all = 0;
  const assign = (message: number, taken: ReadonlySet<number>, weight: number, chosen: readonly number[]): void => {
    if (message === odds.length) {
      all += weight;
      chosen.forEach((number, index) => {
        if (number >= 0) sums[index]![number]! += weight;
      });
      return;
    }
    assign(message + 1, taken, weight, [...chosen, -1]);
    for (let number = 0; number < clicks; number += 1) {
      const own = odds[message]![number]!;
      if (own > 0 && !taken.has(number)) assign(message + 1, new Set([...taken, number]), weight * own, [...chosen, number]);
    }
  };
  assign(0, new Set(), 1, []);
  return sums.map((row) => row.map((value) => value / all));
}

function byClick({ clicks }: AccountMatching, { options, pNone }: Posterior): ReadonlyMap<string, number> {
  const named = options.map(({ click: number, probability }): [string, number] => {
    const at = clicks.columns.clickedAtMs[number & (clicks.columns.size - 1)]!;
    return [`${at}/${clicks.columns.variant[number & (clicks.columns.size - 1)]}`, probability];
  });
  const totals = new Map<string, number>([['none', pNone]]);
  for (const [at, probability] of named) totals.set(at, (totals.get(at) ?? 0) + probability);
  return totals;
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
