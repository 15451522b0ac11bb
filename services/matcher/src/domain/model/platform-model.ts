import type { Device } from '../touchpoint.ts';
import { type FirstSpread, strengthOf } from './account-spread.ts';
import { type Days, daysOf } from './day-link.ts';
import { createShiftTable, DELAY_BINS, delayEdge, logNormalShares, normalised, type ShiftTable, smoothed } from './delay-grid.ts';
import { meanLossOdds, mostLossOdds } from './loss-level.ts';
import { mixingTilt } from './mixing-share.ts';
import { createPlaces, type Places } from './places.ts';
import { type PlatformStatistics, REACHED_S } from './platform-statistics.ts';
import { BOT_BINS, botScoreOf, DEVICES, KINDS, kindOf, NETWORKS, STRATA, stratumOf } from './strata.ts';
import { count, name, total } from './tally.ts';

/**
 * What all accounts together teach: the parameters of one model version. Accounts add what their own log says (account-model.ts).
 * A pure function of its statistics, so the statistics are what model.v1 carries.
 */
export interface PlatformModel {
  /** 0: nothing learned, the priors alone. */
  readonly version: number;
  readonly statistics: PlatformStatistics;
  readonly places: Places;
  /** How often a click leads to a message that keeps its identifier, over all. */
  readonly rate: number;
  /** Worth of a click beside its account and campaign, by stratum; 1 on average over the clicks. */
  readonly worth: Float64Array;
  /** Probability that a writer has lost the identifier, by kind. */
  readonly loss: Float64Array;
  /** Shares of delays of keepers by device. */
  readonly keeperDelays: readonly Float64Array[];
  /** Shares of editing times. */
  readonly edits: Float64Array;
  /** What the anchor makes of the odds of messages in words of their own while it is learned from them (mixing-share.ts). */
  readonly tilt: number;
  readonly shifts: ShiftTable;
  /** Of people whose click carried no code: shares of times beyond the usual delay, and how many keep the greeting. */
  readonly codeless: { readonly edits: Float64Array; readonly keptGreeting: number };
  /** Of leads that kept their code, how many send their message on to somebody who writes without it, and how many of those keep the greeting. */
  readonly passedOn: { readonly rate: number; readonly keptGreeting: number };
  /** Losers who keep the greeting; messages of no click that hold one; keepers with another click's greeting. */
  readonly keptGreeting: number;
  readonly organicGreeting: number;
  readonly otherGreeting: number;
  /** Leads forwarded per lead, and after what time. */
  readonly forwardRate: number;
  readonly forwardDelays: Float64Array;
  /** Messages of no click per lead that came from one. */
  readonly organicRatio: number;
  /** Of the messages of no click, per hour of the day (UTC); mean 1. */
  readonly organicHours: Float64Array;
  readonly days: Days;
  /** What stands behind the platform's rate when an account's own is told: expected losers, expected messages of no click (account-spread.ts). */
  readonly lossStrength: number;
  readonly organicStrength: number;
  /** P(device that the message shows | device of the click), by name; and of any message. */
  readonly hint: (click: string, message: string) => number;
  readonly hintShare: (message: string) => number;
}

/** A click leads to a message that keeps its identifier this often, before anything is known; worth fifty visits. */
const RATE_PRIOR = { rate: 0.19, visits: 50 };
/** Accounts differ in how often the code is lost: a text that asks to leave it, customers who rewrite whatever stands there. By a third, at first. */
export const LOSS_SPREAD: FirstSpread = { strength: 8, accounts: 3 };
/** And more in how many write who followed no click. */
export const ORGANIC_SPREAD: FirstSpread = { strength: 3, accounts: 3 };
/** Pseudo-leads behind the neutral value of a stratum's worth. */
const WORTH_PRIOR = 20;
const CELL_PRIOR = 30;
const LOSS_STRATUM_PRIOR = 15;
const DELAY_PRIOR = 30;
const DEVICE_DELAY_PRIOR = 60;
/**
 * Losers behind the prior of editing times: few, because nothing is known of who deletes the code, and quick ones. Forty of them, a seventh beyond four minutes,
 * held those of slow people back and gave those of quick people messages of no click.
 */
const EDIT_PRIOR = 6;
const CODELESS_EDIT_PRIOR = 40;
/** Who has no code to delete mostly sends what stands there. */
const CODELESS_EDIT_SHARES = [0.7, 0.05, 0.05, 0.05, 0.05, 0.03, 0.02, 0.02, 0.02, 0.01];
const CODELESS_GREETING = { kept: 12, leads: 20 };
/**
 * Of a hundred leads: next to none, because where nobody sends anything on, all that is given to it is taken from others; with ten times as many, small accounts
 * lost up to .013 of the oracle's loss, and where it happens it is found from either. As many keep the greeting as not, because nothing is known of them.
 */
const PASSED_ON_PRIOR = { passed: 0.02, leads: 100, kept: 3, messages: 6 };
const EDIT_SHARES = [0.3, 0.16, 0.18, 0.17, 0.13, 0.045, 0.008, 0.004, 0.002, 0.001];
/** A greeting recognised that another click showed: mistakes of recognition, at least e^-12. */
const OTHER_GREETING_FLOOR = Math.exp(-12);

const PRIOR_MIXTURE = [
  [0.6, 30, 1.2],
  [0.25, 600, 1.3],
  [0.15, 14_400, 1.3],
] as const;
const PRIOR_DESKTOP = [
  [0.6, 60, 1.2],
  [0.25, 600, 1.3],
  [0.15, 14_400, 1.3],
] as const;

const SHIFTS = createShiftTable();

export function derivePlatform(statistics: PlatformStatistics, version: number): PlatformModel {
  const { scalars, tallies } = statistics;
  const loss = lossOf(statistics);
  const rate = (RATE_PRIOR.rate * RATE_PRIOR.visits + sum(statistics.responses)) / (RATE_PRIOR.visits + sum(statistics.due));
  const forwardCount = sum(statistics.forwardDelays);
  return {
    version,
    statistics,
    places: createPlaces(tallies, statistics.views, statistics.audience),
    rate,
    worth: worthOf(statistics, rate),
    loss,
    keeperDelays: delaysOf(statistics),
    edits: normalised(statistics.edits.map((value, k) => value + EDIT_PRIOR * EDIT_SHARES[k]!)),
    shifts: SHIFTS,
    tilt: mixingTilt(statistics.anchor),
    codeless: codelessOf(statistics),
    passedOn: passedOnOf(statistics),
    keptGreeting: (6 + scalars.keptGreeting) / (20 + scalars.keptGreeting + scalars.otherWords),
    organicGreeting: (1 + scalars.organicGreeting) / (50 + scalars.organicGreeting + scalars.organicWords),
    otherGreeting: Math.max(OTHER_GREETING_FLOOR, scalars.otherGreeting / (1_000 + scalars.sameGreeting + scalars.otherGreeting)),
    forwardRate: (1 + scalars.forwards) / (100 + sum(statistics.keepers)),
    forwardDelays: smoothed(
      normalised(logNormalShares([[1, 18_000, 1.5]]).map((share, bin) => 20 * share + statistics.forwardDelays[bin]!)),
      forwardCount > 200 ? 1.5 : 3,
    ),
    organicRatio:
      (3 + scalars.organic) /
      (30 + (sum(statistics.keepers) + statistics.keepersElsewhere) / (1 - meanLoss(statistics)) + statistics.codeless.leads),
    organicHours: hoursOf(statistics),
    days: daysOf(statistics.dayPairs),
    lossStrength: strengthOf(statistics.lossSpread, LOSS_SPREAD),
    organicStrength: strengthOf(statistics.organicSpread, ORGANIC_SPREAD),
    ...hintsOf(statistics),
  };
}

function codelessOf({ codeless }: PlatformStatistics): PlatformModel['codeless'] {
  const { kept, leads } = CODELESS_GREETING;
  return {
    edits: normalised(codeless.edits.map((value, k) => value + CODELESS_EDIT_PRIOR * CODELESS_EDIT_SHARES[k]!)),
    keptGreeting: (kept + codeless.keptGreeting) / (leads + codeless.keptGreeting + codeless.otherWords),
  };
}

function passedOnOf({ passedOn, scalars }: PlatformStatistics): PlatformModel['passedOn'] {
  const { passed, leads, kept, messages } = PASSED_ON_PRIOR;
  return {
    rate: (passed + passedOn.leads) / (leads + scalars.identified),
    keptGreeting: (kept + passedOn.keptGreeting) / (messages + passedOn.keptGreeting + passedOn.otherWords),
  };
}

function sum(values: Float64Array): number {
  let result = 0;
  for (const value of values) result += value;
  return result;
}

/**
 * Multiplicative: device, network and bot score each have a factor, fitted in turn with the others held (iterative proportional fitting),
 * each drawn to its prior by `WORTH_PRIOR` expected leads; what their product misses in a single cell is added last.
 */
function worthOf({ due, exposure, responses }: PlatformStatistics, rate: number): Float64Array {
  const device = new Float64Array(DEVICES.length).fill(1);
  const network = new Float64Array(NETWORKS.length).fill(1);
  const botPrior = Float64Array.from({ length: BOT_BINS }, (_, bin) => 1 - 0.95 * (botScoreOf(bin) ?? 0));
  const bot = botPrior.slice();
  const cell = (each: (d: number, n: number, b: number, at: number) => void) => {
    for (let d = 0; d < DEVICES.length; d += 1)
      for (let n = 0; n < NETWORKS.length; n += 1) for (let b = 0; b < BOT_BINS; b += 1) each(d, n, b, stratumOf(kindOf(d, n), b));
  };
  const refit = (factor: Float64Array, prior: (level: number) => number, pick: (d: number, n: number, b: number) => number) => {
    const expected = new Float64Array(factor.length);
    const found = new Float64Array(factor.length);
    cell((d, n, b, at) => {
      const level = pick(d, n, b);
      expected[level]! += (rate * exposure[at]! * device[d]! * network[n]! * bot[b]!) / factor[level]!;
      found[level]! += responses[at]!;
    });
    for (let level = 0; level < factor.length; level += 1) {
      factor[level] = (WORTH_PRIOR * prior(level) + found[level]!) / (WORTH_PRIOR + expected[level]!);
    }
  };
  for (let round = 0; round < 6; round += 1) {
    refit(
      bot,
      (level) => botPrior[level]!,
      (_d, _n, b) => b,
    );
    refit(
      device,
      () => 1,
      (d) => d,
    );
    refit(
      network,
      () => 1,
      (_d, n) => n,
    );
  }
  const worth = new Float64Array(STRATA);
  cell((d, n, b, at) => {
    const product = device[d]! * network[n]! * bot[b]!;
    worth[at] = (product * (CELL_PRIOR + responses[at]!)) / (CELL_PRIOR + rate * exposure[at]! * product);
  });
  // Its level is the rate's: were it free, worth and the factors of the accounts would chase each other.
  let clicks = 0;
  let mean = 0;
  cell((_d, _n, _b, at) => {
    clicks += due[at]!;
    mean += due[at]! * worth[at]!;
  });
  return clicks > 0 && mean > 0 ? worth.map((each) => (each * clicks) / mean) : worth;
}

function meanLoss({ keepers, losers, scalars, keepersElsewhere }: PlatformStatistics): number {
  const odds = meanLossOdds(sum(keepers) + keepersElsewhere, sum(losers) + scalars.losersElsewhere);
  return odds / (1 + odds);
}

/** Odds of losing against keeping: one level for all, times a factor of the device and one of the network. */
function lossOf(statistics: PlatformStatistics): Float64Array {
  const { keepers, losers } = statistics;
  const mean = meanLoss(statistics);
  const odds = mean / (1 - mean);
  const device = new Float64Array(DEVICES.length).fill(1);
  const network = new Float64Array(NETWORKS.length).fill(1);
  const listed = sum(losers);
  // Writers whose click has left the store are of no known kind: the others stand for them.
  const perListed = listed > 0 ? (listed + statistics.scalars.losersElsewhere) / listed : 1;
  const kept = sum(keepers);
  const perKept = kept > 0 ? (kept + statistics.keepersElsewhere) / kept : 1;
  const refit = (factor: Float64Array, pick: (d: number, n: number) => number) => {
    const expected = new Float64Array(factor.length);
    const found = new Float64Array(factor.length);
    for (let d = 0; d < DEVICES.length; d += 1) {
      for (let n = 0; n < NETWORKS.length; n += 1) {
        const level = pick(d, n);
        const kind = kindOf(d, n);
        expected[level]! += (keepers[kind]! * perKept * odds * device[d]! * network[n]!) / factor[level]!;
        found[level]! += losers[kind]! * perListed;
      }
    }
    for (let level = 0; level < factor.length; level += 1) {
      factor[level] = (LOSS_STRATUM_PRIOR + found[level]!) / (LOSS_STRATUM_PRIOR + expected[level]!);
    }
  };
  for (let round = 0; round < 4; round += 1) {
    refit(device, (d) => d);
    refit(network, (_d, n) => n);
  }
  const most = mostLossOdds(kept + statistics.keepersElsewhere);
  const loss = new Float64Array(KINDS);
  for (let d = 0; d < DEVICES.length; d += 1) {
    for (let n = 0; n < NETWORKS.length; n += 1) {
      const own = Math.min(most, odds * device[d]! * network[n]!);
      loss[kindOf(d, n)] = own / (1 + own);
    }
  }
  return loss;
}

function delaysOf({ delays, reached }: PlatformStatistics): readonly Float64Array[] {
  const counts = DEVICES.map((_, device) => uncensored(delays, reached, device));
  const all = new Float64Array(DELAY_BINS);
  for (const each of counts) for (let bin = 0; bin < DELAY_BINS; bin += 1) all[bin]! += each[bin]!;
  const mixture = withClockErrors(logNormalShares(PRIOR_MIXTURE));
  const desktop = withClockErrors(logNormalShares(PRIOR_DESKTOP));
  const learned = sum(all);
  const pooled = normalised(smoothed(all, kernelWidth(learned)));
  return DEVICES.map((device, index) => {
    const own = counts[index]!;
    const prior = device === 'desktop' ? desktop : mixture;
    const soft = smoothed(own, kernelWidth(sum(own)));
    return normalised(
      prior.map(
        (share, bin) => soft[bin]! + DEVICE_DELAY_PRIOR * (learned > 0 ? pooled[bin]! : 0) + DELAY_PRIOR * share * fadeOut(learned),
      ),
    );
  });
}

/**
 * Messengers cut the second off, and their clocks and ours differ: one message in so many seems to come before its click. Were that impossible
 * until it has been seen, such a message would be said to come from no click for certain.
 */
const BEFORE_CLICK = 1 / 250;

function withClockErrors(shares: Float64Array): Float64Array {
  return shares.map((share, bin) => (bin === 0 ? BEFORE_CLICK : share * (1 - BEFORE_CLICK)));
}

/** The prior's pseudo-observations, less of them once there are thousands of real ones: a wrong prior must not hold the tail up for ever. */
function fadeOut(learned: number): number {
  return 1 / (1 + learned / 1_000);
}

/** Wide where there is little: about one bin (a fifth of the delay) from ten thousand observations on. */
export function kernelWidth(observations: number): number {
  return 0.8 + 2.5 / Math.sqrt(1 + observations / 100);
}

/**
 * Young clicks have not had the time for a long delay: counts are divided by the share of clicks that got old enough. Between two ages as many are lost in each hour as in the next, as they are where clicks
 * come evenly: were all of what is between twelve hours and three days taken for three days old, on the fourth day of an account each lead of the second counted for ten.
 */
function uncensored(delays: Float64Array, reached: Float64Array, device: number): Float64Array {
  const steps = REACHED_S.length + 1;
  const clicks = reached[device * steps]!;
  return Float64Array.from({ length: DELAY_BINS }, (_, bin) => {
    const found = delays[device * DELAY_BINS + bin]!;
    const toS = delayEdge(bin + 1);
    const step = REACHED_S.findIndex((ageS) => ageS >= toS - 1e-6);
    const fromS = step > 0 ? REACHED_S[step - 1]! : 0;
    const before = reached[device * steps + step]!;
    const part = Math.min(1, Math.max(0, toS - fromS) / (REACHED_S[step]! - fromS));
    const old = before + part * (reached[device * steps + step + 1]! - before);
    return clicks > 0 && old > 0 ? found / Math.max(0.05, Math.min(1, old / clicks)) : found;
  });
}

function hoursOf({ organicHours }: PlatformStatistics): Float64Array {
  const all = sum(organicHours);
  return organicHours.map((value) => ((50 / 24 + value) / (50 + all)) * 24);
}

function hintsOf({ tallies }: PlatformStatistics): Pick<PlatformModel, 'hint' | 'hintShare'> {
  const seen = (click: string, message: string) => count(tallies.hint, name(click, message));
  const byClick = new Map(
    DEVICES.map((click) => {
      const all = DEVICES.reduce((sum, message) => sum + seen(click, message), 0);
      const shares = DEVICES.map((message) => (10 * (click === message ? 0.8 : 0.1) + seen(click, message)) / (10 + all));
      return [click, new Map(DEVICES.map((message, index) => [message as string, shares[index]!]))];
    }),
  );
  const all = total(tallies.hint);
  const shares = new Map(
    DEVICES.map((message) => [message as string, (10 / 3 + DEVICES.reduce((sum, click) => sum + seen(click, message), 0)) / (10 + all)]),
  );
  return {
    hint: (click, message) => byClick.get(click as Device)?.get(message) ?? 1,
    hintShare: (message) => shares.get(message) ?? 1,
  };
}
