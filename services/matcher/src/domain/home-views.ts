/** Where a person is, as far as IP, browser and campaign tell: the mixture of four views, over countries. */
import type { AccountModel, HomeSums } from './model/account-model.ts';
import {
  EXIT,
  HELD,
  hasViews,
  IP,
  type KnownViews,
  makeRoom,
  NETWORK,
  noViews,
  PER_BOTH,
  PER_BROWSER,
  PER_IP,
  PER_NEITHER,
  VIEW_WIDTH,
} from './model/known-views.ts';
import { VIEWS } from './model/platform-statistics.ts';
import type { ProfileTable, Whereabouts } from './profiles.ts';

/** P(country of the phone | campaign, IP, network, browser language) against that of messages of no click. */
export function countryFactor(model: AccountModel, profile: Whereabouts, country: string): number {
  if (country === '') return 1;
  const at = countryAt(model, country);
  keepViews(model, single, profile, 0, 0);
  return homeFactor(model, single, 0, at, model.organicHome()[at]!);
}

/** Scratch: the views of one place, written anew for each question. */
const single = noViews();

/** `countryFactor` for the place of an index: what does not depend on the message is kept with the model. */
export function countryOf(
  model: AccountModel,
  homes: KnownViews,
  profiles: ProfileTable,
  index: number,
  at: number,
  organicHome: number,
): number {
  const place = profiles.placeIndex(index);
  const serial = profiles.places.serial(place);
  if (!hasViews(homes, place, serial)) keepViews(model, homes, profiles.whereabouts(index), place, serial);
  return homeFactor(model, homes, place, at, organicHome);
}

export function countryAt({ platform }: AccountModel, country: string): number {
  return platform.places.indexOf.get(country) ?? platform.places.countries.length - 1;
}

/** Above nothing, so that a country nobody was ever seen in leaves the other evidence its say. */
const LEAST_FACTOR = 1e-12;

/**
 * The mixture of the views at one country. Views are the same for all countries but for a factor, so that only their sums are kept, not a share
 * of every country for each of hundreds of places. In single precision: rounded as it was, a log gives the same answers again.
 */
function homeFactor({ platform }: AccountModel, views: KnownViews, place: number, at: number, organicHome: number): number {
  const { places } = platform;
  const { numbers } = views;
  const from = place * VIEW_WIDTH;
  const home = views.home[place]!;
  const browser = views.browser[place];
  const alone = home[at]!;
  const spoken = browser === undefined ? alone : alone * browser[at]!;
  const agreement = places.agreement[numbers[from + NETWORK]! * home.length + at]!;
  const factor = agreementAt(agreement, at, numbers[from + IP]!, numbers[from + EXIT]!);
  let share = Math.fround(numbers[from + PER_BOTH]! * spoken * factor);
  share = Math.fround(share + numbers[from + PER_IP]! * alone * factor);
  share = Math.fround(share + numbers[from + PER_BROWSER]! * spoken);
  share = Math.fround(share + numbers[from + PER_NEITHER]! * places.foreign[at]!);
  return Math.max(LEAST_FACTOR, share / organicHome);
}

/** The sum over all countries is that of the country of the IP and the rest, and the rest is the same for all IPs but for the factor `exit`. */
function keepViews(model: AccountModel, views: KnownViews, profile: Whereabouts, place: number, serial: number): void {
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
  makeRoom(views, place);
  const { numbers } = views;
  const from = place * VIEW_WIDTH;
  const weight = network * VIEWS;
  views.home[place] = home;
  views.browser[place] = browser;
  numbers[from + HELD] = serial + 1;
  numbers[from + NETWORK] = network;
  numbers[from + IP] = ip;
  numbers[from + EXIT] = exit;
  numbers[from + PER_BOTH] = places.views[weight]! / byBoth;
  numbers[from + PER_IP] = places.views[weight + 1]! / byIp;
  numbers[from + PER_BROWSER] = places.views[weight + 2]! / byBrowser;
  numbers[from + PER_NEITHER] = places.views[weight + 3]! / places.foreignSum;
}

function restOf(model: AccountModel, { campaign, network, language }: Whereabouts): HomeSums {
  const known = model.campaign(campaign);
  const { sums } = known;
  const byLanguage = sums[network] ?? new Map<string, HomeSums>();
  sums[network] = byLanguage;
  const found = byLanguage.get(language);
  if (found !== undefined) return found;
  const { places } = model.platform;
  const homes = known.home();
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

/** Scratch: the views of places.ts at one country, and their sums over all. */
const ofViews = new Float64Array(VIEWS);
const sumsOfViews = new Float64Array(VIEWS);

/** How much of a lead from this country each view explains: IP and browser, IP, browser, neither. Good until the next call. */
export function viewsOfLead(model: AccountModel, profile: Whereabouts, country: string): Float64Array {
  const { places } = model.platform;
  const { network } = profile;
  const at = countryAt(model, country);
  const home = model.campaign(profile.campaign).home();
  const browser = profile.language === '' ? undefined : places.browser(profile.language);
  const ip = profile.country === '' ? -1 : countryAt(model, profile.country);
  const exit = ip < 0 ? 1 : places.exit(network, profile.country);
  const offset = network * home.length;
  sumsOfViews.fill(0);
  for (let index = 0; index < home.length; index += 1) {
    const alone = home[index]!;
    const spoken = browser === undefined ? alone : alone * browser[index]!;
    const factor = agreementAt(places.agreement[offset + index]!, index, ip, exit);
    // Where no IP tells a country, the browser is asked alone.
    const both = spoken * factor;
    const byIp = alone * factor;
    sumsOfViews[0]! += both;
    sumsOfViews[1]! += byIp;
    sumsOfViews[2]! += spoken;
    if (index === at) ofViews.set([both, byIp, spoken, places.foreign[at]!]);
  }
  sumsOfViews[3] = places.foreignSum;
  let sum = 0;
  for (let view = 0; view < VIEWS; view += 1) {
    ofViews[view] = (places.views[network * VIEWS + view]! * ofViews[view]!) / sumsOfViews[view]!;
    sum += ofViews[view]!;
  }
  if (sum > 0) for (let view = 0; view < VIEWS; view += 1) ofViews[view]! /= sum;
  return ofViews;
}

/** The country factor of a click of which only the campaign is known. */
export function campaignCountryFactor(model: AccountModel, campaign: string, country: string): number {
  const at = countryAt(model, country);
  return model.campaign(campaign).home()[at]! / model.organicHome()[at]!;
}
