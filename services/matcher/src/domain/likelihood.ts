import type { Marks } from './marks.ts';
import type { AccountModel, ViewSums } from './model/account-model.ts';
import { VIEWS } from './model/platform-statistics.ts';
import { DEVICES, deviceOf, kindOfStratum } from './model/strata.ts';
import type { ProfileTable, Whereabouts } from './profiles.ts';

/** What a message's marks say for clicks of a profile against messages of no click: factors, 1 where either side is silent. */
export interface Likelihood {
  readonly country: number;
  readonly region: number;
  readonly language: number;
  readonly device: number;
}

/**
 * What has been worked out for one message, by the numbers that profiles share: hundreds of profiles differ in nothing but campaign or device.
 * NaN where nothing has.
 */
export interface Worked {
  /** Rate of the campaign. */
  readonly rate: Float64Array;
  readonly country: Float64Array;
  /** By campaign. */
  readonly region: Map<string, Float64Array>;
  readonly language: Float64Array;
  readonly device: Float64Array;
}

export function nothingWorked({ places, languages }: ProfileTable): Worked {
  return {
    rate: new Float64Array(places.size).fill(Number.NaN),
    country: new Float64Array(places.size).fill(Number.NaN),
    region: new Map(),
    language: new Float64Array(languages.size).fill(Number.NaN),
    device: new Float64Array(DEVICES.length).fill(Number.NaN),
  };
}

/** All factors in one, for the profile of an index. */
export function likelihoodOf(model: AccountModel, profiles: ProfileTable, index: number, marks: Marks, worked: Worked): number {
  const place = profiles.placeIndex(index);
  const region = profiles.regionIndex(index);
  const language = profiles.languageIndex(index);
  const device = deviceOf(kindOfStratum(profiles.stratum(index)));
  let byPlace = worked.country[place]!;
  if (Number.isNaN(byPlace)) byPlace = worked.country[place] = countryFactor(model, profiles.whereabouts(index), marks.country);
  const campaign = profiles.campaign(place);
  let regions = worked.region.get(campaign);
  if (regions === undefined) {
    regions = new Float64Array(profiles.regions.size).fill(Number.NaN);
    worked.region.set(campaign, regions);
  }
  let byRegion = regions[region]!;
  if (Number.isNaN(byRegion)) byRegion = regions[region] = regionFactor(model, profiles.whereabouts(index), marks);
  let byLanguage = worked.language[language]!;
  if (Number.isNaN(byLanguage)) byLanguage = worked.language[language] = languageFactor(model, profiles.whereabouts(index), marks);
  let byDevice = worked.device[device]!;
  if (Number.isNaN(byDevice)) byDevice = worked.device[device] = deviceFactor(model, profiles.whereabouts(index), marks);
  return byPlace * byRegion * byLanguage * byDevice;
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
  const own = (profile.region === region ? same : 0) + elsewhere;
  return (usual * own) / (same * campaign.region(country, profile.region) + elsewhere);
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
