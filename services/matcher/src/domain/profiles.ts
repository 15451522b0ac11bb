import { hashOf, mixed } from './hash-index.ts';
import { botBin, deviceIndex, deviceOf, kindOf, kindOfStratum, networkIndex, networkOf, stratumOf } from './model/strata.ts';
import { SmallIndex } from './small-index.ts';
import type { Source } from './source.ts';
import { hashOfSource, isSameForReports, SourceTable } from './source-table.ts';
import type { ClickFacts, Network } from './touchpoint.ts';
import { TupleTable } from './tuple-table.ts';

/**
 * What an account's clicks have in common: everything the posterior looks at except time, greeting and code. Thousands of clicks share
 * a few hundred profiles, so evidence is worked out once per profile and message.
 */
export interface Profile {
  readonly index: number;
  /** Tells a profile from a later one that took over its index. */
  readonly number: number;
  /** The source as reports name it: without the click ids and referrer of a single person. */
  readonly source: Source;
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
  /** Name of its cohort among floods of clicks (surge.ts); empty until it is asked for. */
  cohort: string;
}

/** What of a profile a message's marks are compared with. */
export type Whereabouts = Pick<Profile, 'campaign' | 'device' | 'network' | 'country' | 'region' | 'language'>;

/** What of a click makes its profile. */
export type ProfileFacts = Pick<ClickFacts, 'source' | 'country' | 'region' | 'languages' | 'device' | 'network' | 'botScore'>;

/** Columns of a profile's numbers. `NUMBER` and `STRATUM`: as in `Profile`. */
export const STRATUM = 0;
export const CLICKS = 1;
const NUMBER = 2;
const HASH = 3;
export const SOURCE = 4;
export const PLACE = 5;
export const REGION = 6;
export const LANGUAGE = 7;
export const CAMPAIGN = 8;
export const WIDTH = 9;

/** Parts of places and regions. */
const PLACE_CAMPAIGN = 0;
const PLACE_NETWORK = 1;
const COUNTRY = 2;
const PLACE_LANGUAGE = 3;
const REGION_NETWORK = 0;
const REGION_COUNTRY = 1;
const REGION_NAME = 2;

/**
 * The profiles of an account's live clicks, as rows of numbers: in a small account nearly every click has a profile of its own, and as objects
 * with texts to find them by they took a kilobyte each. `profileOf` makes the object.
 */
export class ProfileTable {
  readonly sources = new SourceTable();
  /** Campaign, network, country, language: what tells the phone's country. */
  readonly places = new TupleTable(4, new SmallIndex(), true);
  /** Network, country, region: what tells the phone's region. */
  readonly regions = new TupleTable(3, new SmallIndex(), true);
  readonly languages = new TupleTable(1, new SmallIndex());
  readonly campaigns = new TupleTable(1, new SmallIndex(), true);
  /** `WIDTH` numbers a profile; whoever reads thousands of them for a message reads here. Grown by replacement: not to be kept. */
  rows = new Int32Array(4 * WIDTH);
  private readonly free: number[] = [];
  private readonly byHash = new SmallIndex();
  private nextNumber = 0;
  private end = 0;

  /** One more than the highest index in use so far. */
  get size(): number {
    return this.end;
  }

  /** Profiles that have come so far; wraps. */
  get entered(): number {
    return this.nextNumber;
  }

  /** Live clicks of a profile; 0 where none is. */
  clicks(index: number): number {
    return this.row(index, CLICKS);
  }

  number(index: number): number {
    return this.row(index, NUMBER);
  }

  sourceIndex(index: number): number {
    return this.row(index, SOURCE);
  }

  placeIndex(index: number): number {
    return this.row(index, PLACE);
  }

  regionIndex(index: number): number {
    return this.row(index, REGION);
  }

  campaignIndex(index: number): number {
    return this.row(index, CAMPAIGN);
  }

  /** Device, network and bot bin in one. */
  stratum(index: number): number {
    return this.row(index, STRATUM);
  }

  /** As reports name it. */
  source(index: number): Source {
    return this.sources.at(this.row(index, SOURCE));
  }

  /** By its number. */
  campaign(campaignIndex: number): string {
    return this.campaigns.part(campaignIndex, 0);
  }

  /** Network, country and region of the IP, by their number. */
  regionCountry(regionIndex: number): string {
    return this.regions.part(regionIndex, REGION_COUNTRY);
  }

  regionNetwork(regionIndex: number): number {
    return networkIndex(this.regions.part(regionIndex, REGION_NETWORK) as Network);
  }

  regionName(regionIndex: number): string {
    return this.regions.part(regionIndex, REGION_NAME);
  }

  /** What tells the phone's country, by the number of a place. */
  place(placeIndex: number): Pick<Whereabouts, 'campaign' | 'network' | 'country' | 'language'> {
    return {
      campaign: this.places.part(placeIndex, PLACE_CAMPAIGN),
      network: networkIndex(this.places.part(placeIndex, PLACE_NETWORK) as Network),
      country: this.places.part(placeIndex, COUNTRY),
      language: this.places.part(placeIndex, PLACE_LANGUAGE),
    };
  }

  /** Device, network, places and languages: what marks are compared with. */
  whereabouts(index: number): Whereabouts {
    const kind = kindOfStratum(this.stratum(index));
    return {
      ...this.place(this.placeIndex(index)),
      device: deviceOf(kind),
      region: this.regions.part(this.regionIndex(index), REGION_NAME),
    };
  }

  /** One more click of a profile that is there. */
  again(index: number): void {
    this.rows[index * WIDTH + CLICKS]! += 1;
  }

  /** Index of a click's profile, counted once more. */
  enter(click: ProfileFacts): number {
    const { source, country, region } = click;
    const language = primary(click.languages[0] ?? '');
    const stratum = stratumOf(kindOf(deviceIndex(click.device), networkIndex(click.network)), botBin(click.botScore));
    const ofSource = hashOfSource(source);
    const hash = mixed(hashOf(region, hashOf(country, hashOf(language, ofSource))) ^ Math.imul(stratum + 1, 0x9e3779b1));
    for (let place = this.byHash.first(hash); place >= 0; place = this.byHash.next(place, hash)) {
      const index = this.byHash.at(place);
      if (!this.isRow(index, stratum, source, country, region, language)) continue;
      this.again(index);
      return index;
    }
    const index = this.free.pop() ?? this.end++;
    const at = index * WIDTH;
    if (at >= this.rows.length) this.grow();
    this.rows[at + STRATUM] = stratum;
    this.rows[at + CLICKS] = 1;
    this.rows[at + NUMBER] = this.nextNumber;
    this.rows[at + HASH] = hash;
    this.rows[at + SOURCE] = this.sources.hold(source, ofSource);
    const campaign = campaignOf(source);
    this.rows[at + CAMPAIGN] = this.campaigns.hold(campaign);
    this.rows[at + PLACE] = this.places.hold(campaign, click.network, country, language);
    this.rows[at + REGION] = this.regions.hold(click.network, country, region);
    this.rows[at + LANGUAGE] = this.languages.hold(language);
    this.nextNumber = (this.nextNumber + 1) | 0;
    this.byHash.add(hash, index);
    return index;
  }

  /** A click of this profile has gone; the last one takes the profile along. */
  leave(index: number): void {
    this.rows[index * WIDTH + CLICKS]! -= 1;
    if (this.clicks(index) > 0) return;
    this.byHash.removeNumber(this.row(index, HASH), index);
    this.sources.letGo(this.row(index, SOURCE));
    this.places.letGo(this.row(index, PLACE));
    this.regions.letGo(this.row(index, REGION));
    this.languages.letGo(this.row(index, LANGUAGE));
    this.campaigns.letGo(this.row(index, CAMPAIGN));
    this.free.push(index);
  }

  /** The profile as an object, made anew. */
  read(index: number): Profile {
    const stratum = this.stratum(index);
    const kind = kindOfStratum(stratum);
    const source = this.source(index);
    const placeIndex = this.row(index, PLACE);
    const regionIndex = this.row(index, REGION);
    return {
      index,
      number: this.number(index),
      source,
      campaign: campaignOf(source),
      device: deviceOf(kind),
      network: networkOf(kind),
      kind,
      stratum,
      country: this.places.part(placeIndex, COUNTRY),
      region: this.regions.part(regionIndex, REGION_NAME),
      language: this.places.part(placeIndex, PLACE_LANGUAGE),
      sourceIndex: this.row(index, SOURCE),
      placeIndex,
      regionIndex,
      languageIndex: this.row(index, LANGUAGE),
      cohort: '',
    };
  }

  private isRow(index: number, stratum: number, source: Source, country: string, region: string, language: string): boolean {
    const regionIndex = this.row(index, REGION);
    return (
      this.row(index, STRATUM) === stratum &&
      this.regions.part(regionIndex, REGION_COUNTRY) === country &&
      this.regions.part(regionIndex, REGION_NAME) === region &&
      this.languages.part(this.row(index, LANGUAGE), 0) === language &&
      isSameForReports(this.source(index), source)
    );
  }

  private row(index: number, column: number): number {
    return this.rows[index * WIDTH + column]!;
  }

  /** By a half: an account has few profiles or thousands, and room for twice as many would be the larger part of them. */
  private grow(): void {
    const larger = new Int32Array(Math.ceil((this.rows.length / WIDTH) * 1.5) * WIDTH);
    larger.set(this.rows);
    this.rows = larger;
  }
}

/** An account's model, as far as it is a place for profiles. */
export interface KeepsProfiles {
  /** By index. */
  readonly profiles: (Profile | undefined)[];
}

/** The profile, kept with the model it is asked for: what was worked out for one message serves the next. */
export function profileOf({ profiles }: KeepsProfiles, table: ProfileTable, index: number): Profile {
  const known = profiles[index];
  if (known !== undefined && known.number === table.number(index)) return known;
  const made = table.read(index);
  profiles[index] = made;
  return made;
}

/** The level at which rates and countries are learned. */
export function campaignOf(source: Source): string {
  if (source.utmCampaign !== '') return source.utmCampaign;
  return source.adId === '' ? source.placement : source.adId;
}

/** Tags of browsers are few, and a short text made anew for every click would be most of what a profile's language takes. */
const PRIMARIES = new Map<string, string>();
/** Tags that nobody knows are no reason to remember everything. */
const MOST_PRIMARIES = 2_048;

/** Primary subtag in lower case: "pt-BR" and "pt" are one language here. */
export function primary(language: string): string {
  const known = PRIMARIES.get(language);
  if (known !== undefined) return known;
  const end = language.search(/[-_]/);
  const made = (end < 0 ? language : language.slice(0, end)).toLowerCase();
  if (PRIMARIES.size < MOST_PRIMARIES) PRIMARIES.set(language, made);
  return made;
}
