import type { Marks } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { VIEWS } from './model/platform-statistics.ts';
import { DEVICES } from './model/strata.ts';
import type { Profile, ProfileTable } from './profiles.ts';

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
  readonly country: Float64Array;
  readonly region: Float64Array;
  readonly language: Float64Array;
  readonly device: Float64Array;
}

export function nothingWorked({ places, regions, languages }: ProfileTable): Worked {
  return {
    country: new Float64Array(places.size).fill(Number.NaN),
    region: new Float64Array(regions.size).fill(Number.NaN),
    language: new Float64Array(languages.size).fill(Number.NaN),
    device: new Float64Array(DEVICES.length).fill(Number.NaN),
  };
}

/** All factors in one. */
export function likelihoodOf(model: AccountModel, profile: Profile, marks: Marks, worked: Worked): number {
  let country = worked.country[profile.placeIndex]!;
  if (Number.isNaN(country)) country = worked.country[profile.placeIndex] = countryFactor(model, profile, marks.country);
  let region = worked.region[profile.regionIndex]!;
  if (Number.isNaN(region)) region = worked.region[profile.regionIndex] = regionFactor(model, profile, marks);
  let language = worked.language[profile.languageIndex]!;
  if (Number.isNaN(language)) language = worked.language[profile.languageIndex] = languageFactor(model, profile, marks);
  let device = worked.device[profile.device]!;
  if (Number.isNaN(device)) device = worked.device[profile.device] = deviceFactor(model, profile, marks);
  return country * region * language * device;
}

export function likelihood(model: AccountModel, profile: Profile, marks: Marks): Likelihood {
  return {
    country: countryFactor(model, profile, marks.country),
    region: regionFactor(model, profile, marks),
    language: languageFactor(model, profile, marks),
    device: deviceFactor(model, profile, marks),
  };
}

/** P(country of the phone | campaign, IP, network, browser language) against that of messages of no click. */
function countryFactor(model: AccountModel, profile: Profile, country: string): number {
  if (country === '') return 1;
  const { places } = model.platform;
  const at = places.indexOf.get(country) ?? places.countries.length - 1;
  return Math.max(1e-12, homesOf(model, profile)[at]! / model.organicHome()[at]!);
}

function homesOf(model: AccountModel, profile: Profile): Float32Array {
  const key = `${profile.campaign}|${profile.network}|${profile.country}|${profile.language}`;
  const known = model.homes.get(key);
  if (known !== undefined) return known;
  const { places } = model.platform;
  const shares = new Float32Array(places.countries.length);
  const views = viewsOf(model, profile);
  const sums = views.map((view) => view.reduce((sum, share) => sum + share, 0));
  for (let view = 0; view < VIEWS; view += 1) {
    const weight = places.views[profile.network * VIEWS + view]! / sums[view]!;
    for (let index = 0; index < shares.length; index += 1) shares[index]! += weight * views[view]![index]!;
  }
  model.homes.set(key, shares);
  return shares;
}

/** The views of places.ts, each up to a factor: IP and browser, IP, browser, neither. */
function viewsOf(model: AccountModel, profile: Profile): readonly Float64Array[] {
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
export function viewsOfLead(model: AccountModel, profile: Profile, country: string): Float64Array {
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

/** The same within a country; P(region) itself is alike for both sides and cancels. */
function regionFactor(model: AccountModel, profile: Profile, { country, region }: Marks): number {
  if (country === '' || region === '' || profile.region === '' || profile.country !== country) return 1;
  const { places } = model.platform;
  const same = places.sameRegion[profile.network]!;
  const elsewhere = (1 - same) * places.hub(country, profile.region);
  const own = (profile.region === region ? same : 0) + elsewhere;
  return own / (same * model.region(country, profile.region) + elsewhere);
}

function languageFactor(model: AccountModel, profile: Profile, { country, language }: Marks): number {
  if (language === '' || profile.language === '') return 1;
  return model.platform.places.spoken(country, profile.language, language) / model.language(country, language);
}

function deviceFactor(model: AccountModel, profile: Profile, { device }: Marks): number {
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
