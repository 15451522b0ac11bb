import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countryFactor } from '../src/domain/home-views.ts';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { emptyAccountStatistics } from '../src/domain/model/account-statistics.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { emptyPlatformStatistics, VIEWS } from '../src/domain/model/platform-statistics.ts';
import { anySeed, modelOf } from './support/random-models.ts';

/** Russians write Russian and Americans English; one phone in thirty is a foreign number of either kind, on any network. */
function platformOfTwoCountries() {
  const statistics = emptyPlatformStatistics();
  const { tallies, views, scalars } = statistics;
  for (const country of ['RU', 'US']) {
    tallies.home.set(country, 5_000);
    tallies.organicHome.set(country, 1_000);
    tallies.foreign.set(country, 170);
  }
  tallies.language.set('RU|ru', 5_900);
  tallies.language.set('RU|en', 100);
  tallies.language.set('US|en', 5_900);
  tallies.language.set('US|ru', 100);
  for (let at = 0; at < views.length; at += 1) views[at] = at % VIEWS === VIEWS - 1 ? 68 : at % VIEWS === 0 ? 1_932 : 0;
  scalars.organic = 2_000;
  return derivePlatform(statistics, 1);
}

function accountIn(leads: Readonly<Record<string, number>>, languages: Readonly<Record<string, number>>) {
  const basis = emptyAccountStatistics();
  for (const [country, count] of Object.entries(leads)) {
    basis.home.set(country, count);
    basis.organicHome.set(country, count);
  }
  for (const [key, count] of Object.entries(languages)) basis.language.set(key, count);
  return deriveAccount(platformOfTwoCountries(), basis);
}

describe('the countries of messages of no click', () => {
  it('are as rare as foreign numbers make them and not rarer, in an account that has seen thousands and none of them', () => {
    const account = accountIn({ RU: 5_000 }, {});
    const [ru, us] = ['RU', 'US'].map((country) => account.organicHome()[account.platform.places.indexOf.get(country)!]!);
    const { foreignNumbers } = account.platform.places;
    expect(us).toBeGreaterThan(0.4 * foreignNumbers);
    expect(us).toBeLessThan(0.6 * foreignNumbers);
    expect(ru! + us!).toBeCloseTo(1, 6);
  });

  it('are those that the account has seen where it has seen more', () => {
    const account = accountIn({ RU: 3_000, US: 1_000 }, {});
    expect(account.organicHome()[account.platform.places.indexOf.get('US')!]).toBeCloseTo(0.25, 2);
  });
});

describe('the countries of people, where no lead has told any', () => {
  const statistics = emptyPlatformStatistics();
  statistics.tallies.organicHome.set('RU', 90).set('US', 10);

  it('are those of messages of no click, and any other is still rarer', () => {
    const { home, indexOf } = derivePlatform(statistics, 1).places;
    const [ru, us, other] = [home[indexOf.get('RU')!]!, home[indexOf.get('US')!]!, home[indexOf.get('')!]!];
    expect(ru).toBeGreaterThan(4 * us);
    expect(us).toBeGreaterThan(other);
  });

  it('tell a click of the message’s country from one of another', () => {
    const model = deriveAccount(derivePlatform(statistics, 1), emptyAccountStatistics());
    const from = (country: string) =>
      countryFactor(model, { campaign: 'a', device: 0, network: 0, country, region: '', language: '' }, 'RU');
    expect(from('RU') / from('US')).toBeGreaterThan(20);
  });

  it('are those of leads from the first lead on', () => {
    const known = emptyPlatformStatistics();
    known.tallies.organicHome.set('RU', 1_000);
    known.tallies.home.set('US', 1);
    const { home, indexOf } = derivePlatform(known, 1).places;
    expect(home[indexOf.get('US')!]).toBeGreaterThan(4 * home[indexOf.get('RU')!]!);
  });
});

describe('what is written from phones of a country', () => {
  it('is what the account’s other people write where its phones are foreign numbers of those', () => {
    const account = accountIn({ RU: 990, US: 10 }, { 'RU|ru': 1_000, 'RU|en': 10 });
    expect(account.language('US', 'ru')).toBeGreaterThan(0.8);
    expect(account.language('US', 'en')).toBeLessThan(0.2);
  });

  it('is what is written there where the account’s people live there', () => {
    const account = accountIn({ US: 1_000 }, { 'US|en': 1_000 });
    expect(account.language('US', 'en')).toBeGreaterThan(0.95);
    const both = accountIn({ RU: 500, US: 500 }, { 'RU|ru': 500, 'US|en': 20 });
    expect(both.language('US', 'en')).toBeGreaterThan(0.9);
    expect(both.language('RU', 'ru')).toBeGreaterThan(0.9);
  });

  it('is what the account has seen once it has seen enough, whatever is expected', () => {
    const account = accountIn({ RU: 990, US: 10 }, { 'RU|ru': 100_000, 'US|en': 3_000 });
    expect(account.language('US', 'en')).toBeGreaterThan(0.98);
  });

  it('is a probability whatever was learned, also of a country and a language that nobody has seen', () => {
    fc.assert(
      fc.property(anySeed, (seed) => {
        const model = modelOf(seed);
        for (const country of [...model.platform.places.countries, 'ZZ']) {
          for (const language of ['en', 'ru', 'zz']) {
            const share = model.language(country, language);
            expect(share > 0 && share <= 1).toBe(true);
          }
        }
      }),
      { numRuns: 100 },
    );
  });
});
