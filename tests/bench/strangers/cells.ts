/**
 * What is assumed, cell by cell: traffic of people who are strangers to the matcher and to the first simulator (tests/bench/quality). Delays are gamma and
 * log-logistic with a return in the evening; people are of an age nobody sees, which moves losing the code, pace and greeting together;
 * campaigns aim at pairs of country and language, begin, stop and keep hours of their own.
 */
export interface Cell {
  readonly says: string;
  /** Files, each an installation of its own: what is learned in one is not known in the next. */
  readonly histories: number;
  readonly accounts: number;
  readonly days: number;
  /** Of an account on average, last clicks of visits. */
  readonly visitsPerHour: number;
  /** Standard deviation of the logarithm, over accounts. */
  readonly spread: number;
  /** From which part of its time a history is judged. */
  readonly judgedFrom: number;
  /** Share of visits by people that lead to a message. */
  readonly writes: number;
  /** Share of writers who delete the code, and the standard deviation of its logit over accounts. */
  readonly loses: number;
  readonly losesSpread: number;
  /** Strength of what age, device, country and campaign do to losing the code: logits. */
  readonly losesBy: number;
  /** From 60 % of the time on, iOS loses this share more often (logit). */
  readonly jump: number;
  /** Share of accounts whose clicks carry no code. */
  readonly codeless: number;
  readonly delays: 'gamma' | 'log-logistic';
  /** Share of writers who come back in the evening. */
  readonly evening: number;
  /** How much longer losers take, beside the time for editing with this mean. */
  readonly slower: number;
  readonly editingS: number;
  /** Messages of no click per message of a click. */
  readonly organic: number;
  /** Part of them that comes in bursts: a letter to customers, a broadcast. */
  readonly bursts: number;
  /** Their day against that of the clicks. */
  readonly organicDay: 'same' | 'night' | 'flat';
  readonly campaigns: readonly [least: number, most: number];
  /** Campaigns run a few days each. */
  readonly comeAndGo: boolean;
  /** Countries of an account. */
  readonly countries: readonly [least: number, most: number];
  /** How strongly a campaign prefers a pair of country and language: standard deviation of the logarithm of its weight. */
  readonly aims: number;
  /** Share of campaigns that stand in one region: signs. */
  readonly local: number;
  readonly vpn: number;
  /** Everybody on a mobile network appears in one region of the country. */
  readonly nat: boolean;
  readonly wrongCountry: number;
  readonly bots: number;
  /** Clicks before the last one of a visit: share of repeating at each. */
  readonly repeats: number;
  /** Share of visitors without a message who click again another day. */
  readonly revisits: number;
  /** Share of visits by people who have written before. */
  readonly returning: number;
  /** Share of messages without code that go to another account of the same file. */
  readonly elsewhere: number;
  /** Share of leads with code whose message a friend sends too, half of them without the code. */
  readonly forwards: number;
  /** Share of webhooks that are late, by three hours on average. */
  readonly late: number;
  /** Greetings to choose from. */
  readonly greetings: number;
  readonly foreignNumbers: number;
  /** Fields that nobody wrote down. */
  readonly without: readonly (
    | 'place'
    | 'languages'
    | 'network'
    | 'device'
    | 'greeting'
    | 'bot_score'
    | 'phone region'
    | 'phone'
    | 'language'
  )[];
  /** Messages show the device. */
  readonly hints: boolean;
}

const PLAIN: Cell = {
  says: 'eight accounts of different size over twelve days, several time zones',
  histories: 1,
  accounts: 8,
  days: 12,
  visitsPerHour: 11,
  spread: 0.6,
  judgedFrom: 0.5,
  writes: 0.24,
  loses: 0.07,
  losesSpread: 0.3,
  losesBy: 0.5,
  jump: 0,
  codeless: 0,
  delays: 'gamma',
  evening: 0.05,
  slower: 1.3,
  editingS: 25,
  organic: 0.12,
  bursts: 0.2,
  organicDay: 'same',
  campaigns: [3, 9],
  comeAndGo: false,
  countries: [2, 5],
  aims: 0.9,
  local: 0,
  vpn: 0.04,
  nat: false,
  wrongCountry: 0.02,
  bots: 0.1,
  repeats: 0.15,
  revisits: 0,
  returning: 0.03,
  elsewhere: 0,
  forwards: 0,
  late: 0,
  greetings: 24,
  foreignNumbers: 0.04,
  without: ['phone region'],
  hints: false,
};

const CHANGES = {
  plain: {},
  logistic: { says: 'delays are log-logistic: more at once and a heavier tail', delays: 'log-logistic' },
  evening: { says: 'three writers of ten come back in the evening', evening: 0.3 },
  slow: { says: 'who deletes the code takes six times as long and five minutes more', slower: 6, editingS: 300, loses: 0.12 },
  editors: { says: 'age, device, country and campaign move losing the code by factors', losesBy: 1.3, loses: 0.15 },
  'many-lose': { says: 'half of the writers delete the code', loses: 0.5 },
  jump: { says: 'an update of the iOS client loses many codes from one day on', jump: 2.3 },
  differ: { says: 'accounts lose from 1 to 60 %', loses: 0.1, losesSpread: 1.3 },
  codeless: { says: 'half of the accounts carry no code', codeless: 0.5, accounts: 6, loses: 0.1 },
  'no-codes': { says: 'no click carries a code', codeless: 1, accounts: 4 },
  strangers: { says: 'as many messages of no click as of clicks', organic: 1, bursts: 0.3 },
  bursts: { says: 'most messages of no click come in bursts', organic: 0.4, bursts: 0.8 },
  night: { says: 'messages of no click come at night', organic: 0.5, organicDay: 'night', bursts: 0 },
  few: { says: 'hardly any message of no click', organic: 0.015 },
  markets: { says: 'ten countries, campaigns aim at pairs of country and language', countries: [8, 10], aims: 2, campaigns: [6, 14] },
  'one-market': { says: 'one country, phone regions shown', countries: [1, 1], without: [] },
  signs: { says: 'most campaigns are signs that stand somewhere; phone regions shown', local: 0.8, countries: [1, 2], without: [] },
  campaigns: { says: 'campaigns run two to five days', comeAndGo: true, campaigns: [8, 14] },
  vpn: { says: 'a third surfs through a VPN', vpn: 0.33 },
  nat: { says: 'mobile networks show one region per country; phone regions shown', nat: true, countries: [1, 2], without: [] },
  'wrong-place': { says: 'one IP country in six is wrong', wrongCountry: 0.17 },
  bots: { says: 'half of the visits are programs', bots: 0.5 },
  again: { says: 'most people click several times, some come again another day', repeats: 0.55, revisits: 0.15 },
  returning: { says: 'a quarter of the visits by people who have written before', returning: 0.25 },
  elsewhere: { says: 'of those without code one in five writes to another number of the agency', elsewhere: 0.2 },
  forwards: { says: 'one message in twelve is sent on to a friend', forwards: 0.08 },
  late: { says: 'one webhook in six is hours late', late: 0.16 },
  'one-greeting': { says: 'one greeting for all', greetings: 1 },
  hints: { says: 'messages show the device', hints: true },
  bare: {
    says: 'nothing is known of clicks and messages but when, which campaign and the phone',
    without: ['place', 'languages', 'network', 'device', 'greeting', 'bot_score', 'phone region', 'language'],
  },
  'no-phone': { says: 'phones are hidden', without: ['phone region', 'phone'] },
  large: { says: 'one account with four hundred visits an hour', accounts: 1, days: 4, visitsPerHour: 400, spread: 0, campaigns: [12, 12] },
  tiny: { says: 'two hundred accounts with three visits a day of ten', accounts: 200, days: 14, visitsPerHour: 0.4, campaigns: [1, 4] },
  agency: {
    says: 'small agencies by themselves: three accounts, 300 leads in two weeks',
    histories: 8,
    accounts: 3,
    days: 14,
    visitsPerHour: 1.3,
    loses: 0.1,
  },
  cold: {
    says: 'the first two days of an installation, judged from the first message on',
    histories: 10,
    accounts: 2,
    days: 2,
    visitsPerHour: 12,
    judgedFrom: 0,
    loses: 0.1,
  },
} as const satisfies Readonly<Record<string, Partial<Cell>>>;

export type CellName = keyof typeof CHANGES;
export const CELL_NAMES = Object.keys(CHANGES) as readonly CellName[];

export function isCellName(name: string): name is CellName {
  return Object.hasOwn(CHANGES, name);
}

export function cellOf(name: CellName): Cell {
  return { ...PLAIN, ...CHANGES[name] };
}
