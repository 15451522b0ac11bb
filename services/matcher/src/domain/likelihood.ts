import { countryAt, countryFactor, countryOf } from './home-views.ts';
import type { Marks } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { DEVICES, deviceOf, kindOfStratum, networkOf } from './model/strata.ts';
import { CAMPAIGN, LANGUAGE, PLACE, type ProfileTable, REGION, STRATUM, type Whereabouts, WIDTH } from './profiles.ts';

/** What a message's marks say for clicks of a profile against messages of no click: factors, 1 where either side is silent. */
export interface Likelihood {
  readonly country: number;
  readonly region: number;
  readonly language: number;
  readonly device: number;
}

/**
 * What has been worked out for one message, by the numbers that profiles share: thousands of profiles differ in nothing but campaign, region or
 * device. NaN where nothing has.
 */
export interface Worked {
  /** By campaign: how often a click of average worth leads to a message with identifier. */
  rate: Float64Array;
  /** By campaign: factor of the message's region for a click of which no region is known. */
  usual: Float64Array;
  country: Float64Array;
  /** By region: P(region of the phone | region of the IP) where the IP's tells nothing; −1 where the click is from another country than the phone. */
  elsewhere: Float64Array;
  /** By campaign and region. */
  region: Float64Array;
  language: Float64Array;
  readonly device: Float64Array;
}

/** Reused: tens of kilobytes for each message would be most of what it leaves to be collected. */
const worked: Worked = {
  rate: new Float64Array(16),
  usual: new Float64Array(16),
  country: new Float64Array(256),
  elsewhere: new Float64Array(256),
  region: new Float64Array(4_096),
  language: new Float64Array(64),
  device: new Float64Array(DEVICES.length),
};

/** Good until the next call. */
export function nothingWorked({ places, languages, campaigns, regions }: ProfileTable): Worked {
  worked.rate = blank(worked.rate, campaigns.size);
  worked.usual = blank(worked.usual, campaigns.size);
  worked.country = blank(worked.country, places.size);
  worked.elsewhere = blank(worked.elsewhere, regions.size);
  worked.region = blank(worked.region, campaigns.size * regions.size);
  worked.language = blank(worked.language, languages.size);
  worked.device.fill(Number.NaN);
  return worked;
}

function blank(column: Float64Array, size: number): Float64Array {
  return column.length < size ? new Float64Array(size * 2).fill(Number.NaN) : column.fill(Number.NaN, 0, size);
}

/** All factors in one, for the profile of an index. */
export function likelihoodOf(model: AccountModel, profiles: ProfileTable, index: number, marks: Marks, known: Worked): number {
  const { rows } = profiles;
  const row = index * WIDTH;
  const place = rows[row + PLACE]!;
  const language = rows[row + LANGUAGE]!;
  const device = deviceOf(kindOfStratum(rows[row + STRATUM]!));
  let byPlace = known.country[place]!;
  if (Number.isNaN(byPlace)) {
    byPlace = marks.country === '' ? 1 : countryOf(model, profiles, index, countryAt(model, marks.country));
    known.country[place] = byPlace;
  }
  const cell = rows[row + CAMPAIGN]! * profiles.regions.size + rows[row + REGION]!;
  let byRegion = known.region[cell]!;
  if (Number.isNaN(byRegion)) byRegion = known.region[cell] = regionOf(model, profiles, index, marks, known);
  let byLanguage = known.language[language]!;
  if (Number.isNaN(byLanguage)) byLanguage = known.language[language] = languageFactor(model, profiles.whereabouts(index), marks);
  let byDevice = known.device[device]!;
  if (Number.isNaN(byDevice)) byDevice = known.device[device] = deviceFactor(model, profiles.whereabouts(index), marks);
  return byPlace * byRegion * byLanguage * byDevice;
}

/** `regionFactor` from its parts, each of which many regions or campaigns share. */
function regionOf(model: AccountModel, profiles: ProfileTable, index: number, marks: Marks, known: Worked): number {
  if (marks.country === '' || marks.region === '') return 1;
  const campaignIndex = profiles.campaignIndex(index);
  let usual = known.usual[campaignIndex]!;
  if (Number.isNaN(usual)) usual = known.usual[campaignIndex] = usualRegion(model, profiles.campaign(campaignIndex), marks);
  const regionIndex = profiles.regionIndex(index);
  const network = networkOf(kindOfStratum(profiles.stratum(index)));
  let elsewhere = known.elsewhere[regionIndex]!;
  if (Number.isNaN(elsewhere)) elsewhere = known.elsewhere[regionIndex] = elsewhereOf(model, profiles, regionIndex, network, marks);
  if (elsewhere < 0) return usual;
  const clicked = profiles.regionName(regionIndex);
  const usualThere = model.campaign(profiles.campaign(campaignIndex)).region(marks.country, clicked);
  const same = model.platform.places.sameRegion[network]!;
  return ownRegion(usual, { same, elsewhere, isSame: clicked === marks.region, usualThere });
}

function usualRegion(model: AccountModel, campaign: string, { country, region }: Marks): number {
  return model.campaign(campaign).region(country, region) / model.region(country, region);
}

function elsewhereOf({ platform }: AccountModel, profiles: ProfileTable, regionIndex: number, network: number, { country }: Marks): number {
  const clicked = profiles.regionName(regionIndex);
  if (clicked === '' || profiles.regionCountry(regionIndex) !== country) return -1;
  return (1 - platform.places.sameRegion[network]!) * platform.places.hub(country, clicked);
}

interface OwnRegion {
  readonly same: number;
  readonly elsewhere: number;
  readonly isSame: boolean;
  /** P(region of the click | campaign). */
  readonly usualThere: number;
}

function ownRegion(usual: number, { same, elsewhere, isSame, usualThere }: OwnRegion): number {
  return (usual * ((isSame ? same : 0) + elsewhere)) / (same * usualThere + elsewhere);
}

export function likelihood(model: AccountModel, profile: Whereabouts, marks: Marks): Likelihood {
  return {
    country: countryFactor(model, profile, marks.country),
    region: regionFactor(model, profile, marks),
    language: languageFactor(model, profile, marks),
    device: deviceFactor(model, profile, marks),
  };
}

/** The same within a country: P(region of the phone | campaign, IP) against that of any first message to the account. */
function regionFactor(model: AccountModel, profile: Whereabouts, marks: Marks): number {
  const { country, region } = marks;
  if (country === '' || region === '') return 1;
  const campaign = model.campaign(profile.campaign);
  const usual = usualRegion(model, profile.campaign, marks);
  if (profile.region === '' || profile.country !== country) return usual;
  const { places } = model.platform;
  const same = places.sameRegion[profile.network]!;
  const elsewhere = (1 - same) * places.hub(country, profile.region);
  return ownRegion(usual, { same, elsewhere, isSame: profile.region === region, usualThere: campaign.region(country, profile.region) });
}

function languageFactor(model: AccountModel, profile: Whereabouts, { country, language }: Marks): number {
  if (language === '' || profile.language === '') return 1;
  return model.platform.places.spoken(country, profile.language, language) / model.language(country, language);
}

function deviceFactor(model: AccountModel, profile: Whereabouts, { device }: Marks): number {
  const clicked = DEVICES[profile.device]!;
  if (device === 'unknown' || clicked === 'unknown') return 1;
  return model.platform.hint(clicked, device) / model.platform.hintShare(device);
}
