import type { Marks } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { DEVICES } from './model/strata.ts';
import type { Profile } from './profiles.ts';

/** What a message's marks say for clicks of a profile against messages of no click: factors, 1 where either side is silent. */
export interface Likelihood {
  readonly country: number;
  readonly region: number;
  readonly language: number;
  readonly device: number;
}

/** What has been worked out for one message, by what it depends on: many profiles differ in nothing but campaign or device. */
export interface Worked {
  readonly language: Map<string, number>;
  readonly region: Map<string, number>;
}

export function nothingWorked(): Worked {
  return { language: new Map(), region: new Map() };
}

export function likelihood(model: AccountModel, profile: Profile, marks: Marks, worked: Worked = nothingWorked()): Likelihood {
  return {
    country: countryFactor(model, profile, marks.country),
    region: once(worked.region, `${profile.network}|${profile.country}|${profile.region}`, () => regionFactor(model, profile, marks)),
    language: once(worked.language, profile.language, () => languageFactor(model, profile, marks)),
    device: deviceFactor(model, profile, marks),
  };
}

function once(known: Map<string, number>, key: string, work: () => number): number {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = work();
  known.set(key, made);
  return made;
}

/** P(home | campaign, IP, network, browser language) against P(home) of messages of no click. */
function countryFactor(model: AccountModel, profile: Profile, country: string): number {
  if (country === '') return 1;
  const { places } = model.platform;
  const last = places.countries.length - 1;
  const at = places.indexOf.get(country) ?? last;
  if (profile.homes?.model !== model) profile.homes = { model, mass: homesOf(model, profile) };
  const { mass } = profile.homes;
  // A country nobody has been seen from shares the last place with all others of that kind: then the IP's country is another one.
  const own = at === last && profile.country !== country ? Math.min(mass[at]!, model.campaign(profile.campaign).home()[at]!) : mass[at]!;
  return Math.max(1e-12, own / model.organicHome()[at]!);
}

/** P(home | campaign, IP, network, browser language), by country index; sums to 1. */
function homesOf(model: AccountModel, profile: Profile): Float64Array {
  const { places } = model.platform;
  const last = places.countries.length - 1;
  const home = model.campaign(profile.campaign).home();
  const languages = profile.language === '' ? undefined : places.browser(profile.language);
  const ip = profile.country === '' ? -1 : (places.indexOf.get(profile.country) ?? last);
  const offset = profile.network * places.countries.length;
  const exit = ip < 0 ? 1 : places.exit(profile.network, profile.country);
  const mass = home.slice();
  let sum = 0;
  for (let index = 0; index <= last; index += 1) {
    if (languages !== undefined) mass[index]! *= languages[index]!;
    if (ip >= 0) {
      const agreement = places.agreement[offset + index]!;
      mass[index]! *= index === ip ? agreement : (1 - agreement) * exit;
    }
    sum += mass[index]!;
  }
  for (let index = 0; index <= last; index += 1) mass[index]! /= sum;
  return mass;
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
