import { type DelayTable, mixTables, tabulate } from './delay-law.ts';
import { createRandom, type Random } from './random.ts';
import type { ByDevice, Delay, Regime } from './regimes.ts';
import { COUNTRIES, DESKTOP, HOSTING, VPN } from './world.ts';

export interface Campaign {
  readonly name: string;
  readonly placements: readonly string[];
  readonly source: string;
  /** Share of the account's clicks. */
  readonly volume: number;
  /** Probability that a person's visit writes, before the factor of the device. */
  readonly write: number;
  /** Home countries of its visitors. */
  readonly countries: readonly number[];
  /** Home regions by country. */
  readonly regions: readonly (readonly number[])[];
}

/** A stretch of time in which something comes more often. */
export interface Spell {
  readonly fromMs: number;
  readonly untilMs: number;
  /** Events per second on top. */
  readonly rate: number;
  /** Index of the campaign that is flooded; −1 for a newsletter. */
  readonly campaign: number;
}

/** One account with everything that is true of it: the generator draws from it, the oracle knows it. */
export interface Account {
  readonly name: string;
  readonly campaigns: readonly Campaign[];
  /** Visits of people and programs per second, by hour of day (UTC). Floods come on top. */
  readonly visits: readonly number[];
  /** Organic messages per second, by hour of day (UTC). Newsletters come on top. */
  readonly organic: readonly number[];
  readonly organicCountries: readonly number[];
  readonly regions: readonly (readonly number[])[];
  readonly floods: readonly Spell[];
  readonly newsletters: readonly Spell[];
  readonly showsDevice: boolean;
}

const SOURCES = ['google', 'facebook', 'yandex', 'instagram', 'tiktok', 'newsletter'] as const;
const NAMES = [
  'brand',
  'search',
  'retarget',
  'spring',
  'video',
  'lookalike',
  'promo',
  'geo',
  'competitor',
  'catalog',
  'sale',
  'stories',
  'bloggers',
  'maps',
] as const;

/** A person in the order in which the visit's device class decides. */
export function byDevice<T>(values: ByDevice<T>, device: number): T {
  return device === DESKTOP ? values.desktop : values.mobile;
}

/** Mean number of clicks of a visit. */
export function clicksPerVisit(regime: Regime): number {
  const [second, third] = regime.burst;
  return 1 + second * (1 + third);
}

/** Probability that a person's visit on this campaign, device and network writes. */
export function writeRate(regime: Regime, campaign: Campaign, device: number): number {
  return Math.min(0.95, campaign.write * byDevice(regime.writeByDevice, device));
}

/** Probability that a written message has its code deleted. */
export function loseRate(regime: Regime, device: number, network: number): number {
  const hidden = network === VPN || network === HOSTING;
  return Math.min(0.9, byDevice(regime.lose, device) * (hidden ? regime.loseOnVpn : 1));
}

export function drawAccount(regime: Regime, seed: number, at: number, startMs: number): Account {
  const random = createRandom(seed, at, 1);
  const main = random.index(COUNTRIES.map((country) => country.weight));
  const second = random.index(COUNTRIES.map((country) => country.weight));
  const mix = random.dirichlet(
    COUNTRIES.map(
      (country, i) => regime.accountConcentration * (0.15 * country.weight + (i === main ? 0.65 : 0) + (i === second ? 0.2 : 0)),
    ),
  );
  const regions = COUNTRIES.map((country) => random.dirichlet(country.regions.map((region) => 10 * region.share)));
  const [from, to] = regime.campaigns;
  const count = from + random.below(to - from + 1);
  const volumes = random.dirichlet(Array.from({ length: count }, () => 1.5));
  const writes = volumes.map(() => Math.exp(regime.writeSpread * random.normal() - regime.writeSpread ** 2 / 2));
  const meanWrite = writes.reduce((sum, write, k) => sum + write * volumes[k]!, 0);
  const first = random.below(NAMES.length);
  const campaigns = volumes.map((volume, k): Campaign => {
    const countries = random.dirichlet(mix.map((share) => regime.campaignConcentration * share));
    return {
      name: NAMES[(first + k) % NAMES.length]!,
      placements: k % 3 === 0 ? [`site-${k}`, `banner-${k}`] : [`ad-${k}`],
      source: SOURCES[random.below(SOURCES.length)]!,
      volume,
      write: (regime.write * writes[k]!) / meanWrite,
      countries: regime.signs ? onlyOne(countries, random.index(mix)) : countries,
      regions: regime.signs ? regions.map((shares) => around(shares, random.index(shares))) : regions,
    };
  });
  const factor = Math.exp(regime.accountSpread * random.normal() - regime.accountSpread ** 2 / 2);
  const visits = (regime.clicksPerHour * factor) / 3600 / clicksPerVisit(regime);
  const people = visits * (1 - regime.botShare);
  const organic = people * regime.write * regime.organic * (random.gamma(3) / 3);
  const noon = random.below(24);
  const days = regime.days;
  return {
    name: `account-${String(at + 1).padStart(2, '0')}`,
    campaigns,
    visits: hours(random, noon, 0.75).map((shape) => shape * visits),
    organic: hours(random, noon - 2, 0.9).map((shape) => shape * organic),
    organicCountries: random.dirichlet(mix.map((share) => 40 * share)),
    regions,
    floods: spells(random, regime.floodsPerDay * days, days, startMs, regime.floodMinutes, () => ({
      rate: visits * regime.floodFactor,
      campaign: random.below(count),
    })),
    newsletters: spells(random, regime.newslettersPerDay * days, days, startMs, regime.newsletterMinutes, () => ({
      rate: organic * regime.newsletterFactor,
      campaign: -1,
    })),
    showsDevice: random.next() < regime.deviceShown,
  };
}

function onlyOne(shares: readonly number[], kept: number): number[] {
  return shares.map((share, at) => (at === kept ? 0.94 : 0) + 0.06 * share);
}

/** Who passes a sign lives around it, mostly. */
function around(shares: readonly number[], centre: number): number[] {
  return shares.map((share, at) => (at === centre ? 0.7 : 0) + 0.3 * share);
}

/** Two harmonics over the day with mean 1; never below a twentieth. */
function hours(random: Random, noon: number, depth: number): number[] {
  const second = 0.25 * (random.next() - 0.5);
  const raw = Array.from({ length: 24 }, (_, hour) => {
    const angle = (2 * Math.PI * (hour - noon)) / 24;
    return Math.max(0.05, 1 + depth * Math.cos(angle) + second * Math.cos(2 * angle));
  });
  const mean = raw.reduce((sum, value) => sum + value, 0) / 24;
  return raw.map((value) => value / mean);
}

function spells(
  random: Random,
  expected: number,
  days: number,
  startMs: number,
  minutes: number,
  kind: () => { readonly rate: number; readonly campaign: number },
): readonly Spell[] {
  const found: Spell[] = [];
  if (expected <= 0) return found;
  const gapMs = (days * 86_400_000) / expected;
  for (let at = startMs + gapMs * random.exponential(); at < startMs + days * 86_400_000; at += gapMs * random.exponential()) {
    const untilMs = at + minutes * 60_000;
    found.push({ fromMs: at, untilMs, ...kind() });
    at = untilMs;
  }
  return found;
}

/** Sum of the rates of the spells at a time. */
export function spellRate(spells: readonly Spell[], timeMs: number, campaign = -1): number {
  let rate = 0;
  for (const spell of spells) {
    if (spell.fromMs <= timeMs && timeMs < spell.untilMs && (campaign < 0 || spell.campaign === campaign)) rate += spell.rate;
  }
  return rate;
}

/** The laws of time that hold for all accounts, as tables by device class. */
export interface Laws {
  /** Click to message, of who keeps the code and of who loses it. */
  readonly keeper: ByDevice<DelayTable>;
  readonly loser: ByDevice<DelayTable>;
  /** Click to arrival of the message: with the lateness of webhooks. */
  readonly keeperArrived: ByDevice<DelayTable>;
  readonly loserArrived: ByDevice<DelayTable>;
  /** Click to the message of the person it was handed on to. */
  readonly forward: DelayTable;
}

export function lawsOf(regime: Regime): Laws {
  const loser = regime.loserDelay ?? regime.delay;
  const lateShare = regime.late + regime.veryLate;
  const arrived = (delay: Delay, added: readonly Delay[]): DelayTable => {
    const onTime = tabulate(delay, ...added);
    return lateShare === 0 ? onTime : mixTables(onTime, tabulate(delay, ...added, regime.lateBy), lateShare);
  };
  const both = <T>(make: (device: 'mobile' | 'desktop') => T): ByDevice<T> => ({ mobile: make('mobile'), desktop: make('desktop') });
  return {
    keeper: both((device) => tabulate(regime.delay[device])),
    loser: both((device) => tabulate(loser[device], regime.editing)),
    keeperArrived: both((device) => arrived(regime.delay[device], [])),
    loserArrived: both((device) => arrived(loser[device], [regime.editing])),
    forward: tabulate(regime.forwardDelay),
  };
}
