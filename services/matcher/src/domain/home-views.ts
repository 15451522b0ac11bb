/** Where a person is, as far as IP, browser and campaign tell: the mixture of four views, over countries. */
import type { AccountModel, HomeSums, PlaceViews } from './model/account-model.ts';
import { VIEWS } from './model/platform-statistics.ts';
import type { ProfileTable, Whereabouts } from './profiles.ts';

/** P(country of the phone | campaign, IP, network, browser language) against that of messages of no click. */
export function countryFactor(model: AccountModel, profile: Whereabouts, country: string): number {
  return country === '' ? 1 : homeFactor(model, viewsFrom(model, profile, -1), countryAt(model, country));
}

/** `countryFactor` for the place of an index: what does not depend on the message is kept with the model. */
export function countryOf(model: AccountModel, profiles: ProfileTable, index: number, at: number): number {
  const place = profiles.placeIndex(index);
  const serial = profiles.places.serial(place);
  let views = model.homes[place];
  if (views === undefined || views.serial !== serial) {
    views = viewsFrom(model, profiles.whereabouts(index), serial);
    model.homes[place] = views;
  }
  return homeFactor(model, views, at);
}

export function countryAt({ platform }: AccountModel, country: string): number {
  return platform.places.indexOf.get(country) ?? platform.places.countries.length - 1;
}

function homeFactor(model: AccountModel, views: PlaceViews, at: number): number {
  return Math.max(1e-12, homeShare(model, views, at) / model.organicHome()[at]!);
}

/**
 * The mixture of the views at one country. Views are the same for all countries but for a factor, so that only their sums are kept, not a share
 * of every country for each of hundreds of places. In single precision: rounded as it was, a log gives the same answers again.
 */
function homeShare(
  { platform }: AccountModel,
  { network, home, browser, ip, exit, perBoth, perIp, perBrowser, perNeither }: PlaceViews,
  at: number,
): number {
  const { places } = platform;
  const alone = home[at]!;
  const spoken = browser === undefined ? alone : alone * browser[at]!;
  const factor = agreementAt(places.agreement[network * home.length + at]!, at, ip, exit);
  let share = Math.fround(perBoth * spoken * factor);
  share = Math.fround(share + perIp * alone * factor);
  share = Math.fround(share + perBrowser * spoken);
  return Math.fround(share + perNeither * places.foreign[at]!);
}

/** The sum over all countries is that of the country of the IP and the rest, and the rest is the same for all IPs but for the factor `exit`. */
function viewsFrom(model: AccountModel, profile: Whereabouts, serial: number): PlaceViews {
  const { network, country, language } = profile;
  const { places } = model.platform;
  const home = model.campaign(profile.campaign).home();
  const browser = language === '' ? undefined : places.browser(language);
  const ip = country === '' ? -1 : countryAt(model, country);
  const exit = ip < 0 ? 1 : places.exit(network, country);
  const { abroad, abroadSpoken, spoken: byBrowser, alone } = restOf(model, profile);
  let [byBoth, byIp] = [byBrowser, alone];
  if (ip >= 0) {
    const agreement = places.agreement[network * home.length + ip]!;
    const more = agreement - (1 - agreement) * exit;
    byIp = abroad * exit + home[ip]! * more;
    byBoth = abroadSpoken * exit + home[ip]! * (browser === undefined ? 1 : browser[ip]!) * more;
  }
  const from = network * VIEWS;
  return {
    serial,
    network,
    home,
    browser,
    ip,
    exit,
    perBoth: places.views[from]! / byBoth,
    perIp: places.views[from + 1]! / byIp,
    perBrowser: places.views[from + 2]! / byBrowser,
    perNeither: places.views[from + 3]! / places.foreignSum,
  };
}

function restOf(model: AccountModel, { campaign, network, language }: Whereabouts): HomeSums {
  const { sums, home } = model.campaign(campaign);
  const byLanguage = sums[network] ?? new Map<string, HomeSums>();
  sums[network] = byLanguage;
  const known = byLanguage.get(language);
  if (known !== undefined) return known;
  const { places } = model.platform;
  const homes = home();
  const browser = language === '' ? undefined : places.browser(language);
  const offset = network * homes.length;
  let [abroad, abroadSpoken, alone, spoken] = [0, 0, 0, 0];
  for (let index = 0; index < homes.length; index += 1) {
    const own = homes[index]!;
    const heard = browser === undefined ? own : own * browser[index]!;
    const elsewhere = 1 - places.agreement[offset + index]!;
    alone += own;
    spoken += heard;
    abroad += own * elsewhere;
    abroadSpoken += heard * elsewhere;
  }
  const made = { abroad, abroadSpoken, alone, spoken };
  byLanguage.set(language, made);
  return made;
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
  const ip = countryAt(model, profile.country);
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
  const at = countryAt(model, country);
  const parts = new Float64Array(VIEWS);
  let sum = 0;
  viewsOf(model, profile).forEach((view, index) => {
    const all = view.reduce((total, share) => total + share, 0);
    parts[index] = (places.views[profile.network * VIEWS + index]! * view[at]!) / all;
    sum += parts[index]!;
  });
  return sum > 0 ? parts.map((part) => part / sum) : parts;
}

/** The country factor of a click of which only the campaign is known. */
export function campaignCountryFactor(model: AccountModel, campaign: string, country: string): number {
  const at = countryAt(model, country);
  return model.campaign(campaign).home()[at]! / model.organicHome()[at]!;
}
