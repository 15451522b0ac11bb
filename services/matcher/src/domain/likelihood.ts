import type { Marks } from './marks.ts';
import type { AccountModel, ViewSums } from './model/account-model.ts';
import { VIEWS } from './model/platform-statistics.ts';
import { DEVICES, deviceOf, kindOfStratum, networkOf } from './model/strata.ts';
import type { ProfileTable, Whereabouts } from './profiles.ts';

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
  /** By region: P(region of the phone | region of the IP) where the IP's tells nothing. */
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
  const place = profiles.placeIndex(index);
  const region = profiles.regionIndex(index);
  const language = profiles.languageIndex(index);
  const campaign = profiles.campaignIndex(index);
  const device = deviceOf(kindOfStratum(profiles.stratum(index)));
  let byPlace = known.country[place]!;
  if (Number.isNaN(byPlace)) byPlace = known.country[place] = countryFactor(model, profiles.whereabouts(index), marks.country);
  const cell = campaign * profiles.regions.size + region;
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
  const { country, region } = marks;
  if (country === '' || region === '') return 1;
  const campaignIndex = profiles.campaignIndex(index);
  const campaign = model.campaign(profiles.campaign(campaignIndex));
  let usual = known.usual[campaignIndex]!;
  if (Number.isNaN(usual)) usual = known.usual[campaignIndex] = campaign.region(country, region) / model.region(country, region);
  const regionIndex = profiles.regionIndex(index);
  const clicked = profiles.regionName(regionIndex);
  if (clicked === '' || profiles.regionCountry(regionIndex) !== country) return usual;
  const { places } = model.platform;
  const same = places.sameRegion[networkOf(kindOfStratum(profiles.stratum(index)))]!;
  let elsewhere = known.elsewhere[regionIndex]!;
  if (Number.isNaN(elsewhere)) elsewhere = known.elsewhere[regionIndex] = (1 - same) * places.hub(country, clicked);
  return ownRegion(usual, { same, elsewhere, isSame: clicked === region, usualThere: campaign.region(country, clicked) });
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

/** P(country of the phone | campaign, IP, network, browser language) against that of messages of no click. */
function countryFactor(model: AccountModel, profile: Whereabouts, country: string): number {
  if (country === '') return 1;
  const { places } = model.platform;
  const at = places.indexOf.get(country) ?? places.countries.length - 1;
  return Math.max(1e-12, homeShare(model, profile, at) / model.organicHome()[at]!);
}

/**
 * The mixture of the views at one country. Views are the same for all countries but for a factor, so that only their sums are kept, not a share
 * of every country for each of hundreds of places. In single precision: rounded as it was, a log gives the same answers again.
 */
function homeShare(model: AccountModel, profile: Whereabouts, at: number): number {
  const { places } = model.platform;
  const home = model.campaign(profile.campaign).home();
  const browser = profile.language === '' ? undefined : places.browser(profile.language);
  const ip = profile.country === '' ? -1 : (places.indexOf.get(profile.country) ?? places.countries.length - 1);
  const exit = ip < 0 ? 1 : places.exit(profile.network, profile.country);
  const offset = profile.network * home.length;
  let sums = model.homes[profile.placeIndex];
  if (sums === undefined || !isPlace(sums, profile)) {
    let [byBoth, byIp, byBrowser, byNeither] = [0, 0, 0, 0];
    for (let index = 0; index < home.length; index += 1) {
      const alone = home[index]!;
      const spoken = browser === undefined ? alone : alone * browser[index]!;
      const factor = agreementAt(places.agreement[offset + index]!, index, ip, exit);
      byBoth += spoken * factor;
      byIp += alone * factor;
      byBrowser += spoken;
      byNeither += places.foreign[index]!;
    }
    const { campaign, network, country, language } = profile;
    sums = { campaign, network, country, language, byBoth, byIp, byBrowser, byNeither };
    model.homes[profile.placeIndex] = sums;
  }
  const alone = home[at]!;
  const spoken = browser === undefined ? alone : alone * browser[at]!;
  const factor = agreementAt(places.agreement[offset + at]!, at, ip, exit);
  const from = profile.network * VIEWS;
  let share = Math.fround((places.views[from]! / sums.byBoth) * spoken * factor);
  share = Math.fround(share + (places.views[from + 1]! / sums.byIp) * alone * factor);
  share = Math.fround(share + (places.views[from + 2]! / sums.byBrowser) * spoken);
  return Math.fround(share + (places.views[from + 3]! / sums.byNeither) * places.foreign[at]!);
}

/** A number of a place is given again when the last click from there has gone. */
function isPlace(sums: ViewSums, { campaign, network, country, language }: Whereabouts): boolean {
  return sums.network === network && sums.campaign === campaign && sums.country === country && sums.language === language;
}

/** P(country of the IP | home), where `ip` is the country of the IP; 1 where that is not known. */
function agreementAt(agreement: number, home: number, ip: number, exit: number): number {
  if (ip < 0) return 1;
  return home === ip ? agreement : (1 - agreement) * exit;
}

/** The views of places.ts, each up to a factor: IP and browser, IP, browser, neither. */
function viewsOf(model: AccountModel, profile: Whereabouts): readonly Float64Array[] {
  const { places } = model.platform;
  const last = places.countries.length - 1;
  const home = model.campaign(profile.campaign).home();
  const byBrowser = profile.language === '' ? home : home.slice();
  if (profile.language !== '') {
    const languages = places.browser(profile.language);
    for (let index = 0; index <= last; index += 1) byBrowser[index]! *= languages[index]!;
  }
  if (profile.country === '') return [byBrowser, home, byBrowser, places.foreign];
  const ip = places.indexOf.get(profile.country) ?? last;
  const offset = profile.network * places.countries.length;
  const exit = places.exit(profile.network, profile.country);
  const byIp = home.slice();
  const byBoth = byBrowser.slice();
  for (let index = 0; index <= last; index += 1) {
    const agreement = places.agreement[offset + index]!;
    const factor = index === ip ? agreement : (1 - agreement) * exit;
    byIp[index]! *= factor;
    byBoth[index]! *= factor;
  }
  return [byBoth, byIp, byBrowser, places.foreign];
}

/** How much of a lead from this country each view explains. */
export function viewsOfLead(model: AccountModel, profile: Whereabouts, country: string): Float64Array {
  const { places } = model.platform;
  const at = places.indexOf.get(country) ?? places.countries.length - 1;
  const parts = new Float64Array(VIEWS);
  let sum = 0;
  viewsOf(model, profile).forEach((view, index) => {
    const all = view.reduce((total, share) => total + share, 0);
    parts[index] = (places.views[profile.network * VIEWS + index]! * view[at]!) / all;
    sum += parts[index]!;
  });
  return sum > 0 ? parts.map((part) => part / sum) : parts;
}

/** The same within a country: P(region of the phone | campaign, IP) against that of any first message to the account. */
function regionFactor(model: AccountModel, profile: Whereabouts, { country, region }: Marks): number {
  if (country === '' || region === '') return 1;
  const campaign = model.campaign(profile.campaign);
  const usual = campaign.region(country, region) / model.region(country, region);
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

/** The country factor of a click of which only the campaign is known. */
export function campaignCountryFactor(model: AccountModel, campaign: string, country: string): number {
  const { places } = model.platform;
  const at = places.indexOf.get(country) ?? places.countries.length - 1;
  return model.campaign(campaign).home()[at]! / model.organicHome()[at]!;
}
