/**
 * Everything the simulator assumes, as one table: the base regime whole, the others as what they change. The values of matching.md §7 where it gives
 * one; the rest is of the order that traffic of this kind shows, and written here so that nothing is assumed anywhere else.
 */

/** A delay in seconds: weights sum to 1. `lognormal`: median and σ of the logarithm. `weibull`: scale and shape. */
export type DelayComponent =
  | { readonly weight: number; readonly law: 'lognormal'; readonly median: number; readonly sigma: number }
  | { readonly weight: number; readonly law: 'weibull'; readonly scale: number; readonly shape: number };
export type Delay = readonly DelayComponent[];

/** By class of device. */
export interface ByDevice<T> {
  readonly mobile: T;
  readonly desktop: T;
}

export interface Regime {
  readonly says: string;
  /** Size of the history. */
  readonly accounts: number;
  readonly days: number;

  /** Clicks per hour of an average account; accounts differ by a log-normal factor with σ `accountSpread` and mean 1. */
  readonly clicksPerHour: number;
  readonly accountSpread: number;
  /** Campaigns of an account: from, to. Volumes are Dirichlet(1.5). */
  readonly campaigns: readonly [number, number];
  /** Probability that a visitor clicks a second and a third time within minutes; the last click is the one that may write. */
  readonly burst: readonly [number, number];
  readonly burstGap: Delay;
  /** Share of ios, android, desktop. */
  readonly devices: readonly [number, number, number];

  /** Share of visits made by programs, and the Beta laws of the bot score of people and programs. */
  readonly botShare: number;
  readonly personScore: readonly [number, number];
  readonly botScore: readonly [number, number];
  /** Floods per account and day: programs that click one campaign for `floodMinutes` at `floodFactor` times the account's rate. */
  readonly floodsPerDay: number;
  readonly floodMinutes: number;
  readonly floodFactor: number;
  readonly floodScore: readonly [number, number];

  /** Probability that a visit of a person writes; by campaign a log-normal factor with σ `writeSpread` and mean 1, by device `writeByDevice`. */
  readonly write: number;
  readonly writeSpread: number;
  readonly writeByDevice: ByDevice<number>;
  readonly delay: ByDevice<Delay>;
  /** Probability that a written message has lost its identifier, by device, and the factor on VPN and hosting networks (capped at .9). */
  readonly lose: ByDevice<number>;
  readonly loseOnVpn: number;
  /** Time that deleting takes, added to the delay of losers; `loserDelay` replaces the delay of losers where they are people of another kind. */
  readonly editing: Delay;
  readonly loserDelay: ByDevice<Delay> | undefined;
  /** Probability that the greeting survives: with the code, and where the code was deleted. */
  readonly greetingKept: number;
  readonly greetingKeptByLosers: number;
  readonly greetings: number;
  /** Kept codes with one wrong, missing, additional or swapped symbol; kept codes garbled beyond recognition, which is another way to lose them. */
  readonly codeDamaged: number;
  readonly codeGarbled: number;

  /** Messages that no click caused, per message that one did; accounts differ by Gamma(3)/3. */
  readonly organic: number;
  /** Share of them that happens to be a greeting of ours. */
  readonly organicGreeting: number;
  /** Newsletters: bursts of organic messages per account and day, their length and their rate as a multiple of the account's organic rate. */
  readonly newslettersPerDay: number;
  readonly newsletterMinutes: number;
  readonly newsletterFactor: number;

  /** Probability that a person hands the click's message on to somebody near, who sends it with its code. */
  readonly forward: number;
  readonly forwardDelay: Delay;

  /** Share of VPN among people's visits, and of hosting. */
  readonly vpn: number;
  readonly hosting: number;
  /** Share of mobile networks among the rest, by device. */
  readonly mobileNetwork: ByDevice<number>;
  /** Probability that the place of an address names the home country and, in it, the home region; otherwise the platform's shares or operators' hubs. */
  readonly fixedCountry: number;
  readonly mobileCountry: number;
  readonly vpnCountry: number;
  readonly fixedRegion: number;
  readonly mobileRegion: number;
  /** All addresses of a country surface in one region. */
  readonly oneNatRegion: boolean;
  /** Concentration of a campaign's and of an account's country mix; larger is more alike. */
  readonly campaignConcentration: number;
  readonly accountConcentration: number;
  /** Campaigns are signs: each stands in one region. */
  readonly signs: boolean;

  /** Share of messages whose number is hidden, probability that a number shows the home country and, where numbers show one, the home region. */
  readonly phoneHidden: number;
  readonly phoneCountry: number;
  readonly phoneRegion: number;
  readonly languageShown: number;
  /** Probability to write in the first browser language when it is common at home, and when it is not. */
  readonly languageKept: readonly [number, number];
  /** Share of accounts whose channel shows the writer's device. */
  readonly deviceShown: number;

  /** Webhooks that come late: share, by how much; and the share that is one to three days late. */
  readonly late: number;
  readonly lateBy: Delay;
  readonly veryLate: number;
  /** Visits of people who have written before, by share; they keep visitor and contact. Follow-up messages per contact (Poisson, without code). */
  readonly returning: number;
  readonly followUps: number;
}

const logNormal = (weight: number, median: number, sigma: number): DelayComponent => ({ weight, law: 'lognormal', median, sigma });
const weibull = (weight: number, scale: number, shape: number): DelayComponent => ({ weight, law: 'weibull', scale, shape });

const MINUTE = 60;
const HOUR = 3600;

export const BASE: Regime = {
  says: '30 clicks an hour per account, 5 % lose the code, organic .10 of click-driven, 15 % bots',
  accounts: 20,
  days: 20,
  clicksPerHour: 30,
  accountSpread: 0.3,
  campaigns: [6, 12],
  burst: [0.12, 0.25],
  burstGap: [logNormal(1, 40, 0.8)],
  devices: [0.36, 0.44, 0.2],
  botShare: 0.15,
  personScore: [1.3, 6],
  botScore: [4, 2.5],
  floodsPerDay: 0,
  floodMinutes: 90,
  floodFactor: 15,
  floodScore: [2, 3.5],
  write: 0.25,
  writeSpread: 0.4,
  writeByDevice: { mobile: 1.06, desktop: 0.76 },
  delay: {
    mobile: [logNormal(0.72, 18, 0.8), logNormal(0.18, 4 * MINUTE, 1), logNormal(0.1, 3 * HOUR, 1.1)],
    desktop: [logNormal(0.62, 45, 0.9), logNormal(0.24, 8 * MINUTE, 1.1), logNormal(0.14, 4 * HOUR, 1.1)],
  },
  lose: { mobile: 0.045, desktop: 0.075 },
  loseOnVpn: 1.3,
  editing: [logNormal(0.8, 14, 0.7), logNormal(0.2, 90, 1)],
  loserDelay: undefined,
  greetingKept: 0.96,
  greetingKeptByLosers: 0.3,
  greetings: 64,
  codeDamaged: 0,
  codeGarbled: 0,
  organic: 0.1,
  organicGreeting: 0.02,
  newslettersPerDay: 0,
  newsletterMinutes: 25,
  newsletterFactor: 40,
  forward: 0.01,
  forwardDelay: [logNormal(1, 5 * HOUR, 1.5)],
  vpn: 0.05,
  hosting: 0.01,
  mobileNetwork: { mobile: 0.6, desktop: 0.05 },
  fixedCountry: 0.985,
  mobileCountry: 0.97,
  vpnCountry: 0.2,
  fixedRegion: 0.75,
  mobileRegion: 0.35,
  oneNatRegion: false,
  campaignConcentration: 6,
  accountConcentration: 12,
  signs: false,
  phoneHidden: 0,
  phoneCountry: 0.965,
  phoneRegion: 0.75,
  languageShown: 0.85,
  languageKept: [0.92, 0.45],
  deviceShown: 0.25,
  late: 0,
  lateBy: [logNormal(1, 40 * MINUTE, 1.4)],
  veryLate: 0,
  returning: 0,
  followUps: 0,
};

/** Mean of the base delays kept, shapes of another family: k < 1 has a spike and a tail that no log-normal has. */
const WEIBULL: ByDevice<Delay> = {
  mobile: [weibull(0.72, 27, 1.3), weibull(0.18, 7 * MINUTE, 0.7), weibull(0.1, 5 * HOUR, 0.8)],
  desktop: [weibull(0.62, 70, 1.2), weibull(0.24, 14 * MINUTE, 0.7), weibull(0.14, 7 * HOUR, 0.8)],
};

const A_DAY_LATE: ByDevice<Delay> = {
  mobile: [logNormal(0.29, 18, 0.8), logNormal(0.07, 4 * MINUTE, 1), logNormal(0.04, 3 * HOUR, 1.1), logNormal(0.6, 24 * HOUR, 0.3)],
  desktop: [logNormal(0.25, 45, 0.9), logNormal(0.09, 8 * MINUTE, 1.1), logNormal(0.06, 4 * HOUR, 1.1), logNormal(0.6, 24 * HOUR, 0.3)],
};

const OTHER_PEOPLE: ByDevice<Delay> = {
  mobile: [logNormal(0.45, 50, 0.9), logNormal(0.35, 10 * MINUTE, 1), logNormal(0.2, 5 * HOUR, 1.1)],
  desktop: [logNormal(0.35, 90, 0.9), logNormal(0.4, 15 * MINUTE, 1.1), logNormal(0.25, 6 * HOUR, 1.1)],
};

const CHANGES = {
  base: {},
  sparse: { says: '1.5 clicks an hour; more accounts, or there would be 230 leads to judge', clicksPerHour: 1.5, accounts: 80 },
  hot: { says: '6,000 clicks an hour, two accounts for a day and a half', clicksPerHour: 6000, accounts: 2, days: 1.5, accountSpread: 0 },
  'organic-low': { says: 'organic 2 % of click-driven', organic: 0.02 },
  'organic-high': { says: 'organic 50 % of click-driven', organic: 0.5 },
  vpn: { says: 'VPN on 35 % of visits', vpn: 0.35 },
  'wrong-geo': {
    says: 'places of addresses wrong a quarter of the time',
    fixedCountry: 0.75,
    mobileCountry: 0.65,
    fixedRegion: 0.3,
    mobileRegion: 0.1,
  },
  delayed: { says: '60 % of messages come about a day after their click', delay: A_DAY_LATE },
  bots: { says: '60 % of visits are programs', botShare: 0.6 },
  nat: { says: 'all addresses of a country surface in one region', oneNatRegion: true },
  forwarded: { says: '8 % of clicks are handed on with their code', forward: 0.08 },
  qr: {
    says: 'signs: phones only, each campaign in one region, people write at once',
    signs: true,
    devices: [0.42, 0.58, 0],
    mobileNetwork: { mobile: 0.9, desktop: 0.05 },
    write: 0.45,
    botShare: 0.03,
    delay: { ...BASE.delay, mobile: [logNormal(0.9, 11, 0.6), logNormal(0.08, 2 * MINUTE, 1), logNormal(0.02, 2 * HOUR, 1)] },
  },
  'hidden-phone': { says: 'numbers hidden: no country, no region', phoneHidden: 1 },
  'removers-differ': {
    says: 'who deletes codes is slower, on desktops and VPNs, and writes other words',
    lose: { mobile: 0.035, desktop: 0.12 },
    loseOnVpn: 3,
    loserDelay: OTHER_PEOPLE,
    greetingKeptByLosers: 0.15,
  },
  burst: { says: 'newsletters: 25 minutes at 40 times the organic rate, every other day', newslettersPerDay: 0.5 },
  flood: { says: 'click floods: 90 minutes at 15 times the click rate on one campaign, every third day', floodsPerDay: 1 / 3 },
  damage: { says: '12 % of kept codes one edit wrong, 2 % garbled beyond recognition', codeDamaged: 0.12, codeGarbled: 0.02 },
  late: { says: '10 % of webhooks about 40 minutes late, .5 % one to three days', late: 0.1, veryLate: 0.005 },
  returning: { says: '15 % of visits by people who have written before, .6 further messages a contact', returning: 0.15, followUps: 0.6 },
  weibull: { says: 'delays from another family than the model expects', delay: WEIBULL },
  short: { says: 'base with 85,000 events in all', accounts: 8, days: 12 },
  'short-removers': {
    says: 'removers-differ with 85,000 events in all',
    accounts: 8,
    days: 12,
    lose: { mobile: 0.035, desktop: 0.12 },
    loseOnVpn: 3,
    loserDelay: OTHER_PEOPLE,
    greetingKeptByLosers: 0.15,
  },
} as const satisfies Readonly<Record<string, Partial<Regime>>>;

export type RegimeName = keyof typeof CHANGES;
export const REGIME_NAMES: readonly RegimeName[] = Object.keys(CHANGES) as RegimeName[];

export function isRegimeName(name: string): name is RegimeName {
  return Object.hasOwn(CHANGES, name);
}

/** The whole regime, with the size of the history replaced where the caller wants less. */
export function regimeOf(name: RegimeName, size: { readonly accounts?: number; readonly days?: number } = {}): Regime {
  return { ...BASE, ...CHANGES[name], ...size };
}
