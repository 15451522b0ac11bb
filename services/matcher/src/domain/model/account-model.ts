import { hasLostCodes } from '../lost-codes.ts';
import type { Profile } from '../profiles.ts';
import { type Curves, codelessCurve, curvesOf, forwardCurve } from './account-curves.ts';
import { AccountLanguages } from './account-languages.ts';
import type { AccountStatistics } from './account-statistics.ts';
import { asLeads } from './audience.ts';
import type { DelayCurve } from './delay-curve.ts';
import type { KeepsTables, KeptTables } from './kept-tables.ts';
import { lateFactors } from './late-hours.ts';
import { changeOf } from './lately.ts';
import { mostLossOdds } from './loss-level.ts';
import { FIRST_LEADS, organicRates } from './organic-day.ts';
import type { PlatformModel } from './platform-model.ts';
import { campaignStrength, type OtherRegions, otherRegions } from './region-spread.ts';
import { KINDS, UNKNOWN_DEVICE } from './strata.ts';
import { count, name, sumsByFirst, type Tally, total } from './tally.ts';

/** What decides the answers of one account: the platform's model and the account's own statistics, as they stood when it was made. */
export interface AccountModel extends KeepsTables {
  readonly platform: PlatformModel;
  /** Delays by device, with and without the time that people take to delete the code. */
  keep(device: number): DelayCurve;
  lose(device: number): DelayCurve;
  /** The same of people whose click carried no code. */
  codeless(device: number): DelayCurve;
  /** Odds of losing the identifier against keeping it, by kind of click. */
  lossOdds(): Float64Array;
  /** Messages of no click per second, by hour of the day (UTC). */
  organicPerS(): Float64Array;
  /** By hour of the day (UTC): how much likelier than its delay says a message is that comes `LATE_S` after its click or later. */
  lateFactors(): Float64Array;
  /** How long the account has been watched, of what counts. Seconds. */
  readonly observedS: number;
  /** Leads with identifier per second, from all clicks together. */
  readonly leadsPerS: number;
  /** After what time a message is forwarded. */
  forwarded(): DelayCurve;
  /** P(home) of messages of no click, by country index. */
  organicHome(): Float64Array;
  campaign(campaign: string): CampaignModel;
  /** Profiles of the account's clicks as they were asked for, by index. */
  readonly profiles: (Profile | undefined)[];
  /** P(region | home) of the account's leads. */
  region(country: string, region: string): number;
  /** The same of messages of no click. */
  organicRegion(country: string, region: string): number;
  /** P(language | home) of any first message to the account. */
  language(country: string, language: string): number;
  /** Fewer than 100 identified leads and less than two days: the answers rest on priors. */
  readonly isWarming: boolean;
  /** By how much the rate of leads of the last days differs from the long memory's; it is in the rates of the campaigns. */
  readonly rateChange: number;
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
  home(): Float64Array;
  /** P(region | home) of the campaign's leads. */
  region(country: string, region: string): number;
}

/** Pseudo-leads: 50 visits at the base rate for an account, half of that for a campaign within it. */
const ACCOUNT_RATE_PRIOR = 10;
const CAMPAIGN_RATE_PRIOR = 5;
const MAX_RATE = 0.95;
const WARM_LEADS = 100;
const WARM_S = 2 * 86_400;

export function deriveAccount(platform: PlatformModel, basis: AccountStatistics): AccountModel {
  return new DerivedModel(platform, basis);
}

/**
 * Everything is worked out when it is first asked for: ten thousand accounts are asked for their rates at every hour and for the rest only when a message
 * comes without identifier. In fields and not in a function for each: those took 1.5 KB an account, and 400 bytes a campaign.
 */
class DerivedModel implements AccountModel {
  readonly platform: PlatformModel;
  readonly observedS: number;
  readonly leadsPerS: number;
  readonly isWarming: boolean;
  readonly rateChange: number;
  readonly profiles: (Profile | undefined)[] = [];
  tables: KeptTables | undefined;
  ticket = -1;
  private readonly basis: AccountStatistics;
  private readonly campaigns = new Map<string, Campaign>();
  private accountFactor: number | undefined;
  private curves: (Curves | undefined)[] | undefined;
  private codelessCurves: (DelayCurve | undefined)[] | undefined;
  private odds: Float64Array | undefined;
  private organic: Float64Array | undefined;
  private late: Float64Array | undefined;
  private homes: Float64Array | undefined;
  private organicHomes: Float64Array | undefined;
  private regionSums: ReadonlyMap<string, number> | undefined;
  private languages: AccountLanguages | undefined;
  private regions: Map<string, Map<string, number>> | undefined;
  private strengths: Map<string, number> | undefined;
  private others: Map<string, OtherRegions> | undefined;

  constructor(platform: PlatformModel, basis: AccountStatistics) {
    this.platform = platform;
    this.basis = basis;
    this.observedS = basis.observedS;
    this.leadsPerS = (FIRST_LEADS + basis.identified + basis.keepersElsewhere) / (FIRST_LEADS * 86_400 + basis.observedS);
    const { lately } = basis;
    // Where it is the codes that are lost, that none came of the last days' clicks is no fall of their rate.
    this.rateChange = hasLostCodes(basis) ? 1 : changeOf(lately.responses, lately.due);
    this.isWarming = basis.identified < WARM_LEADS && basis.observedS < WARM_S;
  }

  keep(device: number): DelayCurve {
    return this.curvesOf(device).keep;
  }

  lose(device: number): DelayCurve {
    return this.curvesOf(device).lose;
  }

  codeless(device: number): DelayCurve {
    this.codelessCurves ??= [];
    this.codelessCurves[device] ??= codelessCurve(this.platform, this.keep(device));
    return this.codelessCurves[device]!;
  }

  lossOdds(): Float64Array {
    this.odds ??= lossOddsOf(this.platform, this.basis);
    return this.odds;
  }

  organicPerS(): Float64Array {
    this.organic ??= organicRates(this.platform, this.basis, this.lossOdds()[KINDS - 1]!);
    return this.organic;
  }

  lateFactors(): Float64Array {
    this.late ??= lateFactors(this.basis, this.keep(UNKNOWN_DEVICE), this.platform.days.leads);
    return this.late;
  }

  forwarded(): DelayCurve {
    return forwardCurve(this.platform);
  }

  home(): Float64Array {
    this.homes ??= homeOf(this.platform, this.basis);
    return this.homes;
  }

  organicHome(): Float64Array {
    this.organicHomes ??= organicHomeOf(this.platform, this.basis, this.home());
    return this.organicHomes;
  }

  campaign(campaign: string): CampaignModel {
    const known = this.campaigns.get(campaign);
    if (known !== undefined) return known;
    const { platform, basis } = this;
    this.accountFactor ??= (ACCOUNT_RATE_PRIOR + total(basis.responses)) / (ACCOUNT_RATE_PRIOR + platform.rate * total(basis.exposure));
    const { accountFactor } = this;
    const expected = count(basis.exposure, campaign) * platform.rate * accountFactor;
    const factor = (CAMPAIGN_RATE_PRIOR + count(basis.responses, campaign)) / (CAMPAIGN_RATE_PRIOR + expected);
    const made = new Campaign(this, basis, campaign, Math.min(MAX_RATE, platform.rate * accountFactor * factor * this.rateChange));
    this.campaigns.set(campaign, made);
    return made;
  }

  /** What all campaigns of an account ask for is worked out once. */
  region(country: string, region: string): number {
    this.regions ??= new Map();
    let ofCountry = this.regions.get(country);
    if (ofCountry === undefined) {
      ofCountry = new Map();
      this.regions.set(country, ofCountry);
    }
    const known = ofCountry.get(region);
    if (known !== undefined) return known;
    this.regionSums ??= sumsByFirst(this.basis.region);
    const prior = 5 * this.platform.places.region(country, region);
    const made = (count(this.basis.region, name(country, region)) + prior) / ((this.regionSums.get(country) ?? 0) + 5);
    ofCountry.set(region, made);
    return made;
  }

  organicRegion(country: string, region: string): number {
    this.others ??= new Map();
    let known = this.others.get(country);
    if (known === undefined) {
      known = otherRegions(this.basis.campaignRegion, this.basis.region, country);
      this.others.set(country, known);
    }
    const { regions, total: messages, strength } = known;
    return (count(regions, name(country, region)) + strength * this.region(country, region)) / (messages + strength);
  }

  /** Leads behind what a campaign's own say of regions of a country. */
  campaignStrength(country: string): number {
    this.strengths ??= new Map();
    const known = this.strengths.get(country);
    if (known !== undefined) return known;
    const made = campaignStrength(this.basis.campaignRegion, country);
    this.strengths.set(country, made);
    return made;
  }

  language(country: string, language: string): number {
    this.languages ??= new AccountLanguages(this.platform, this.basis, this.organicHome());
    return this.languages.share(country, language);
  }

  private curvesOf(device: number): Curves {
    this.curves ??= [];
    this.curves[device] ??= curvesOf(this.platform, this.basis, device);
    return this.curves[device]!;
  }
}

class Campaign implements CampaignModel {
  readonly rate: number;
  private readonly account: DerivedModel;
  private readonly basis: AccountStatistics;
  private readonly campaign: string;
  private homes: Float64Array | undefined;
  private homeSums: (Map<string, HomeSums> | undefined)[] | undefined;
  /** By country: a campaign is asked for that of the message and hardly ever for another. */
  private regionSums: Map<string, number> | undefined;

  constructor(account: DerivedModel, basis: AccountStatistics, campaign: string, rate: number) {
    this.account = account;
    this.basis = basis;
    this.campaign = campaign;
    this.rate = rate;
  }

  get sums(): (Map<string, HomeSums> | undefined)[] {
    this.homeSums ??= [];
    return this.homeSums;
  }

  home(): Float64Array {
    this.homes ??= campaignHomeOf(this.account.platform, this.basis, this.campaign, this.account.home());
    return this.homes;
  }

  region(country: string, region: string): number {
    const usual = this.account.region(country, region);
    const own = this.basis.campaignRegion.get(this.campaign);
    if (own === undefined) return usual;
    this.regionSums ??= new Map();
    const known = this.regionSums.get(country);
    const sum = known ?? sumOfFirst(own, country);
    if (known === undefined) this.regionSums.set(country, sum);
    const strength = this.account.campaignStrength(country);
    return (count(own, name(country, region)) + strength * usual) / (sum + strength);
  }
}

/** Kinds of clicks keep their ratio, and one factor is the account's own. */
function lossOddsOf({ loss, lossStrength }: PlatformModel, basis: AccountStatistics): Float64Array {
  const { keepers, keepersElsewhere, losers } = basis;
  const expected = expectedLosers(loss, basis);
  const factor = (lossStrength + losers) / (lossStrength + expected);
  const most = mostLossOdds(keepers.reduce((sum, each) => sum + each, keepersElsewhere));
  return loss.map((each) => Math.min(most, (factor * each) / (1 - each)));
}

/** Of those who kept it, by kind: as many lose it as the platform's rates say. Of those whose click is gone as many as of all others. */
export function expectedLosers(
  loss: Float64Array,
  { keepers, keepersElsewhere }: Pick<AccountStatistics, 'keepers' | 'keepersElsewhere'>,
): number {
  let expected = 0;
  let kept = 0;
  for (let kind = 0; kind < KINDS; kind += 1) {
    expected += (keepers[kind]! * loss[kind]!) / (1 - loss[kind]!);
    kept += keepers[kind]!;
  }
  if (kept > 0) return expected * (1 + keepersElsewhere / kept);
  return (keepersElsewhere * loss[KINDS - 1]!) / (1 - loss[KINDS - 1]!);
}

/** As `sumsByFirst`, of one alone. */
function sumOfFirst(tally: Tally, first: string): number {
  const start = name(first, '');
  let sum = 0;
  for (const [key, value] of tally) if (key.startsWith(start)) sum += value;
  return sum;
}

function homeOf({ places }: PlatformModel, basis: AccountStatistics): Float64Array {
  const leads = total(basis.home);
  const audience = clickedFrom(sumsByFirst(basis.audience.browser));
  const homes = new Float64Array(places.countries.length);
  for (let at = 0; at < homes.length; at += 1) {
    const country = places.countries[at]!;
    homes[at] = (count(basis.home, country) + 5 * places.home[at]! + count(audience.leads, country)) / (leads + 5 + audience.all);
  }
  return homes;
}

function organicHomeOf({ places }: PlatformModel, basis: AccountStatistics, home: Float64Array): Float64Array {
  let sum = 0;
  for (let index = 0; index < home.length; index += 1) sum += home[index]! * places.organicFactor[index]!;
  const messages = total(basis.organicHome);
  let all = 0;
  const homes = new Float64Array(home.length);
  for (let at = 0; at < homes.length; at += 1) {
    const prior = (40 * home[at]! * places.organicFactor[at]!) / sum;
    const estimate = (count(basis.organicHome, places.countries[at]!) + prior) / (messages + 40);
    homes[at] = Math.max(estimate, places.foreignNumbers * places.foreign[at]!);
    all += homes[at]!;
  }
  return homes.map((share) => share / all);
}

function campaignHomeOf({ places }: PlatformModel, basis: AccountStatistics, campaign: string, home: Float64Array): Float64Array {
  const own = basis.campaignHome.get(campaign) ?? NOBODY;
  const audience = clickedFrom(basis.audience.campaignHome.get(campaign) ?? NOBODY);
  if (own.size === 0 && audience.all === 0) return home;
  const leads = total(own);
  const homes = new Float64Array(home.length);
  for (let at = 0; at < homes.length; at += 1) {
    const country = places.countries[at]!;
    homes[at] = (count(own, country) + 20 * home[at]! + count(audience.leads, country)) / (leads + 20 + audience.all);
  }
  return homes;
}

const NOBODY: Tally = new Map();

/** Clicks by country as the leads that they stand for. */
function clickedFrom(clicks: ReadonlyMap<string, number>): { readonly leads: Tally; readonly all: number } {
  let sum = 0;
  for (const weight of clicks.values()) sum += weight;
  const all = asLeads(sum);
  const each = all / Math.max(sum, Number.MIN_VALUE);
  return { leads: new Map([...clicks].map(([country, weight]) => [country, weight * each])), all };
}
