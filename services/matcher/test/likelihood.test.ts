import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { greetingFactor } from '../src/domain/click-odds.ts';
import { likelihood, likelihoods } from '../src/domain/likelihood.ts';
import { greetingOf, type Marks } from '../src/domain/marks.ts';
import { deriveAccount } from '../src/domain/model/account-model.ts';
import { type AccountStatistics, emptyAccountStatistics } from '../src/domain/model/account-statistics.ts';
import { behindHidden } from '../src/domain/model/places.ts';
import { derivePlatform } from '../src/domain/model/platform-model.ts';
import { DEVICES, NETWORKS } from '../src/domain/model/strata.ts';
import { add, name } from '../src/domain/model/tally.ts';
import { type Profile, ProfileTable } from '../src/domain/profiles.ts';
import type { ClickFacts, Network } from '../src/domain/touchpoint.ts';
import { click, source, T0 } from './support/log-builder.ts';
import { anySeed, CAMPAIGNS, COUNTRIES, LANGUAGES, modelOf, REGIONS, statisticsOf } from './support/random-models.ts';

const RUNS = { numRuns: 150 };

const facts = fc.record({
  country: fc.constantFrom('', 'XX', ...COUNTRIES),
  region: fc.constantFrom('', 'X', ...REGIONS),
  languages: fc.constantFrom<readonly string[]>([], ['xx'], ...LANGUAGES.map((language) => [language])),
  device: fc.constantFrom(...DEVICES),
  network: fc.constantFrom(...NETWORKS),
  campaign: fc.constantFrom('new', ...CAMPAIGNS),
});

function profileOf({ campaign, ...rest }: Partial<ClickFacts> & { readonly campaign: string }): Profile {
  const table = new ProfileTable();
  return table.read(table.enter(click({ id: 'c', at: T0, source: source({ utmCampaign: campaign }), ...rest }).click));
}

/** Each campaign finds its people in a region of its own. */
function localCampaigns(): AccountStatistics {
  const basis = emptyAccountStatistics();
  for (const [at, campaign] of CAMPAIGNS.entries()) basis.campaignRegion.set(campaign, new Map([[name('US', REGIONS[at]!), 100]]));
  return basis;
}

/** More models than can have tables at a time. */
function askOthers(): void {
  const table = new ProfileTable();
  table.enter(click({ id: 'c', at: T0, country: 'US', region: 'CA', source: source({ utmCampaign: 'other' }) }).click);
  const { platform } = OTHERS;
  for (let each = 0; each < 1_000; each += 1)
    likelihoods(deriveAccount(platform, emptyAccountStatistics()), table, saying({ country: 'US', region: 'N' }));
}

const OTHERS = modelOf({ seed: 5, density: 0.5, platformScale: 10, accountScale: 10, days: 3 });

const SILENT: Marks = {
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

function saying(marks: Partial<Marks>): Marks {
  return { ...SILENT, ...marks };
}

describe('what a message says of a click against no click', () => {
  it('says nothing where it is silent', () => {
    fc.assert(
      fc.property(anySeed, facts, (seed, each) => {
        const model = modelOf(seed);
        expect(likelihood(model, profileOf(each), SILENT)).toEqual({ country: 1, region: 1, language: 1, device: 1 });
      }),
      RUNS,
    );
  });

  it('says nothing of language and device where the click is silent, and of the region what its campaign says', () => {
    fc.assert(
      fc.property(anySeed, facts, fc.constantFrom(...COUNTRIES), (seed, each, country) => {
        const model = modelOf(seed);
        const silent = profileOf({ ...each, region: '', languages: [], device: 'unknown' });
        const marks = saying({ country, region: 'N', language: 'en', device: 'ios' });
        const usual = model.campaign(silent.campaign).region(country, 'N') / model.organicRegion(country, 'N');
        expect(likelihood(model, silent, marks)).toMatchObject({ region: usual, language: 1, device: 1 });
      }),
      RUNS,
    );
  });

  it('weighs countries so that the click’s probabilities sum to one over all of them', () => {
    fc.assert(
      fc.property(anySeed, facts, (seed, each) => {
        const model = modelOf(seed);
        const profile = profileOf(each);
        const { countries } = model.platform.places;
        // The last one stands for every country not seen yet.
        const named = countries.map((country) => (country === '' ? 'ZZ' : country));
        const shares = named.map((country, at) => likelihood(model, profile, saying({ country })).country * model.organicHome()[at]!);
        expect(sum(shares)).toBeCloseTo(1, 4);
        for (const share of shares) expect(share).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });

  it('weighs languages, regions and devices so that they do too', () => {
    fc.assert(
      fc.property(anySeed, facts, fc.constantFrom(...COUNTRIES), (seed, each, country) => {
        const model = modelOf(seed);
        const said = { ...each, country, region: each.region || 'N', languages: each.languages.length === 0 ? ['en'] : each.languages };
        const profile = profileOf({ ...said, device: 'ios' });
        const factor = (marks: Partial<Marks>) => likelihood(model, profile, saying({ country, ...marks }));
        // Fifty languages and fifty regions share what is left for those not seen yet.
        const languages = ['zz', ...new Set([...LANGUAGES, ...said.languages])];
        const spoken = languages.map((language) => factor({ language }).language * model.language(country, language));
        expect(sum(spoken) + (50 - languages.length) * spoken[0]!).toBeCloseTo(1, 2);
        const regions = ['Z', ...new Set([...REGIONS, said.region])];
        const placed = regions.map((region) => factor({ region }).region * model.organicRegion(country, region));
        expect(sum(placed) + (50 - regions.length) * placed[0]!).toBeCloseTo(1, 2);
        const shown = (['ios', 'android', 'desktop'] as const).map(
          (device) => factor({ device }).device * model.platform.hintShare(device),
        );
        expect(sum(shown)).toBeCloseTo(1, 9);
      }),
      RUNS,
    );
  });

  it('never gives nothing, infinity or no number, whatever is missing on either side', () => {
    const marks = fc.record({
      country: fc.constantFrom('', 'XX', 'US', 'DE', '💥', 'a|b'),
      region: fc.constantFrom('', 'N', 'a|b'),
      language: fc.constantFrom('', 'en', 'xx', '|'),
      device: fc.constantFrom(...DEVICES),
    });
    fc.assert(
      fc.property(anySeed, facts, marks, (seed, each, said) => {
        const model = modelOf(seed);
        for (const factor of Object.values(likelihood(model, profileOf(each), saying(said)))) {
          expect(factor).toBeGreaterThan(0);
          expect(factor).toBeLessThan(1e12);
        }
      }),
      RUNS,
    );
  });

  it('is the same whether worked out alone or once for all profiles that share it', () => {
    const marks = fc.record({
      country: fc.constantFrom('', 'US', 'DE'),
      region: fc.constantFrom('', 'N', 'CA'),
      language: fc.constantFrom('', 'en'),
      device: fc.constantFrom(...DEVICES),
    });
    fc.assert(
      fc.property(anySeed, fc.array(facts, { maxLength: 12 }), marks, (seed, each, said) => {
        const model = modelOf(seed);
        const table = new ProfileTable();
        // Names that run together are two places all the same.
        const near = [
          { country: 'U', region: 'SCA', campaign: 'spring' },
          { country: 'US', region: 'CA', campaign: 'spring' },
        ];
        const profiles = [...each, ...near].map(({ campaign, ...rest }) =>
          table.read(table.enter(click({ id: 'c', at: T0, source: source({ utmCampaign: campaign }), ...rest }).click)),
        );
        const all = likelihoods(model, table, saying(said));
        for (const profile of profiles) {
          const { country, region, language, device } = likelihood(model, profile, saying(said));
          expect(all[profile.index]! / (country * region * language * device)).toBeCloseTo(1, 12);
        }
      }),
      RUNS,
    );
  });

  it('is the same when clicks have come and gone since, and when a thousand other models were asked in between', () => {
    // Of one country, so that regions are compared, and of two networks, so that campaigns share them.
    const here = facts.map((each) => ({
      ...each,
      network: each.network === 'vpn' ? each.network : ('fixed' as const),
      country: 'US',
      region: each.region === '' ? 'N' : each.region,
    }));
    const entry = fc.record({ facts: here, leaves: fc.constantFrom('at once', 'after its round', 'never') });
    fc.assert(
      fc.property(anySeed, fc.array(fc.array(entry, { maxLength: 8 }), { minLength: 2, maxLength: 5 }), (seed, rounds) => {
        const model = deriveAccount(modelOf(seed).platform, localCampaigns());
        const table = new ProfileTable();
        const said = saying({ country: 'US', region: 'N', language: 'en' });
        for (const [round, clicks] of rounds.entries()) {
          const entered = clicks.map(({ facts: each, leaves }) => {
            const index = table.enter(click({ id: 'c', at: T0, source: source({ utmCampaign: each.campaign }), ...each }).click);
            // Numbers of what has gone are given to others: what was known of them is no longer true.
            if (leaves === 'at once') {
              likelihoods(model, table, said);
              table.leave(index);
            }
            return { index, leaves };
          });
          if (round === 1) askOthers();
          const stay = entered.filter(({ leaves }) => leaves !== 'at once');
          const all = likelihoods(model, table, said);
          for (const { index } of stay) {
            const { country, region, language, device } = likelihood(model, table.read(index), said);
            expect(all[index]! / (country * region * language * device)).toBeCloseTo(1, 12);
          }
          for (const { index, leaves } of stay) if (leaves === 'after its round') table.leave(index);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('prefers the country the click came from, the more the better its network is known to tell', () => {
    const statistics = statisticsOf({ seed: 0, density: 0, platformScale: 0, accountScale: 0, days: 0 });
    for (const country of ['US', 'DE']) {
      add(statistics.tallies.home, country, 500);
      for (const [network, same] of [
        ['fixed', 95],
        ['vpn', 20],
      ] as const) {
        add(statistics.tallies.atHome, name(network, country), same * 5);
        add(statistics.tallies.abroad, name(network, country), (100 - same) * 5);
      }
      add(statistics.tallies.exit, name('fixed', country), 25);
      add(statistics.tallies.exit, name('vpn', country), 400);
    }
    const model = deriveAccount(derivePlatform(statistics, 1), emptyAccountStatistics());
    const factor = (network: Network, from: string) =>
      likelihood(model, profileOf({ campaign: 'spring', country: from, languages: [], network }), saying({ country: 'DE' })).country;
    expect(factor('fixed', 'DE')).toBeGreaterThan(factor('vpn', 'DE'));
    expect(factor('vpn', 'DE') / factor('vpn', 'US')).toBeLessThan(2);
    expect(factor('fixed', 'DE') / factor('fixed', 'US')).toBeGreaterThan(4);
    // Most of those who come through a VPN do not come from where it ends.
    expect(factor('vpn', 'DE')).toBeLessThan(1.2);
  });
});

describe('greetings', () => {
  it('say the more the more of them there are, and sum to one over all that may be written', () => {
    fc.assert(
      fc.property(anySeed, fc.integer({ min: 1, max: 64 }), (seed, variants) => {
        const account = modelOf(seed);
        const { organicGreeting: q } = account.platform;
        const all =
          (q / variants) * greetingFactor(account, variants, 'same') +
          ((q * (variants - 1)) / variants) * greetingFactor(account, variants, 'other') +
          (1 - q) * greetingFactor(account, variants, 'words');
        expect(all).toBeGreaterThan(0.95);
        expect(all).toBeLessThan(1 + q);
        expect(greetingFactor(account, variants, 'silent')).toBe(1);
        expect(greetingFactor(account, variants + 1, 'same')).toBeGreaterThan(greetingFactor(account, variants, 'same'));
      }),
      RUNS,
    );
  });

  it('are the same, another one, other words or silent', () => {
    const greeting = (wording: Marks['wording'], variant: number, placed = '') =>
      saying({ wording, greetingVariant: variant, greetingPlacement: placed });
    expect(greetingOf(greeting('greeting', 3), 3, 'site')).toBe('same');
    expect(greetingOf(greeting('greeting', 3), 4, 'site')).toBe('other');
    expect(greetingOf(greeting('other', -1), 4, 'site')).toBe('words');
    expect(greetingOf(greeting('unknown', -1), 4, 'site')).toBe('silent');
    // The click showed none, or the same words stand on another placement too.
    expect(greetingOf(greeting('greeting', 3), -1, 'site')).toBe('silent');
    expect(greetingOf(greeting('greeting', 3, 'poster'), 3, 'site')).toBe('silent');
    expect(greetingOf(greeting('greeting', 3, 'site'), 3, 'site')).toBe('same');
  });
});

describe('the language of a message', () => {
  it('is that of the home where it is not that of the browser, wherever else such browsers are', () => {
    const statistics = statisticsOf({ seed: 0, density: 0, platformScale: 0, accountScale: 0, days: 0 });
    const lead = (country: string, browser: string, language: string, leads: number) => {
      add(statistics.tallies.home, country, leads);
      add(statistics.tallies.language, name(country, language), leads);
      add(statistics.tallies.spoken, name(country, browser, language), leads);
    };
    // English browsers are nearly all in England; in Mexico one lead in a hundred has one.
    lead('GB', 'en', 'en', 2_000);
    lead('MX', 'es', 'es', 500);
    lead('MX', 'en', 'en', 4);
    lead('MX', 'en', 'es', 1);
    lead('DE', 'de', 'de', 300);
    lead('DE', 'en', 'en', 30);
    lead('DE', 'en', 'de', 10);
    const { places } = derivePlatform(statistics, 1);
    expect(places.spoken('MX', 'en', 'es')).toBeGreaterThan(0.1);
    expect(places.spoken('MX', 'en', 'es')).toBeLessThan(0.3);
    expect(places.spoken('GB', 'en', 'es')).toBeLessThan(0.01);
    // Nobody's home is known where the number is hidden: there the shares over all of them are right.
    expect(places.spoken('', 'en', 'es')).toBeLessThan(0.01);
    for (const country of ['GB', 'MX', 'DE']) {
      const shares = ['en', 'es', 'de'].map((language) => places.spoken(country, 'en', language));
      expect(sum(shares)).toBeGreaterThan(0.97);
      expect(sum(shares)).toBeLessThan(1.0001);
    }
  });

  it('is that of the country of the click’s address where the number is hidden, unless the address is that of a machine', () => {
    const statistics = statisticsOf({ seed: 0, density: 0, platformScale: 0, accountScale: 0, days: 0 });
    const lead = (place: string, browser: string, language: string, leads: number) => {
      add(statistics.tallies.language, name('', language), leads);
      add(statistics.tallies.spoken, name(place, browser, language), leads);
    };
    const [fixed, vpn] = [NETWORKS.indexOf('fixed'), NETWORKS.indexOf('vpn')];
    expect(behindHidden(vpn, 'MX')).toBe('');
    lead(behindHidden(fixed, 'GB'), 'en', 'en', 2_000);
    lead(behindHidden(fixed, 'MX'), 'es', 'es', 500);
    lead(behindHidden(fixed, 'MX'), 'en', 'en', 40);
    lead(behindHidden(fixed, 'MX'), 'en', 'es', 20);
    lead(behindHidden(vpn, 'MX'), 'en', 'en', 50);
    const model = deriveAccount(derivePlatform(statistics, 1), emptyAccountStatistics());
    const spanish = saying({ language: 'es' });
    const odds = (network: Network, country: string, languages = ['en-US']) => {
      const facts = { campaign: 'new', network, country, languages };
      const alone = likelihood(model, profileOf(facts), spanish).language;
      const table = new ProfileTable();
      const index = table.enter(click({ id: 'c', at: T0, ...facts, source: source({ utmCampaign: 'new' }) }).click);
      expect(likelihoods(model, table, spanish)[index]).toBeCloseTo(alone, 12);
      return alone * model.language('', 'es');
    };
    expect(odds('fixed', 'MX')).toBeGreaterThan(0.25);
    expect(odds('fixed', 'MX')).toBeLessThan(0.4);
    expect(odds('fixed', 'GB')).toBeLessThan(0.01);
    expect(odds('vpn', 'MX')).toBeLessThan(0.05);
    expect(odds('fixed', 'MX', ['es-MX'])).toBeGreaterThan(0.9);
    const { places } = model.platform;
    expect(sum(['en', 'es'].map((language) => places.spoken(behindHidden(fixed, 'MX'), 'en', language)))).toBeCloseTo(1, 1);
  });
});

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
