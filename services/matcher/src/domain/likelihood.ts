import { countryAt, countryFactor, countryOf } from './home-views.ts';
import type { Marks } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { tablesOf } from './model/kept-tables.ts';
import { behindHidden } from './model/places.ts';
import { holdCampaign, holdRegion, NOT_ASKED, placeOfCampaign, placeOfHub, type RegionShares } from './model/region-shares.ts';
import { DEVICES, deviceOf, kindOfStratum } from './model/strata.ts';
import { CAMPAIGN, CLICKS, LANGUAGE, PLACE, type ProfileTable, REGION, STRATUM, type Whereabouts, WIDTH } from './profiles.ts';

/** What a message's marks say for clicks of a profile against messages of no click: factors, 1 where either side is silent. */
export interface Likelihood {
  readonly country: number;
  readonly region: number;
  readonly language: number;
  readonly device: number;
}

/** Scratch, reused: what a message's marks say by the numbers that thousands of profiles share. */
let byProfile: Float64Array = new Float64Array(256);
let byPlace: Float64Array = new Float64Array(256);
let byLanguage: Float64Array = new Float64Array(64);
/** By campaign: factor of the message's region for a click of which no region is known. */
let usuals: Float64Array = new Float64Array(16);
/** By region: P(region of the phone | region of the IP) where the IP's tells nothing; −1 where the click is from another country than the phone. */
let elsewheres: Float64Array = new Float64Array(256);
/** By region: P(region of the phone is that of the IP | home), and the same for the phone's own region. */
let sames: Float64Array = new Float64Array(256);
let agreeing: Float64Array = new Float64Array(256);
/** Number of a region that has the message's own country and name, whatever its network; −1 where no click is from there. */
let ownPlace = -1;
const byDevice = new Float64Array(DEVICES.length);

/**
 * All factors in one, by the profile's index; 0 where nobody has a profile. Good until the next call. Profile by profile in the order of their rows:
 * asked for one by one as clicks name them, with an object for each, the same numbers took ten times as long and a sixth of all time. What is asked for is read from its table again: a number that may be what a function gave is boxed
 * each time, and boxes were a quarter of all garbage.
 */
export function likelihoods(model: AccountModel, profiles: ProfileTable, marks: Marks): Float64Array {
  const { rows, size, places, languages, campaigns } = profiles;
  if (byProfile.length < size) byProfile = new Float64Array(size * 2);
  byPlace = blank(byPlace, places.size);
  byLanguage = blank(byLanguage, languages.size);
  byDevice.fill(Number.NaN);
  const hasRegion = marks.country !== '' && marks.region !== '';
  const tables = tablesOf(model, { places: places.size, regions: profiles.regions.size, campaigns: campaigns.size });
  const kept = tables.regions;
  if (hasRegion) workOutRegions(model, kept, profiles, marks);
  const at = marks.country === '' ? -1 : countryAt(model, marks.country);
  const organicHome = at < 0 ? 1 : model.organicHome()[at]!;
  for (let index = 0, row = 0; index < size; index += 1, row += WIDTH) {
    if (rows[row + CLICKS] === 0) {
      byProfile[index] = 0;
      continue;
    }
    const place = rows[row + PLACE]!;
    let factor = byPlace[place]!;
    if (Number.isNaN(factor)) {
      byPlace[place] =
        at < 0 ? hiddenFactor(model, profiles.whereabouts(index), marks) : countryOf(model, tables.views, profiles, index, at, organicHome);
      factor = byPlace[place]!;
    }
    if (hasRegion) {
      const region = rows[row + REGION]!;
      const campaign = rows[row + CAMPAIGN]!;
      let usual = usuals[campaign]!;
      if (Number.isNaN(usual)) {
        usuals[campaign] = shareOf(model, kept, profiles, campaign, ownPlace, marks) / model.organicRegion(marks.country, marks.region);
        usual = usuals[campaign]!;
      }
      const elsewhere = elsewheres[region]!;
      if (elsewhere >= 0) {
        const own = placeOfCampaign(kept, campaign) + region;
        if (kept.numbers[own] === NOT_ASKED) kept.numbers[own] = shareThere(model, profiles, campaign, region);
        const usualThere = kept.numbers[own]!;
        usual = (usual * (agreeing[region]! + elsewhere)) / (sames[region]! * usualThere + elsewhere);
      }
      factor *= usual;
    }
    const language = rows[row + LANGUAGE]!;
    let heard = at < 0 ? 1 : byLanguage[language]!;
    if (Number.isNaN(heard)) {
      byLanguage[language] = languageFactor(model, profiles.languages.part(language, 0), marks);
      heard = byLanguage[language]!;
    }
    const device = deviceOf(kindOfStratum(rows[row + STRATUM]!));
    let shown = byDevice[device]!;
    if (Number.isNaN(shown)) {
      byDevice[device] = deviceFactor(model, device, marks);
      shown = byDevice[device]!;
    }
    byProfile[index] = factor * heard * shown;
  }
  return byProfile;
}

function blank(column: Float64Array, size: number): Float64Array {
  return column.length < size ? new Float64Array(size * 2).fill(Number.NaN) : column.fill(Number.NaN, 0, size);
}

function workOutRegions(model: AccountModel, kept: RegionShares, profiles: ProfileTable, marks: Marks): void {
  const { regions, campaigns } = profiles;
  const { places } = model.platform;
  usuals = blank(usuals, campaigns.size);
  for (let campaign = 0; campaign < campaigns.size; campaign += 1) holdCampaign(kept, campaign, campaigns.serial(campaign));
  if (elsewheres.length < regions.size) {
    elsewheres = new Float64Array(regions.size * 2);
    sames = new Float64Array(regions.size * 2);
    agreeing = new Float64Array(regions.size * 2);
  }
  ownPlace = -1;
  for (let region = 0; region < regions.size; region += 1) {
    const name = profiles.regionName(region);
    if (name === '' || profiles.regionCountry(region) !== marks.country) {
      elsewheres[region] = -1;
      continue;
    }
    holdRegion(kept, region, regions.serial(region));
    const hub = placeOfHub(kept, region);
    if (kept.numbers[hub] === NOT_ASKED) kept.numbers[hub] = places.hub(profiles.regionNetwork(region), marks.country, name);
    const same = places.sameRegion[profiles.regionNetwork(region)]!;
    elsewheres[region] = (1 - same) * kept.numbers[hub]!;
    sames[region] = same;
    agreeing[region] = name === marks.region ? same : 0;
    if (name === marks.region) ownPlace = region;
  }
}

/** P(region of the phone | campaign): that of its number, where it has one, is kept from message to message. */
function shareOf(
  model: AccountModel,
  kept: RegionShares,
  profiles: ProfileTable,
  campaign: number,
  region: number,
  { country, region: name }: Marks,
): number {
  if (region < 0) return model.campaign(profiles.campaign(campaign)).region(country, name);
  const own = placeOfCampaign(kept, campaign) + region;
  if (kept.numbers[own] === NOT_ASKED) kept.numbers[own] = shareThere(model, profiles, campaign, region);
  return kept.numbers[own]!;
}

/** P(region of the click | campaign). */
function shareThere(model: AccountModel, profiles: ProfileTable, campaign: number, region: number): number {
  return model.campaign(profiles.campaign(campaign)).region(profiles.regionCountry(region), profiles.regionName(region));
}

function usualRegion(model: AccountModel, campaign: string, { country, region }: Marks): number {
  return model.campaign(campaign).region(country, region) / model.organicRegion(country, region);
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
    language: marks.country === '' ? hiddenFactor(model, profile, marks) : languageFactor(model, profile.language, marks),
    device: deviceFactor(model, profile.device, marks),
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
  const elsewhere = (1 - same) * places.hub(profile.network, country, profile.region);
  return ownRegion(usual, { same, elsewhere, isSame: profile.region === region, usualThere: campaign.region(country, profile.region) });
}

function languageFactor(model: AccountModel, browser: string, { country, language }: Marks): number {
  if (language === '' || browser === '') return 1;
  return model.platform.places.spoken(country, browser, language) / model.language(country, language);
}

/** The language of a message whose phone tells no country: the click's address says where its person is at home. */
function hiddenFactor(model: AccountModel, { network, country, language: browser }: Whereabouts, { language }: Marks): number {
  if (language === '' || browser === '') return 1;
  return model.platform.places.spoken(behindHidden(network, country), browser, language) / model.language('', language);
}

function deviceFactor(model: AccountModel, clickedOn: number, { device }: Marks): number {
  const clicked = DEVICES[clickedOn]!;
  if (device === 'unknown' || clicked === 'unknown') return 1;
  return model.platform.hint(clicked, device) / model.platform.hintShare(device);
}
