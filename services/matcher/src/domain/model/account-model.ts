import type { Profile } from '../profiles.ts';
import type { AccountStatistics } from './account-statistics.ts';
import { type DelayCurve, delayCurve } from './delay-curve.ts';
import { DELAY_BINS, normalised, smoothed } from './delay-grid.ts';
import { type KnownShares, noShares } from './known-shares.ts';
import { type KnownViews, noViews } from './known-views.ts';
import { FIRST_LEADS, organicRates } from './organic-day.ts';
import { kernelWidth, type PlatformModel } from './platform-model.ts';
import { DEVICES, KINDS } from './strata.ts';
import { count, name, type Tally, total } from './tally.ts';

/** What decides the answers of one account: the platform's model and the account's own statistics, as they stood when it was made. */
export interface AccountModel {
  readonly platform: PlatformModel;
  /** Delays by device, with and without the time that people take to delete the code. */
  readonly keep: (device: number) => DelayCurve;
  readonly lose: (device: number) => DelayCurve;
  /** The same of people whose click carried no code. */
  readonly codeless: (device: number) => DelayCurve;
  /** Odds of losing the identifier against keeping it, by kind of click. */
  readonly lossOdds: () => Float64Array;
  /** Messages of no click per second, by hour of the day (UTC). */
  readonly organicPerS: () => Float64Array;
  /** How long the account has been watched, of what counts. Seconds. */
  readonly observedS: number;
  /** Leads with identifier per second, from all clicks together. */
  readonly leadsPerS: number;
  /** After what time a message is forwarded. */
  readonly forwarded: () => DelayCurve;
  /** P(home) of messages of no click, by country index. */
  readonly organicHome: () => Float64Array;
  readonly campaign: (campaign: string) => CampaignModel;
  /** As they were asked for. */
  readonly homes: KnownViews;
  /** P(region | home) where IPs are placed that tell none, by number of the IP's region, as it was asked for. */
  readonly hubs: KnownShares;
  /** Profiles of the account's clicks as they were asked for, by index. */
  readonly profiles: (Profile | undefined)[];
  /** P(region | home) of the account's leads. */
  readonly region: (country: string, region: string) => number;
  /** P(language | home) of any first message to the account. */
  readonly language: (country: string, language: string) => number;
  /** Fewer than 100 identified leads and less than two days: the answers rest on priors. */
  readonly isWarming: boolean;
}

/** Sums over all homes of a campaign's leads: as they are, times P(browser language | home), and both where the IP's country is another one. */
export interface HomeSums {
  readonly alone: number;
  readonly spoken: number;
  readonly abroad: number;
  readonly abroadSpoken: number;
}

export interface CampaignModel {
  /** By network and browser language, as they were asked for. */
  readonly sums: (Map<string, HomeSums> | undefined)[];
  /** How often a click of average worth leads to a message that keeps its identifier. */
  readonly rate: number;
  /** P(home) of the campaign's leads, by country index. */
  readonly home: () => Float64Array;
  /** P(region | home) of the campaign's leads. */
  readonly region: (country: string, region: string) => number;
  /** The same by number of the IP's region, as it was asked for. */
  readonly there: KnownShares;
}

/** Pseudo-leads: 50 visits at the base rate for an account, half of that for a campaign within it. */
const ACCOUNT_RATE_PRIOR = 10;
const CAMPAIGN_RATE_PRIOR = 5;
const DELAY_PRIOR = 150;
/** Below it the platform's delays are used as they are. */
const OWN_DELAYS_FROM = 30;
const MAX_RATE = 0.95;
const WARM_LEADS = 100;
const WARM_S = 2 * 86_400;

export function deriveAccount(platform: PlatformModel, basis: AccountStatistics): AccountModel {
  const { places } = platform;
  const accountFactor = (ACCOUNT_RATE_PRIOR + total(basis.responses)) / (ACCOUNT_RATE_PRIOR + platform.rate * total(basis.exposure));
  const curves = DEVICES.map((_, device) => lazily(() => curvesOf(platform, basis, device)));
  const codelessCurves = DEVICES.map((_, device) => lazily(() => codelessCurve(platform, curves[device]!().keep)));
  const home = lazily(() => homeOf(platform, basis));
  const organicHome = lazily(() => organicHomeOf(platform, basis, home()));
  const regionsOf = lazily(() => sumsByFirst(basis.region));
  const messagesOf = lazily(() => sumsByFirst(basis.language));
  const organicPerS = lazily(() => organicRates(platform, basis, lossOddsOf(platform, basis)[KINDS - 1]!));
  const campaigns = new Map<string, CampaignModel>();
  const region = remembered(
    (country, region) =>
      (count(basis.region, name(country, region)) + 5 * places.region(country, region)) / ((regionsOf().get(country) ?? 0) + 5),
  );
  return {
    platform,
    keep: (device) => curves[device]!().keep,
    lose: (device) => curves[device]!().lose,
    codeless: (device) => codelessCurves[device]!(),
    lossOdds: lazily(() => lossOddsOf(platform, basis)),
    organicPerS,
    observedS: basis.observedS,
    leadsPerS: (FIRST_LEADS + basis.identified) / (FIRST_LEADS * 86_400 + basis.observedS),
    homes: noViews(),
    hubs: noShares(),
    profiles: [],
    forwarded: lazily(() => forwardCurve(platform)),
    organicHome,
    campaign: (campaign) => {
      const known = campaigns.get(campaign);
      if (known !== undefined) return known;
      const expected = count(basis.exposure, campaign) * platform.rate * accountFactor;
      const factor = (CAMPAIGN_RATE_PRIOR + count(basis.responses, campaign)) / (CAMPAIGN_RATE_PRIOR + expected);
      const model: CampaignModel = {
        sums: [],
        rate: Math.min(MAX_RATE, platform.rate * accountFactor * factor),
        home: lazily(() => campaignHomeOf(platform, basis, campaign, home())),
        region: campaignRegions(basis.campaignRegion.get(campaign), region),
        there: noShares(),
      };
      campaigns.set(campaign, model);
      return model;
    },
    region,
    language: (country, language) =>
      (count(basis.language, name(country, language)) + 30 * places.language(country, language)) / ((messagesOf().get(country) ?? 0) + 30),
    isWarming: basis.identified < WARM_LEADS && basis.observedS < WARM_S,
  };
}

/**
 * Losers behind the platform's odds of losing the identifier. Accounts differ: a text that asks to leave the code, customers who rewrite whatever
 * stands there. Kinds of clicks keep their ratio, and one factor is the account's own.
 */
const LOSS_PRIOR = 40;
const MAX_LOSS_ODDS = 9;

function lossOddsOf({ loss }: PlatformModel, { keepers, losers }: AccountStatistics): Float64Array {
  let expected = 0;
  for (let kind = 0; kind < KINDS; kind += 1) expected += (keepers[kind]! * loss[kind]!) / (1 - loss[kind]!);
  const factor = (LOSS_PRIOR + losers) / (LOSS_PRIOR + expected);
  return loss.map((each) => Math.min(MAX_LOSS_ODDS, (factor * each) / (1 - each)));
}

/** Most campaigns find people as the account does; a sign finds those who pass by. */
const CAMPAIGN_REGION_PRIOR = 20;

function campaignRegions(own: Tally | undefined, usual: AccountModel['region']): CampaignModel['region'] {
  if (own === undefined) return usual;
  const sums = new Map<string, number>();
  return (country, region) => {
    const known = sums.get(country);
    const sum = known ?? sumOfFirst(own, country);
    if (known === undefined) sums.set(country, sum);
    return (count(own, name(country, region)) + CAMPAIGN_REGION_PRIOR * usual(country, region)) / (sum + CAMPAIGN_REGION_PRIOR);
  };
}

/** As `sumsByFirst`, of one alone: a campaign is asked for the country of the message and hardly ever for another. */
function sumOfFirst(tally: Tally, first: string): number {
  const start = name(first, '');
  let sum = 0;
  for (const [key, value] of tally) if (key.startsWith(start)) sum += value;
  return sum;
}

/** What all campaigns of an account ask for is worked out once. */
function remembered(of: (first: string, second: string) => number): (first: string, second: string) => number {
  const known = new Map<string, Map<string, number>>();
  return (first, second) => {
    let bySecond = known.get(first);
    if (bySecond === undefined) {
      bySecond = new Map();
      known.set(first, bySecond);
    }
    const found = bySecond.get(second);
    if (found !== undefined) return found;
    const made = of(first, second);
    bySecond.set(second, made);
    return made;
  };
}

/** Ten thousand accounts are asked for their rates at every hour and for the rest only when a message comes without identifier. */
function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

function homeOf({ places }: PlatformModel, basis: AccountStatistics): Float64Array {
  const leads = total(basis.home);
  return Float64Array.from(places.countries, (country, index) => (count(basis.home, country) + 5 * places.home[index]!) / (leads + 5));
}

function organicHomeOf({ places }: PlatformModel, basis: AccountStatistics, home: Float64Array): Float64Array {
  let sum = 0;
  for (let index = 0; index < home.length; index += 1) sum += home[index]! * places.organicFactor[index]!;
  const messages = total(basis.organicHome);
  return Float64Array.from(
    places.countries,
    (country, index) => (count(basis.organicHome, country) + (40 * home[index]! * places.organicFactor[index]!) / sum) / (messages + 40),
  );
}

function campaignHomeOf({ places }: PlatformModel, basis: AccountStatistics, campaign: string, home: Float64Array): Float64Array {
  const own = basis.campaignHome.get(campaign);
  if (own === undefined) return home;
  const leads = total(own);
  return home.map((share, index) => (count(own, places.countries[index]!) + 20 * share) / (leads + 20));
}

function sumsByFirst(tally: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [key, value] of tally) {
    const first = key.slice(0, key.indexOf('|'));
    sums.set(first, (sums.get(first) ?? 0) + value);
  }
  return sums;
}

function curvesOf(platform: PlatformModel, { delays }: AccountStatistics, device: number) {
  const own = delays.subarray(device * DELAY_BINS, (device + 1) * DELAY_BINS);
  let observations = 0;
  for (const value of own) observations += value;
  const usual = platform.keeperDelays[device]!;
  if (observations < OWN_DELAYS_FROM) return platformCurves(platform, device);
  const soft = smoothed(Float64Array.from(own), kernelWidth(observations));
  const keep = normalised(usual.map((share, bin) => soft[bin]! + DELAY_PRIOR * share));
  return { keep: delayCurve(keep), lose: delayCurve(afterEditing(platform, keep)) };
}

function codelessCurve(platform: PlatformModel, { shares }: DelayCurve): DelayCurve {
  return delayCurve(afterEditing(platform, shares, platform.codeless.edits));
}

interface Curves {
  readonly keep: DelayCurve;
  readonly lose: DelayCurve;
}

/** Most accounts are small: thousands of them share the platform's own curves. */
const shared = new WeakMap<PlatformModel, Map<number, Curves>>();

function platformCurves(platform: PlatformModel, device: number): Curves {
  const known = shared.get(platform) ?? new Map<number, Curves>();
  shared.set(platform, known);
  const found = known.get(device);
  if (found !== undefined) return found;
  const usual = platform.keeperDelays[device]!;
  const made = { keep: delayCurve(usual), lose: delayCurve(afterEditing(platform, usual)) };
  known.set(device, made);
  return made;
}

const forwards = new WeakMap<PlatformModel, DelayCurve>();

function forwardCurve(platform: PlatformModel): DelayCurve {
  const known = forwards.get(platform);
  if (known !== undefined) return known;
  const made = delayCurve(platform.forwardDelays);
  forwards.set(platform, made);
  return made;
}

const edited = new WeakMap<Float64Array, Float64Array>();

/** Where a delay of one bin ends up, whatever the editing time: a mixture of its shifts, the same for all accounts. */
function editedMoves({ shifts }: PlatformModel, edits: Float64Array): Float64Array {
  const known = edited.get(edits);
  if (known !== undefined) return known;
  const moves = new Float64Array(DELAY_BINS * DELAY_BINS);
  for (let k = 0; k < edits.length; k += 1) {
    const weight = edits[k]!;
    const table = shifts[k]!;
    for (let at = 0; at < moves.length; at += 1) moves[at]! += weight * table[at]!;
  }
  edited.set(edits, moves);
  return moves;
}

/** Delays with the time that people take to delete the code, or another mixture of `EDIT_SECONDS`. */
export function afterEditing(platform: PlatformModel, shares: Float64Array, edits = platform.edits): Float64Array {
  const moves = editedMoves(platform, edits);
  const out = new Float64Array(DELAY_BINS);
  for (let from = 0; from < DELAY_BINS; from += 1) {
    const share = shares[from]!;
    if (share === 0) continue;
    for (let to = from; to < DELAY_BINS; to += 1) out[to]! += share * moves[from * DELAY_BINS + to]!;
  }
  return out;
}
