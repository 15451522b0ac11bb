/**
 * What a click and a message show of the same person, and how likely that is: for every fact the draw and its probability side by side, so that the
 * oracle cannot know another law than the generator's.
 */
import type { Account } from './account.ts';
import { drawScore, scoreDensity } from './bot-score.ts';
import type { Random } from './random.ts';
import type { Regime } from './regimes.ts';
import { COUNTRIES, DESKTOP, FIXED, HOSTING, LANGUAGES, MOBILE, VPN } from './world.ts';

/** Marks of a visit, as indices into the tables of world.ts. */
export interface VisitMarks {
  readonly campaign: number;
  readonly device: number;
  readonly network: number;
  /** Place of the address. */
  readonly country: number;
  readonly region: number;
  /** First and second browser language; −1 for none. */
  readonly language: number;
  readonly second: number;
  /** 0.00 … 1.00 in hundredths. */
  readonly score: number;
}

/** Marks of a message; −1 where nothing shows. `greeting`: variant, or −1 for other words. */
export interface MessageMarks {
  readonly country: number;
  readonly region: number;
  readonly language: number;
  readonly greeting: number;
  readonly device: number;
}

export interface Home {
  readonly country: number;
  readonly region: number;
}

const COUNT = COUNTRIES.length;
const PLATFORM = COUNTRIES.map((country) => country.weight);
const EXITS = COUNTRIES.map((country) => country.exits);
const SHARES = COUNTRIES.map((country) => country.regions.map((region) => region.share));
const HUBS = COUNTRIES.map((country) => country.regions.map((region) => region.hub));
const SPOKEN = COUNTRIES.map((country) => country.languages);
const ENGLISH = LANGUAGES.indexOf('en');
const MAIN = SPOKEN.map((shares) => shares.indexOf(Math.max(...shares)));
const PERSON_DEVICE_SHOWN = [
  [0.93, 0.03, 0.04],
  [0.03, 0.92, 0.05],
  [0.2, 0.25, 0.55],
] as const;
const ORGANIC_DEVICE = [0.37, 0.5, 0.13] as const;
const BOT_DEVICES = [0.2, 0.35, 0.45] as const;
const BOT_NETWORKS = [0.3, 0.25, 0.33, 0.12] as const;
const BOT_FROM_TARGET = 0.5;
/** A language spoken by a fifth is common: who browses in it also writes in it. */
const COMMON = 0.2;

export function drawHome(random: Random, countries: readonly number[], regions: readonly (readonly number[])[]): Home {
  const country = random.index(countries);
  return { country, region: random.index(regions[country]!) };
}

// Browser languages: first by what is spoken at home, a second with probability one half.

function drawSecond(random: Random, country: number, first: number): number {
  if (random.next() < 0.5) return -1;
  const main = MAIN[country]!;
  if (first !== main) return random.next() < 0.7 ? main : -1;
  return first !== ENGLISH && random.next() < 0.7 ? ENGLISH : -1;
}

function secondProbability(country: number, first: number, second: number): number {
  const main = MAIN[country]!;
  const expected = first !== main ? main : first !== ENGLISH ? ENGLISH : -1;
  if (expected < 0) return second < 0 ? 1 : 0;
  return second < 0 ? 0.65 : second === expected ? 0.35 : 0;
}

function drawBrowser(random: Random, country: number): readonly [number, number] {
  const first = random.index(SPOKEN[country]!);
  return [first, drawSecond(random, country, first)];
}

function browserProbability(country: number, first: number, second: number): number {
  return SPOKEN[country]![first]! * secondProbability(country, first, second);
}

// Place of an address: right with a probability of the network's class, else a wrong country or one of the places where operators surface.

function networkShares(regime: Regime, device: number): readonly number[] {
  const mobile = device === DESKTOP ? regime.mobileNetwork.desktop : regime.mobileNetwork.mobile;
  const rest = 1 - regime.vpn - regime.hosting;
  return [rest * (1 - mobile), rest * mobile, regime.hosting, regime.vpn];
}

function countryRight(regime: Regime, network: number): number {
  return network === FIXED ? regime.fixedCountry : network === MOBILE ? regime.mobileCountry : regime.vpnCountry;
}

function regionRight(regime: Regime, network: number): number {
  if (regime.oneNatRegion || network === VPN || network === HOSTING) return 0;
  return network === FIXED ? regime.fixedRegion : regime.mobileRegion;
}

function wrongCountries(network: number): readonly number[] {
  return network === VPN || network === HOSTING ? EXITS : PLATFORM;
}

const FIRST_ONLY = COUNTRIES.map((country) => country.regions.map((_, at) => (at === 0 ? 1 : 0)));

function wrongRegions(regime: Regime, network: number, country: number): readonly number[] {
  if (regime.oneNatRegion) return FIRST_ONLY[country]!;
  return network === FIXED ? SHARES[country]! : HUBS[country]!;
}

export function drawPerson(random: Random, regime: Regime, campaign: number, home: Home): VisitMarks {
  const device = random.index(regime.devices);
  const network = random.index(networkShares(regime, device));
  const country = random.next() < countryRight(regime, network) ? home.country : random.index(wrongCountries(network));
  const region =
    country === home.country && random.next() < regionRight(regime, network)
      ? home.region
      : random.index(wrongRegions(regime, network, country));
  const [language, second] = drawBrowser(random, home.country);
  return { campaign, device, network, country, region, language, second, score: drawScore(random, regime.personScore) };
}

export function drawBot(random: Random, regime: Regime, account: Account, campaign: number, isFlood: boolean): VisitMarks {
  const target = account.campaigns[campaign]!.countries;
  const country = random.index(random.next() < BOT_FROM_TARGET ? target : EXITS);
  const [language, second] = drawBrowser(random, country);
  return {
    campaign,
    device: random.index(BOT_DEVICES),
    network: random.index(BOT_NETWORKS),
    country,
    region: random.index(SHARES[country]!),
    language,
    second,
    score: drawScore(random, isFlood ? regime.floodScore : regime.botScore),
  };
}

// The message.

function drawPhone(random: Random, regime: Regime, home: Home): { readonly country: number; readonly region: number } {
  if (random.next() < regime.phoneHidden) return { country: -1, region: -1 };
  const country = random.next() < regime.phoneCountry ? home.country : random.index(PLATFORM);
  if (!COUNTRIES[country]!.phoneShowsRegion) return { country, region: -1 };
  const isHome = country === home.country && random.next() < regime.phoneRegion;
  return { country, region: isHome ? home.region : random.index(SHARES[country]!) };
}

function keepsLanguage(regime: Regime, country: number, browser: number): number {
  return regime.languageKept[SPOKEN[country]![browser]! >= COMMON ? 0 : 1];
}

function drawLanguage(random: Random, regime: Regime, country: number, browser: number): number {
  if (random.next() >= regime.languageShown) return -1;
  return random.next() < keepsLanguage(regime, country, browser) ? browser : random.index(SPOKEN[country]!);
}

function languageProbability(regime: Regime, country: number, browser: number, language: number): number {
  const kept = keepsLanguage(regime, country, browser);
  return (language === browser ? kept : 0) + (1 - kept) * SPOKEN[country]![language]!;
}

export function drawMessage(
  random: Random,
  regime: Regime,
  account: Account,
  home: Home,
  visit: VisitMarks | undefined,
  greeting: number,
): MessageMarks {
  const browser = visit?.language ?? random.index(SPOKEN[home.country]!);
  const phone = drawPhone(random, regime, home);
  return {
    ...phone,
    language: drawLanguage(random, regime, home.country, browser),
    greeting,
    device: account.showsDevice ? random.index(visit === undefined ? ORGANIC_DEVICE : PERSON_DEVICE_SHOWN[visit.device]!) : -1,
  };
}

/** The probabilities of one account, prepared. */
export interface Likelihoods {
  /** P(marks of the message but its wording | no click). */
  organic(message: MessageMarks): number;
  /** Evidence of a visit that every message meets again: keep it with the visit. */
  prepare(visit: VisitMarks): VisitEvidence;
  /** P(marks of the message but its wording | this visit's person wrote it): a function of the visit, since one message meets thousands. */
  writtenBy(message: MessageMarks): (visit: VisitMarks, evidence: VisitEvidence) => number;
}

export interface VisitEvidence {
  /** P(home country and address's place | campaign) P(browser | home country), by home country. */
  readonly homes: Float64Array;
  /** Their sum. */
  readonly total: number;
  /** P(marks of the visit | person) and P(marks of the visit | program, in a flood | program), up to the campaign, which both share. */
  readonly person: number;
  readonly bot: number;
  readonly floodBot: number;
}

export function likelihoodsOf(regime: Regime, account: Account): Likelihoods {
  const organicLanguage = COUNTRIES.map((_, home) =>
    LANGUAGES.map((_language, language) =>
      SPOKEN[home]!.reduce((sum, share, browser) => sum + share * languageProbability(regime, home, browser, language), 0),
    ),
  );
  const phone = regime.phoneCountry;
  /** P(country and region of the number | home country), `there` being the probability that the home region is the one shown. */
  const phoneProbability = (home: number, country: number, region: number, there: number): number => {
    if (country < 0) return 1;
    const inCountry = (country === home ? phone : 0) + (1 - phone) * PLATFORM[country]!;
    if (region < 0) return inCountry;
    const elsewhere = SHARES[country]![region]!;
    if (country !== home) return inCountry * elsewhere;
    return inCountry * (regime.phoneRegion * there + (1 - regime.phoneRegion) * elsewhere);
  };
  return {
    organic(message) {
      let sum = 0;
      for (let home = 0; home < COUNT; home += 1) {
        const language = message.language < 0 ? 1 : organicLanguage[home]![message.language]!;
        const there = account.regions[home]![message.region] ?? 0;
        sum += account.organicCountries[home]! * phoneProbability(home, message.country, message.region, there) * language;
      }
      return sum * (message.device < 0 ? 1 : ORGANIC_DEVICE[message.device]!);
    },
    prepare(visit) {
      const campaign = account.campaigns[visit.campaign]!;
      const { country, region, network } = visit;
      const right = countryRight(regime, network);
      const wrong = wrongCountries(network)[country]!;
      const m = regionRight(regime, network);
      const surfaced = wrongRegions(regime, network, country)[region]!;
      const homes = new Float64Array(COUNT);
      let total = 0;
      for (let home = 0; home < COUNT; home += 1) {
        const place =
          home === country
            ? (right + (1 - right) * wrong) * (m * campaign.regions[home]![region]! + (1 - m) * surfaced)
            : (1 - right) * wrong * surfaced;
        homes[home] = campaign.countries[home]! * place * browserProbability(home, visit.language, visit.second);
        total += homes[home]!;
      }
      const program =
        BOT_DEVICES[visit.device]! *
        BOT_NETWORKS[network]! *
        (BOT_FROM_TARGET * campaign.countries[country]! + (1 - BOT_FROM_TARGET) * EXITS[country]!) *
        SHARES[country]![region]! *
        browserProbability(country, visit.language, visit.second);
      return {
        homes,
        total,
        person:
          regime.devices[visit.device]! *
          networkShares(regime, visit.device)[network]! *
          total *
          scoreDensity(visit.score, regime.personScore),
        bot: program * scoreDensity(visit.score, regime.botScore),
        floodBot: program * scoreDensity(visit.score, regime.floodScore),
      };
    },
    writtenBy({ country, region, language, device }) {
      // By home country: what needs no more than the message.
      const phones = Float64Array.from(COUNTRIES, (_, home) => (home === country ? 0 : phoneProbability(home, country, region, 0)));
      const languages =
        language < 0
          ? undefined
          : LANGUAGES.map((_, browser) => Float64Array.from(COUNTRIES, (_c, home) => languageProbability(regime, home, browser, language)));
      return (visit, { homes, total }) => {
        if (total === 0) return 0;
        const spoken = languages?.[visit.language];
        let sum = 0;
        for (let home = 0; home < COUNT; home += 1) sum += homes[home]! * phones[home]! * (spoken === undefined ? 1 : spoken[home]!);
        if (country >= 0) {
          // The number's region is worth what the address leaves open of the home region.
          const regions = account.campaigns[visit.campaign]!.regions[country]!;
          const there = country === visit.country ? homeShare(regime, visit, regions, region) : (regions[region] ?? 0);
          sum += homes[country]! * (spoken === undefined ? 1 : spoken[country]!) * phoneProbability(country, country, region, there);
        }
        return (sum / total) * (device < 0 ? 1 : PERSON_DEVICE_SHOWN[visit.device]![device]!);
      };
    },
  };
}

/** P(home region | region of the address), both in one country. */
function homeShare(regime: Regime, visit: VisitMarks, regions: readonly number[], region: number): number {
  if (region < 0) return 0;
  const m = regionRight(regime, visit.network);
  const surfaced = (1 - m) * wrongRegions(regime, visit.network, visit.country)[visit.region]!;
  return (regions[region]! * ((region === visit.region ? m : 0) + surfaced)) / (m * regions[visit.region]! + surfaced);
}
