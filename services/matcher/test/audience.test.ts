import { describe, expect, it } from 'vitest';
import { decodeState } from '../src/adapters/state-codec.ts';
import { decodeStatistics, encodeStatistics } from '../src/adapters/statistics-codec.ts';
import { audienceOf } from '../src/domain/audience.ts';
import { likelihood } from '../src/domain/likelihood.ts';
import { modelOf, sumStatistics } from '../src/domain/matching.ts';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { emptyAccountStatistics } from '../src/domain/model/account-statistics.ts';
import { asLeads, capped, noAudience } from '../src/domain/model/audience.ts';
import { fit } from '../src/domain/model/fit.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics } from '../src/domain/model/platform-statistics.ts';
import { accountWith, type Given, PLAIN, PRIORS } from './support/asked-account.ts';
import { foldLog, stateBytes } from './support/fold-harness.ts';
import { HOUR, SECOND, source, T0 } from './support/log-builder.ts';
import { SINCE_AUDIENCE } from './support/model-bytes.ts';
import { HALF_A_DAY, toyTraffic } from './support/toy-traffic.ts';

const WORTH = PRIORS.platform.worth;
const ALIKE = WORTH.map(() => 1);

function clicks(count: number, facts: Partial<Given>): readonly Given[] {
  return Array.from({ length: count }, (_, index) => ({ at: T0 + index * SECOND, network: 'fixed', ...facts }));
}

/** Clicks of one campaign, all from Brazil, and a model of the platform that knows of them and of no lead at all. */
function beginner(count: number) {
  const account = accountWith(clicks(count, { country: 'BR', languages: ['pt-BR'], source: source({ utmCampaign: 'spring' }) }));
  account.learned.seen = 5;
  const platform = derivePlatform(sumStatistics(PRIORS, [account]), 1);
  const model = modelOf(account, { ...PRIORS, platform }, T0 + HOUR);
  return { account, platform, model };
}

describe("an account's audience", () => {
  it('is its live clicks by campaign, country and browser language, programs and addresses that tell nothing hardly or not counted', () => {
    const spring = source({ utmCampaign: 'spring' });
    const { clicks: store } = accountWith([
      ...clicks(4, { country: 'BR', languages: ['pt-BR'], source: spring }),
      ...clicks(2, { country: 'US', languages: ['en'], source: source({ utmCampaign: 'autumn' }) }),
      ...clicks(1, { country: 'US', languages: [], source: spring }),
      ...clicks(9, { country: 'NL', network: 'hosting', source: spring }),
      ...clicks(9, { country: 'CH', network: 'vpn', source: spring }),
      ...clicks(9, { country: '', source: spring }),
    ]);
    const { browser, campaignHome } = audienceOf(store.profiles, ALIKE);
    expect([...browser]).toEqual([
      ['BR|pt', 4],
      ['US|en', 2],
      ['US|', 1],
    ]);
    expect(Object.fromEntries(campaignHome.get('spring')!)).toEqual({ BR: 4, US: 1 });
    expect(Object.fromEntries(campaignHome.get('autumn')!)).toEqual({ US: 2 });
    const weightOf = (botScore: number) =>
      audienceOf(accountWith(clicks(1, { country: 'BR', languages: [], botScore })).clicks.profiles, WORTH).browser.get('BR|')!;
    expect(weightOf(1)).toBeLessThan(0.2 * weightOf(0));
    // Nothing is left of the accounts before.
    expect(audienceOf(accountWith([]).clicks.profiles, WORTH).browser.size).toBe(0);
  });

  it('stands for fewer leads than it has clicks, and for few in the end', () => {
    expect(asLeads(0)).toBe(0);
    expect(asLeads(1)).toBeLessThan(0.7);
    expect(asLeads(1e9)).toBeCloseTo(20, 3);
  });
});

describe('before anybody has written', () => {
  it('people are where the clicks are', () => {
    const { platform, model } = beginner(60);
    const at = platform.places.indexOf.get('BR')!;
    expect(platform.places.home[at]).toBeGreaterThan(0.8);
    expect(platform.places.language('BR', 'pt')).toBeGreaterThan(0.8);
    expect(platform.places.language('US', 'pt')).toBeGreaterThan(0.5);
    expect(platform.places.browser('pt')[at]).toBeGreaterThan(0.8);
    expect(model.campaign('spring').home()[at]).toBeGreaterThan(0.9);
    const bare = derivePlatform(emptyPlatformStatistics(), 1).places;
    expect(bare.indexOf.has('BR')).toBe(false);
    expect(bare.language('BR', 'pt')).toBeLessThan(0.05);
  });

  it('an account is where its own clicks are rather than where others are, and a campaign of it likewise', () => {
    const audience = new Map([
      ['BR|pt', 900],
      ['US|en', 100],
    ]);
    const platform = derivePlatform({ ...emptyPlatformStatistics(), audience }, 1);
    const us = platform.places.indexOf.get('US')!;
    const basis = { ...emptyAccountStatistics(), audience: noAudience() };
    basis.audience.browser.set('US|en', 50).set('BR|pt', 50);
    basis.audience.campaignHome.set('spring', new Map([['US', 50]])).set('autumn', new Map([['BR', 50]]));
    const account = deriveAccount(platform, basis);
    const [ofNew, spring, autumn] = ['new', 'spring', 'autumn'].map((campaign) => account.campaign(campaign).home()[us]!);
    expect(platform.places.home[us]).toBeLessThan(0.12);
    expect(ofNew).toBeGreaterThan(0.3);
    expect(spring).toBeGreaterThan(ofNew! + 0.1);
    expect(autumn).toBeLessThan(ofNew! - 0.1);
  });

  it('a phone and a language that all clicks share make no click certain', () => {
    const say = (model: ReturnType<typeof beginner>['model']) =>
      likelihood(
        model,
        { campaign: 'spring', device: 0, network: 0, country: 'BR', region: '', language: 'pt' },
        { ...PLAIN, country: 'BR', language: 'pt' },
      );
    const known = say(beginner(60).model);
    expect(known.country).toBeGreaterThan(0.9);
    expect(known.country).toBeLessThan(1.4);
    expect(known.language).toBeLessThan(1.4);
    // Where the clicks say nothing, it is a country and a language that hardly anybody has.
    const statistics = emptyPlatformStatistics();
    statistics.tallies.home.set('US', 100).set('BR', 0.1);
    const without = say(deriveAccount(derivePlatform(statistics, 1), emptyAccountStatistics()));
    expect(without.country).toBeGreaterThan(10);
    expect(without.language).toBeGreaterThan(10);
  });

  it('and what leads say outweighs it soon', () => {
    const { account, platform } = beginner(1_000);
    account.basis.home.set('US', 200);
    const at = platform.places.indexOf.get('BR')!;
    expect(deriveAccount(platform, account.basis).campaign('other').home()[at]).toBeLessThan(0.12);
  });
});

describe('what a model carries of its audience', () => {
  it('is in the state with the model of the account, and in the statistics of the platform', async () => {
    const { state } = await foldLog(toyTraffic(HALF_A_DAY).touchpoints);
    const { matching } = state.accounts.get('acme/wa')!;
    matching.basis.audience = audienceOf(accountWith(clicks(3, { country: 'BR', languages: ['pt'] })).clicks.profiles, ALIKE);
    const restored = decodeState(0, stateBytes(state), () => undefined)!.accounts.get('acme/wa')!.matching;
    expect(restored.basis.audience).toEqual(matching.basis.audience);
    expect(restored.basis.audience.browser.get('BR|pt')).toBe(3);
    expect(restored.learned.audience.browser.size).toBe(0);
    const statistics = { ...emptyPlatformStatistics(), audience: new Map([['BR|pt', 12.5]]) };
    expect(decodeStatistics(encodeStatistics(statistics))).toEqual(statistics);
    const empty = encodeStatistics(emptyPlatformStatistics());
    expect(decodeStatistics(empty.subarray(0, empty.length - SINCE_AUDIENCE))).toEqual(emptyPlatformStatistics());
  });

  it('adds up over accounts, and is not kept for the next sum', () => {
    const [one, other] = [3, 2].map((count) => accountWith(clicks(count, { country: 'BR', languages: [] })));
    const all = sumStatistics(PRIORS, [one!, other!, accountWith([])]).audience.get('BR|')!;
    expect(all / sumStatistics(PRIORS, [one!]).audience.get('BR|')!).toBeCloseTo(5 / 3, 9);
    expect(PRIORS.statistics.audience.size).toBe(0);
  });

  it('names so many pairs and no more, the heaviest, however many languages somebody makes up', () => {
    const flood = Array.from({ length: 1_500 }, (_, at) => ({
      at: T0 + at * SECOND,
      network: 'fixed' as const,
      country: 'BR',
      languages: [`x${at}`],
    }));
    const account = accountWith([...clicks(5, { country: 'BR', languages: ['pt'] }), ...flood]);
    const { audience } = sumStatistics(PRIORS, [account]);
    expect(audience.size).toBe(1_024);
    expect(audience.get('BR|pt')).toBeGreaterThan(0);
    const other = { ...emptyPlatformStatistics(), audience: new Map([...audience].map(([key, weight]) => [`${key}-other`, weight])) };
    expect(fit([{ ...emptyPlatformStatistics(), audience }, other], { version: 0 }).statistics.audience.size).toBe(1_024);
    expect([
      ...capped(
        new Map([
          ['b', 1],
          ['a', 1],
          ['c', 2],
        ]),
        2,
      ).keys(),
    ]).toEqual(['a', 'c']);
  });
});
