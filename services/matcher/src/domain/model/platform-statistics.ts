import { noSpread, type SpreadSums } from './account-spread.ts';
import { type DayPairs, noDayPairs } from './day-link.ts';
import { DELAY_BINS, EDIT_SECONDS } from './delay-grid.ts';
import { ANCHOR_COUNTS, type AnchorStatistics, noAnchor, REACHES } from './mixing-share.ts';
import { DEVICES, KINDS, NETWORKS, STRATA } from './strata.ts';
import { addAll, fade, type Tally } from './tally.ts';

/** Ages at which a click is counted as having got that old without regard to what came of it: 2 min, 15 min, 2 h, 12 h, 3 d. */
export const REACHED_S: readonly number[] = [120, 900, 7_200, 43_200, 259_200];

/**
 * Ages at which a click counts what was due of its lead since the one before; those of `REACHED_S` are among them. Leads are counted when they come, and dues must not lag far behind: with none
 * between twelve hours and three days, where most people write a day later an account's first days said that clicks were written after twice as often as they are, and of its messages of no click a third
 * were given to clicks; two weeks later still a tenth too many.
 */
export const DUE_S: readonly number[] = [
  ...[120, 900, 3_600, 7_200, 14_400, 28_800, 43_200],
  ...[64_800, 86_400, 129_600, 172_800, 216_000, 259_200],
];

/** Views of where the person behind a click is: by IP and browser, by IP, by browser, by neither. */
export const VIEWS = 4;

/** Rates change with seasons and campaigns, shapes with people's habits. */
export const RATE_HALF_LIFE_MS = 14 * 86_400_000;
export const SHAPE_HALF_LIFE_MS = 60 * 86_400_000;

/**
 * What all accounts of a partition have taught, decayed: sums that can be added over partitions, from which `fit` makes a model. Counts of
 * identified leads are whole; those of messages without identifier are shares of the posterior.
 */
export interface PlatformStatistics {
  /** Until when it has been faded. Milliseconds since the Unix epoch, UTC. */
  fadedAtMs: number;

  /** Clicks by stratum, each as much as was due of its lead by its age. */
  readonly due: Float64Array;
  /** The same, each times how much more than average its account and campaign bring; and leads with identifier: what clicks of a kind are worth beside both. */
  readonly exposure: Float64Array;
  readonly responses: Float64Array;
  /** Leads that kept and that lost their identifier, by device and network of the click. */
  readonly keepers: Float64Array;
  readonly losers: Float64Array;
  /** Leads that kept it whose click had left the store: of no known kind. */
  keepersElsewhere: number;
  /** First messages without identifier, and what of them came from no click. */
  readonly scalars: PlatformScalars;
  readonly organicHours: Float64Array;

  /** Delays of keepers by device. */
  readonly delays: Float64Array;
  /** Clicks by device and age reached. */
  readonly reached: Float64Array;
  readonly edits: Float64Array;
  /** Leads that each view of where a click's person is has told best, by network (places.ts). */
  readonly views: Float64Array;
  readonly forwardDelays: Float64Array;

  readonly tallies: PlatformTallies;

  readonly codeless: CodelessStatistics;
  readonly passedOn: PassedOnStatistics;
  readonly anchor: AnchorStatistics;
  /** Of the live clicks of all accounts, each as much as its kind is worth: country of the IP|browser language (audience.ts). */
  readonly audience: Tally;
  /** Hours of messages of no click against those of leads, of the accounts as they stand (day-link.ts). */
  readonly dayPairs: DayPairs;
  /** How far accounts differ in losing the code, and in messages of no click (account-spread.ts). */
  readonly lossSpread: SpreadSums;
  readonly organicSpread: SpreadSums;
}

/** Messages that somebody with a code sent on to somebody who wrote without it: shares of posteriors. */
export interface PassedOnStatistics {
  leads: number;
  /** Those with the greeting of the click, and with other words. */
  keptGreeting: number;
  otherWords: number;
}

/** What came of clicks that carried no code: no label tells, all of it is shares of posteriors. */
export interface CodelessStatistics {
  leads: number;
  /** Their messages with the greeting of the click, and with other words. */
  keptGreeting: number;
  otherWords: number;
  /** Time beyond the usual delay, by `EDIT_SECONDS`. */
  readonly edits: Float64Array;
}

export interface PlatformScalars {
  identified: number;
  unidentified: number;
  organic: number;
  forwards: number;
  /** Losers who sent the greeting of their click, other words, another greeting. */
  keptGreeting: number;
  otherWords: number;
  /** Keepers whose greeting was, and was not, that of their click. */
  sameGreeting: number;
  otherGreeting: number;
  organicGreeting: number;
  organicWords: number;
  /** Losers expected and found beyond the listed candidates. */
  losersElsewhere: number;
}

export interface PlatformTallies {
  /** Country of the phone: leads with identifier; and messages from no click. */
  readonly home: Tally;
  readonly organicHome: Tally;
  /** Country of the phone where it follows from neither IP nor browser: foreign numbers. */
  readonly foreign: Tally;
  /** network|home: how many, and how many of them clicked from that very country. */
  readonly abroad: Tally;
  readonly atHome: Tally;
  /** network|country of the IP address where it is another than the phone's. */
  readonly exit: Tally;
  /** home|browser language. */
  readonly browser: Tally;
  /** home|browser language|message language, and home|message language. */
  readonly spoken: Tally;
  readonly language: Tally;
  /** country|region of the phone; network: same and other region by IP; network|country|region of the IP where it is another. */
  readonly region: Tally;
  readonly sameRegion: Tally;
  readonly otherRegion: Tally;
  readonly hub: Tally;
  /** click device|message device. */
  readonly hint: Tally;
}

export function emptyPlatformStatistics(): PlatformStatistics {
  return {
    fadedAtMs: 0,
    due: new Float64Array(STRATA),
    exposure: new Float64Array(STRATA),
    responses: new Float64Array(STRATA),
    keepers: new Float64Array(KINDS),
    losers: new Float64Array(KINDS),
    keepersElsewhere: 0,
    scalars: {
      identified: 0,
      unidentified: 0,
      organic: 0,
      forwards: 0,
      keptGreeting: 0,
      otherWords: 0,
      sameGreeting: 0,
      otherGreeting: 0,
      organicGreeting: 0,
      organicWords: 0,
      losersElsewhere: 0,
    },
    organicHours: new Float64Array(24),
    delays: new Float64Array(DEVICES.length * DELAY_BINS),
    reached: new Float64Array(DEVICES.length * (REACHED_S.length + 1)),
    edits: new Float64Array(EDIT_SECONDS.length),
    views: new Float64Array(NETWORKS.length * VIEWS),
    forwardDelays: new Float64Array(DELAY_BINS),
    tallies: {
      home: new Map(),
      organicHome: new Map(),
      foreign: new Map(),
      abroad: new Map(),
      atHome: new Map(),
      exit: new Map(),
      browser: new Map(),
      spoken: new Map(),
      language: new Map(),
      region: new Map(),
      sameRegion: new Map(),
      otherRegion: new Map(),
      hub: new Map(),
      hint: new Map(),
    },
    codeless: { leads: 0, keptGreeting: 0, otherWords: 0, edits: new Float64Array(EDIT_SECONDS.length) },
    passedOn: { leads: 0, keptGreeting: 0, otherWords: 0 },
    anchor: noAnchor(),
    audience: new Map(),
    dayPairs: noDayPairs(),
    lossSpread: noSpread(),
    organicSpread: noSpread(),
  };
}

export function fadePlatform(statistics: PlatformStatistics, nowMs: number): void {
  if (statistics.fadedAtMs === 0) {
    statistics.fadedAtMs = nowMs;
    return;
  }
  const rates = 2 ** -((nowMs - statistics.fadedAtMs) / RATE_HALF_LIFE_MS);
  const shapes = 2 ** -((nowMs - statistics.fadedAtMs) / SHAPE_HALF_LIFE_MS);
  statistics.fadedAtMs = nowMs;
  for (const values of rateArrays(statistics)) scale(values, rates);
  for (const values of shapeArrays(statistics)) scale(values, shapes);
  const { scalars, tallies } = statistics;
  for (const key of scalarNames(scalars)) scalars[key] *= rates;
  statistics.keepersElsewhere *= rates;
  for (const key of CODELESS_COUNTS) statistics.codeless[key] *= rates;
  for (const key of PASSED_ON_COUNTS) statistics.passedOn[key] *= rates;
  for (const reach of REACHES) for (const key of ANCHOR_COUNTS) statistics.anchor[reach][key] *= rates;
  scale(statistics.codeless.edits, shapes);
  for (const tally of Object.values(tallies)) fade(tally, shapes);
}

/** Adds `from`, faded to the time of `into`. */
export function mergePlatform(into: PlatformStatistics, from: PlatformStatistics): void {
  const pairs: readonly (readonly [Float64Array, Float64Array])[] = zip(
    [...rateArrays(into), ...shapeArrays(into)],
    [...rateArrays(from), ...shapeArrays(from)],
  );
  for (const [target, source] of pairs) for (let index = 0; index < target.length; index += 1) target[index]! += source[index]!;
  for (const key of scalarNames(into.scalars)) into.scalars[key] += from.scalars[key];
  into.keepersElsewhere += from.keepersElsewhere;
  for (const key of CODELESS_COUNTS) into.codeless[key] += from.codeless[key];
  for (const key of PASSED_ON_COUNTS) into.passedOn[key] += from.passedOn[key];
  for (const reach of REACHES) for (const key of ANCHOR_COUNTS) into.anchor[reach][key] += from.anchor[reach][key];
  for (let k = 0; k < into.codeless.edits.length; k += 1) into.codeless.edits[k]! += from.codeless.edits[k]!;
  addAll(into.audience, from.audience);
  for (const [target, source] of zip(standing(into), standing(from))) {
    for (let index = 0; index < target.length; index += 1) target[index]! += source[index]!;
  }
  for (const key of tallyNames(into.tallies)) addAll(into.tallies[key], from.tallies[key]);
}

export const CODELESS_COUNTS = ['leads', 'keptGreeting', 'otherWords'] as const;
export const PASSED_ON_COUNTS = ['leads', 'keptGreeting', 'otherWords'] as const;

export function rateArrays(s: PlatformStatistics): readonly Float64Array[] {
  return [s.due, s.exposure, s.responses, s.keepers, s.losers, s.organicHours];
}

export function shapeArrays(s: PlatformStatistics): readonly Float64Array[] {
  return [s.delays, s.reached, s.edits, s.views, s.forwardDelays];
}

/** Sums over accounts as they stand: made anew each time, and never faded. */
export function standing(s: PlatformStatistics): readonly Float64Array[] {
  return [s.dayPairs, s.lossSpread, s.organicSpread];
}

export function scalarNames(scalars: PlatformScalars): readonly (keyof PlatformScalars)[] {
  return Object.keys(scalars) as (keyof PlatformScalars)[];
}

export function tallyNames(tallies: PlatformTallies): readonly (keyof PlatformTallies)[] {
  return Object.keys(tallies) as (keyof PlatformTallies)[];
}

export function scale(values: Float64Array, factor: number): void {
  for (let index = 0; index < values.length; index += 1) values[index]! *= factor;
}

function zip<A, B>(a: readonly A[], b: readonly B[]): readonly (readonly [A, B])[] {
  return a.map((each, index) => [each, b[index]!]);
}
