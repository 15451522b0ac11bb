import { asLeads } from './audience.ts';
import { preferencesOf } from './browser-preferences.ts';
import { hubsOf } from './hubs.ts';
import { type PlatformTallies, VIEWS } from './platform-statistics.ts';
import { isLocated, NETWORKS } from './strata.ts';
import { add, count, name, type Tally, total } from './tally.ts';

/**
 * Where people are and where their clicks seem to come from, as numbers: countries by index, the last one standing for any country not seen
 * yet. Confusion is generative (P(country of the IP | home)): a disagreement costs what it costs among real leads and not more.
 */
export interface Places {
  readonly countries: readonly string[];
  readonly indexOf: ReadonlyMap<string, number>;
  /** P(home). */
  readonly home: Float64Array;
  /** Messages of no click against leads, by home: a factor on what an account expects. */
  readonly organicFactor: Float64Array;
  /** P(the IP's country is home | home, network), network by country. */
  readonly agreement: Float64Array;
  /** P(country of the IP | it is not home, network). */
  exit(network: number, country: string): number;
  /**
   * How often each view of a click's person is the one that holds, network by view: the phone's country follows from IP and browser language
   * together, from one of them, or from neither (a foreign number, a VPN, a borrowed phone). One view alone would let two small
   * disagreements with one cause multiply.
   */
  readonly views: Float64Array;
  /** P(country of the phone | it follows from neither). */
  readonly foreign: Float64Array;
  /** How many have a number that says nothing of where they are: P(neither view holds), over all networks. */
  readonly foreignNumbers: number;
  /** Sum of `foreign`: 1 but for rounding. */
  readonly foreignSum: number;
  /** P(browser language | home) for every home. */
  browser(language: string): Float64Array;
  /** P(message language | browser language, home), and P(message language | home). For a hidden number `country` may be what `behindHidden` says. */
  spoken(country: string, browser: string, language: string): number;
  language(country: string, language: string): number;
  /** P(region | home) before the account's own leads. */
  region(country: string, region: string): number;
  /** P(the IP's region is the phone's | same country, network), and P(region of the IP | it is not). */
  readonly sameRegion: Float64Array;
  hub(network: number, country: string, region: string): number;
}

/** Before anything is known: the network says how far a place can be believed. */
const AGREEMENT_PRIOR: readonly number[] = [0.95, 0.95, 0.5, 0.3, 0.93];
const REGION_PRIOR: readonly number[] = [0.6, 0.35, 0.2, 0.2, 0.4];
/** As many countries and languages share what is left for those not seen yet. */
const UNSEEN_COUNTRIES = 200;
const UNSEEN_LANGUAGES = 50;
/** As many leads do messages of no click stand for: where no click carries a code nothing else tells of which countries people are. A single lead tells more. */
const AS_OTHERS = 0.2;

export function createPlaces(tallies: PlatformTallies, views: Float64Array, audience: Tally): Places {
  const seenAt = marginal(audience, 0).tally;
  const clicks = total(audience);
  const asAudience = asLeads(clicks);
  // Also those that no lead is known from: taken for one of all unseen countries, a phone from one would match no click there.
  const countries = [...new Set([...tallies.home.keys(), ...tallies.organicHome.keys(), ...seenAt.keys()]), ''];
  const indexOf = new Map(countries.map((country, index) => [country, index]));
  const leads = total(tallies.home);
  const others = total(tallies.organicHome);
  const home = Float64Array.from(countries, (country) => {
    const asOthers = others > 0 ? count(tallies.organicHome, country) / others : 0;
    const clicked = clicks > 0 ? count(seenAt, country) / clicks : 0;
    return (
      (count(tallies.home, country) + 2 / UNSEEN_COUNTRIES + AS_OTHERS * asOthers + asAudience * clicked) /
      (leads + 2 + AS_OTHERS + asAudience)
    );
  });
  const strangers = total(tallies.foreign);
  const foreign = home.map((share, index) => (count(tallies.foreign, countries[index]!) + 10 * share) / (strangers + 10));
  const organicFactor = Float64Array.from(countries, (country, index) => {
    const expected = others * home[index]!;
    return (20 + count(tallies.organicHome, country)) / (20 + expected);
  });
  const agreement = new Float64Array(NETWORKS.length * countries.length);
  const exits = NETWORKS.map((_, network) => exitShares(tallies, network));
  NETWORKS.forEach((network, n) => {
    let same = 0;
    let other = 0;
    for (const country of countries) {
      same += count(tallies.atHome, name(network, country));
      other += count(tallies.abroad, name(network, country));
    }
    const all = (50 * AGREEMENT_PRIOR[n]! + same) / (50 + same + other);
    countries.forEach((country, c) => {
      const ownSame = count(tallies.atHome, name(network, country));
      const own = ownSame + count(tallies.abroad, name(network, country));
      agreement[n * countries.length + c] = clamp((60 * all + ownSame) / (60 + own), 0.02, 0.999);
    });
  });
  const languages = marginal(tallies.browser, 1);
  const browsersOf = marginal(tallies.browser, 0);
  const spokenBy = marginal2(tallies.spoken);
  const messages = marginal(tallies.language, 1);
  const messagesOf = marginal(tallies.language, 0);
  const regionsOf = marginal(tallies.region, 0);
  const browserCache = new Map<string, Float64Array>();

  const browsers = preferencesOf(audience);
  const languageShare = (language: string) =>
    (count(messages.tally, language) + 2 / UNSEEN_LANGUAGES + browsers.leads * browsers.share(language)) /
    (messages.total + 2 + browsers.leads);
  const places: Places = {
    countries,
    indexOf,
    home,
    organicFactor,
    agreement,
    views: viewShares(views),
    foreign,
    foreignNumbers: neitherShare(views),
    foreignSum: foreign.reduce((sum, share) => sum + share, 0),
    exit: (network, country) => {
      const { tally, sum } = exits[network]!;
      const at = indexOf.get(country) ?? countries.length - 1;
      return (count(tally, country) + 10 * home[at]!) / (sum + 10);
    },
    browser: (language) => {
      const known = browserCache.get(language);
      if (known !== undefined) return known;
      const all =
        (count(languages.tally, language) + 2 / UNSEEN_LANGUAGES + browsers.leads * browsers.share(language)) /
        (languages.total + 2 + browsers.leads);
      const shares = Float64Array.from(
        countries,
        (country) =>
          (count(tallies.browser, name(country, language)) +
            3 * all +
            browsers.leadsThere(country) * browsers.shareThere(country, language)) /
          (count(browsersOf.tally, country) + 3 + browsers.leadsThere(country)),
      );
      browserCache.set(language, shares);
      return shares;
    },
    language: (country, language) =>
      (count(tallies.language, name(country, language)) +
        5 * languageShare(language) +
        browsers.leadsThere(country) * browsers.shareThere(country, language)) /
      (count(messagesOf.tally, country) + 5 + browsers.leadsThere(country)),
    spoken: (country, browser, language) => {
      const kept = keptBy.get(browser) ?? keptByAll;
      const usual = (browser === language ? kept : 0) + (1 - kept) * atHome(country, language);
      // Where the phone tells no country, whoever has such a browser speaks for all homes.
      if (country === '') return (count(spokenBy.pair, name(browser, language)) + 10 * usual) / (count(spokenBy.browser, browser) + 10);
      const own = count(tallies.spoken, name(country, browser, language));
      return (own + 10 * usual) / (count(spokenBy.place, name(country, browser)) + 10);
    },
    region: (country, region) => (count(tallies.region, name(country, region)) + 0.5) / (count(regionsOf.tally, country) + 25),
    sameRegion: Float64Array.from(NETWORKS, (network, n) => {
      const same = count(tallies.sameRegion, network);
      return clamp((30 * REGION_PRIOR[n]! + same) / (30 + same + count(tallies.otherRegion, network)), 0.01, 0.999);
    }),
    hub: hubsOf(tallies.hub, (country, region) => places.region(country, region)),
  };
  const atHome = (country: string, language: string) => {
    const seen = behindHiddenOf(country);
    if (seen === undefined) return places.language(country, language);
    const own = count(spokenBy.home, name(country, language));
    return (own + 5 * places.language(seen, language)) / (count(spokenBy.place, country) + 5);
  };
  const { keptByAll, keptBy } = keptLanguages(tallies.spoken, atHome);
  return places;
}

/** Writers of a browser's language behind the share of all browsers, and of those behind the first guess. */
const KEPT_PRIOR = 10;
const KEPT_FIRST = { kept: 17, leads: 20 };
const KEPT_ROUNDS = 4;

/**
 * How often people write what their browser prefers because it does, by browser language; else they write what is usual at home, which may be the same
 * (hence rounds of an expectation step). Who reads English in Mexico and writes Spanish is no rarity, even where most English browsers are at home in
 * England: shares of message languages over all homes made one of 300 of what is one in seven.
 */
function keptLanguages(
  spoken: Tally,
  usual: Places['language'],
): { readonly keptByAll: number; readonly keptBy: ReadonlyMap<string, number> } {
  const leads: Tally = new Map();
  const same: { readonly browser: string; readonly leads: number; readonly atHome: number }[] = [];
  for (const [key, value] of spoken) {
    const [country = '', browser = '', language = ''] = key.split('|');
    leads.set(browser, count(leads, browser) + value);
    if (browser === language) same.push({ browser, leads: value, atHome: usual(country, language) });
  }
  const all = total(leads);
  let keptByAll = KEPT_FIRST.kept / KEPT_FIRST.leads;
  let keptBy: ReadonlyMap<string, number> = new Map();
  for (let round = 0; round < KEPT_ROUNDS; round += 1) {
    const found: Tally = new Map();
    for (const each of same) {
      const kept = keptBy.get(each.browser) ?? keptByAll;
      found.set(each.browser, count(found, each.browser) + (each.leads * kept) / (kept + (1 - kept) * each.atHome));
    }
    keptByAll = (KEPT_FIRST.kept + total(found)) / (KEPT_FIRST.leads + all);
    keptBy = new Map(
      [...leads].map(([browser, value]) => [browser, (KEPT_PRIOR * keptByAll + count(found, browser)) / (KEPT_PRIOR + value)]),
    );
  }
  return { keptByAll, keptBy };
}

const VIEW_PRIOR: readonly number[] = [48, 0.5, 0.5, 1];

function viewShares(counts: Float64Array): Float64Array {
  const shares = new Float64Array(counts.length);
  for (let network = 0; network < NETWORKS.length; network += 1) {
    let all = 0;
    for (let view = 0; view < VIEWS; view += 1) all += VIEW_PRIOR[view]! + counts[network * VIEWS + view]!;
    for (let view = 0; view < VIEWS; view += 1) {
      shares[network * VIEWS + view] = (VIEW_PRIOR[view]! + counts[network * VIEWS + view]!) / all;
    }
  }
  return shares;
}

function neitherShare(counts: Float64Array): number {
  let [neither, all] = [VIEW_PRIOR[VIEWS - 1]!, 0];
  for (let view = 0; view < VIEWS; view += 1) all += VIEW_PRIOR[view]!;
  for (let at = 0; at < counts.length; at += 1) {
    all += counts[at]!;
    if (at % VIEWS === VIEWS - 1) neither += counts[at]!;
  }
  return neither / all;
}

function exitShares({ exit }: PlatformTallies, network: number): { readonly tally: Tally; readonly sum: number } {
  const tally: Tally = new Map();
  const prefix = `${NETWORKS[network]!}|`;
  let sum = 0;
  for (const [key, value] of exit) {
    if (!key.startsWith(prefix)) continue;
    tally.set(key.slice(prefix.length), value);
    sum += value;
  }
  return { tally, sum };
}

/** Sums of a tally over all but one part of its names. */
function marginal(tally: Tally, part: number): { readonly tally: Tally; readonly total: number } {
  const sums: Tally = new Map();
  let all = 0;
  for (const [key, value] of tally) {
    const own = key.split('|')[part]!;
    sums.set(own, count(sums, own) + value);
    all += value;
  }
  return { tally: sums, total: all };
}

function marginal2(spoken: Tally) {
  const pair: Tally = new Map();
  const browser: Tally = new Map();
  const place: Tally = new Map();
  const home: Tally = new Map();
  for (const [key, value] of spoken) {
    const [country = '', from = '', language = ''] = key.split('|');
    add(pair, name(from, language), value);
    add(browser, from, value);
    add(place, name(country, from), value);
    if (behindHiddenOf(country) === undefined) continue;
    add(home, name(country, language), value);
    add(place, country, value);
  }
  return { pair, browser, place, home };
}

const HIDDEN = '@';

/**
 * Where a person with a hidden number is taken to live by what is said of `spoken`: in the country of the click's address, apart from people whose numbers show that country. Where no
 * phone tells a country, the browser's language alone made one in seven who reads English in Mexico and writes Spanish one in a hundred. Empty where the address tells none: exits of
 * VPNs and data centres.
 */
export function behindHidden(network: number, country: string): string {
  return isLocated(network) && country !== '' ? `${HIDDEN}${country}` : '';
}

function behindHiddenOf(country: string): string | undefined {
  return country.startsWith(HIDDEN) ? country.slice(HIDDEN.length) : undefined;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
