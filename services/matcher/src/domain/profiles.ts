import type { AccountModel } from './model/account-model.ts';
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
  /** Profiles of one source share this number. */
  readonly sourceIndex: number;
  readonly campaign: string;
  readonly device: number;
  readonly network: number;
  readonly kind: number;
  readonly stratum: number;
  readonly country: string;
  readonly region: string;
  /** Primary subtag of the browser's first language. */
  readonly language: string;
  /** Live clicks of this profile. */
  clicks: number;
  /** Where its people are, by the model named; worked out when first needed. No state. */
  homes: { readonly model: AccountModel; readonly mass: Float64Array } | undefined;
}

export interface ProfileTable {
  readonly byKey: Map<string, Profile>;
  /** By index; undefined where a profile has gone. */
  readonly list: (Profile | undefined)[];
  readonly free: number[];
  readonly sources: Map<string, { readonly index: number; profiles: number }>;
  readonly freeSources: number[];
  nextSource: number;
}

export function emptyProfiles(): ProfileTable {
  return { byKey: new Map(), list: [], free: [], sources: new Map(), freeSources: [], nextSource: 0 };
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
  const profile: Profile = {
    key,
    index: table.free.pop() ?? table.list.length,
    source: { ...click.source, clickIds: [], referrerHost: '' },
    sourceName: named,
    sourceIndex: enterSource(table, named),
    campaign: campaignOf(click.source),
    device,
    network,
    kind,
    stratum: stratumOf(kind, bot),
    country: click.country,
    region: click.region,
    language,
    clicks: 1,
    homes: undefined,
  };
  table.list[profile.index] = profile;
  table.byKey.set(key, profile);
  return profile;
}

function enterSource(table: ProfileTable, named: string): number {
  const known = table.sources.get(named);
  if (known !== undefined) {
    known.profiles += 1;
    return known.index;
  }
  const index = table.freeSources.pop() ?? table.nextSource++;
  table.sources.set(named, { index, profiles: 1 });
  return index;
}

/** A click of this profile has gone; the last one takes the profile along. */
export function leave(table: ProfileTable, profile: Profile): void {
  profile.clicks -= 1;
  if (profile.clicks > 0) return;
  table.byKey.delete(profile.key);
  table.list[profile.index] = undefined;
  table.free.push(profile.index);
  const entry = table.sources.get(profile.sourceName);
  if (entry === undefined) return;
  entry.profiles -= 1;
  if (entry.profiles > 0) return;
  table.sources.delete(profile.sourceName);
  table.freeSources.push(entry.index);
}

/** Primary subtag in lower case: "pt-BR" and "pt" are one language here. */
export function primary(language: string): string {
  const end = language.search(/[-_]/);
  return (end < 0 ? language : language.slice(0, end)).toLowerCase();
}
