import type { Marks } from './marks.ts';
import type { AccountModel, HomeSums, PlaceViews } from './model/account-model.ts';
import { VIEWS } from './model/platform-statistics.ts';
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

/** P(country of the phone | campaign, IP, network, browser language) against that of messages of no click. */
function countryFactor(model: AccountModel, profile: Whereabouts, country: string): number {
  return country === '' ? 1 : homeFactor(model, viewsFrom(model, profile, -1), countryAt(model, country));
}

/** `countryFactor` for the place of an index: what does not depend on the message is kept with the model. */
function countryOf(model: AccountModel, profiles: ProfileTable, index: number, at: number): number {
  const place = profiles.placeIndex(index);
  const serial = profiles.places.serial(place);
  let views = model.homes[place];
  if (views === undefined || views.serial !== serial) {
    views = viewsFrom(model, profiles.whereabouts(index), serial);
    model.homes[place] = views;
  }
  return homeFactor(model, views, at);
}

function countryAt({ platform }: AccountModel, country: string): number {
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
