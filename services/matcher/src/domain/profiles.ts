import { emptyInterner, hold, type Interner, letGo } from './interner.ts';
import type { AccountModel } from './model/account-model.ts';
import type { DelayCurve } from './model/delay-curve.ts';
import { botBin, deviceIndex, kindOf, networkIndex, stratumOf } from './model/strata.ts';
import type { Source } from './source.ts';
import type { ClickFacts } from './touchpoint.ts';

/**
 * What an account's clicks have in common: everything the posterior looks at except time, greeting and code. Thousands of clicks share
 * a few hundred profiles, so evidence is worked out once per profile and message.
 */
export interface Profile {
  readonly key: string;
  readonly index: number;
  /** The source as reports name it: without the click ids and referrer of a single person. */
  readonly source: Source;
  readonly sourceName: string;
  readonly campaign: string;
  readonly device: number;
  readonly network: number;
  readonly kind: number;
  readonly stratum: number;
  readonly country: string;
  readonly region: string;
  /** Primary subtag of the browser's first language. */
  readonly language: string;
  /** Numbers that profiles share when they are alike in source; in what tells the phone's country; its region; its language. */
  readonly sourceIndex: number;
  readonly placeIndex: number;
  readonly regionIndex: number;
  readonly languageIndex: number;
  /** Live clicks of this profile. */
  clicks: number;
  /** What the model named says of it whatever the message; worked out when first needed. No state. */
  worked: ProfileModel | undefined;
}

export interface ProfileModel {
  readonly model: AccountModel;
  /** How often a click of this profile leads to a message that keeps its identifier. */
  readonly rate: number;
  readonly lossOdds: number;
  readonly keepCurve: DelayCurve;
  readonly loseCurve: DelayCurve;
}

export interface ProfileTable {
  readonly byKey: Map<string, Profile>;
  /** By index; undefined where a profile has gone. */
  readonly list: (Profile | undefined)[];
  readonly free: number[];
  readonly sources: Interner;
  readonly places: Interner;
  readonly regions: Interner;
  readonly languages: Interner;
}

export function emptyProfiles(): ProfileTable {
  return {
    byKey: new Map(),
    list: [],
    free: [],
    sources: emptyInterner(),
    places: emptyInterner(),
    regions: emptyInterner(),
    languages: emptyInterner(),
  };
}

/** The level at which rates and countries are learned. */
export function campaignOf(source: Source): string {
  if (source.utmCampaign !== '') return source.utmCampaign;
  return source.adId === '' ? source.placement : source.adId;
}

/** Unit separator: no client writes it. */
const BETWEEN = '\u001f';

function sourceName(s: Source): string {
  return `${s.placement}${BETWEEN}${s.utmSource}${BETWEEN}${s.utmMedium}${BETWEEN}${s.utmCampaign}${BETWEEN}${s.utmContent}${BETWEEN}${s.utmTerm}${BETWEEN}${s.adId}`;
}

/** The profile of a click, counted once more. */
export function enter(table: ProfileTable, click: ClickFacts): Profile {
  const named = sourceName(click.source);
  const language = primary(click.languages[0] ?? '');
  const bot = botBin(click.botScore);
  const key = `${named}${BETWEEN}${click.device}${BETWEEN}${click.network}${BETWEEN}${bot}${BETWEEN}${click.country}${BETWEEN}${click.region}${BETWEEN}${language}`;
  const known = table.byKey.get(key);
  if (known !== undefined) {
    known.clicks += 1;
    return known;
  }
  const device = deviceIndex(click.device);
  const network = networkIndex(click.network);
  const kind = kindOf(device, network);
  const campaign = campaignOf(click.source);
  const { country, region } = click;
  const profile: Profile = {
    key,
    index: table.free.pop() ?? table.list.length,
    source: { ...click.source, clickIds: [], referrerHost: '' },
    sourceName: named,
    campaign,
    device,
    network,
    kind,
    stratum: stratumOf(kind, bot),
    country,
    region,
    language,
    sourceIndex: hold(table.sources, named),
    placeIndex: hold(table.places, placeName(campaign, network, country, language)),
    regionIndex: hold(table.regions, regionName(network, country, region)),
    languageIndex: hold(table.languages, language),
    clicks: 1,
    worked: undefined,
  };
  table.list[profile.index] = profile;
  table.byKey.set(key, profile);
  return profile;
}

function placeName(campaign: string, network: number, country: string, language: string): string {
  return `${campaign}${BETWEEN}${network}${BETWEEN}${country}${BETWEEN}${language}`;
}

function regionName(network: number, country: string, region: string): string {
  return `${network}${BETWEEN}${country}${BETWEEN}${region}`;
}

/** A click of this profile has gone; the last one takes the profile along. */
export function leave(table: ProfileTable, profile: Profile): void {
  profile.clicks -= 1;
  if (profile.clicks > 0) return;
  const { campaign, network, country, region, language } = profile;
  table.byKey.delete(profile.key);
  table.list[profile.index] = undefined;
  table.free.push(profile.index);
  letGo(table.sources, profile.sourceName);
  letGo(table.places, placeName(campaign, network, country, language));
  letGo(table.regions, regionName(network, country, region));
  letGo(table.languages, language);
}

/** Primary subtag in lower case: "pt-BR" and "pt" are one language here. */
export function primary(language: string): string {
  const end = language.search(/[-_]/);
  return (end < 0 ? language : language.slice(0, end)).toLowerCase();
}
