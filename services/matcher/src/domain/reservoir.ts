import type { AccountMatching } from './account-matching.ts';
import { greetingFactor } from './click-odds.ts';
import { profileAt, slotOf } from './click-store.ts';
import type { Concluded } from './concluded.ts';
import { type Greeting, greetingOf, type Marks } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { delayGroup } from './model/delay-curve.ts';
import { DELAY_BINS, DELAY_GROUP, DELAY_GROUPS, delayBin, EDIT_SECONDS, shifted } from './model/delay-grid.ts';
import type { PlatformModel } from './model/platform-model.ts';
import { RATE_HALF_LIFE_MS, SHAPE_HALF_LIFE_MS } from './model/platform-statistics.ts';
import { KINDS, NETWORKS } from './model/strata.ts';
import { add, type Tally } from './model/tally.ts';
import type { Posterior } from './posterior.ts';

/** Enough for a share of losers known within a tenth; a busy account has them in days, and older ones go on as plain counts. */
export const RESERVOIR = 256;
const OLDEST_MS = 28 * 86_400_000;
/** Options below it teach nothing that can be measured. */
const LEAST = 2e-3;

const GREETINGS: readonly Greeting[] = ['same', 'other', 'words', 'silent'];

/** Device and network, bin of the delay and what the greeting says, in one number. */
function placeOf(kind: number, bin: number, greeting: Greeting): number {
  return (GREETINGS.indexOf(greeting) * DELAY_BINS + bin) * KINDS + kind;
}

export function conclude(account: AccountMatching, model: AccountModel, marks: Marks, answer: Posterior): Concluded {
  const { clicks, variants } = account;
  const c = clicks.columns;
  const hour = new Date(marks.timeMs).getUTCHours();
  const perS = 1 / (answer.organicPerS * answer.burst);
  const options: number[] = [];
  const listed = new Float64Array(DELAY_GROUPS);
  for (const { click, odds, probability } of answer.options) {
    if (probability < LEAST) continue;
    const slot = slotOf(clicks, click);
    const profile = profileAt(clicks, slot);
    const delayS = (marks.timeMs - c.clickedAtMs[slot]!) / 1_000;
    const bin = delayBin(delayS);
    if (bin < 0) continue;
    listed[delayGroup(delayS)]! += odds;
    const greeting = greetingOf(marks, c.variant[slot]!, profile.source.placement);
    const learned =
      lossOdds(model, profile.kind) * model.lose(profile.device).density[bin]! * greetingFactor(model, variants, greeting) * perS;
    options.push(odds / learned, placeOf(profile.kind, bin, greeting));
  }
  const rest: number[] = [];
  const usual = meanLossOdds(model) * perS * unlistedGreeting(model, marks.wording);
  answer.byDelay.forEach((odds, group) => {
    const left = odds - listed[group]!;
    if (left / answer.total < LEAST / 10) return;
    const bin = group * DELAY_GROUP + DELAY_GROUP / 2;
    rest.push(left / (usual * model.lose(UNKNOWN_DEVICE).density[bin]!), bin);
  });
  return { timeMs: marks.timeMs, hour, country: marks.country, wording: marks.wording, variants, burst: answer.burst, options, rest };
}

/** Clicks beyond the listed ones rarely showed the message's own greeting: those stand out. */
function unlistedGreeting(model: AccountModel, wording: Marks['wording']): number {
  return wording === 'other' ? greetingFactor(model, 1, 'words') : 1;
}

const UNKNOWN_DEVICE = 3;

function lossOdds({ platform }: AccountModel, kind: number): number {
  const loss = platform.loss[kind]!;
  return loss / (1 - loss);
}

export function meanLossOdds(model: AccountModel): number {
  return lossOdds(model, KINDS - 1);
}

/** The learned parts of the odds of an option at a place. */
export function factorAt(model: AccountModel, place: number, variants: number): number {
  const kind = place % KINDS;
  const bin = Math.floor(place / KINDS) % DELAY_BINS;
  const greeting = GREETINGS[Math.floor(place / (KINDS * DELAY_BINS))]!;
  const device = Math.floor(kind / NETWORKS.length);
  return lossOdds(model, kind) * model.lose(device).density[bin]! * greetingFactor(model, variants, greeting);
}

/** What messages without identifier are expected to be: sums of shares of their posteriors. */
export interface Expected {
  unidentified: number;
  organic: number;
  readonly organicHours: Float64Array;
  readonly organicHome: Tally;
  organicGreeting: number;
  organicWords: number;
  readonly losers: Float64Array;
  losersElsewhere: number;
  keptGreeting: number;
  otherWords: number;
  readonly edits: Float64Array;
}

export function noExpectation(): Expected {
  return {
    unidentified: 0,
    organic: 0,
    organicHours: new Float64Array(24),
    organicHome: new Map(),
    organicGreeting: 0,
    organicWords: 0,
    losers: new Float64Array(KINDS),
    losersElsewhere: 0,
    keptGreeting: 0,
    otherWords: 0,
    edits: new Float64Array(EDIT_SECONDS.length),
  };
}

let scratch = new Float64Array(32);

/** The expectation step for one message under a model. */
export function expect(into: Expected, model: AccountModel, concluded: Concluded, nowMs: number): void {
  // As much as everything else of its age: rates of identified leads fade too, and a ratio of the two must not drift.
  const rate = faded(concluded.timeMs, nowMs, RATE_HALF_LIFE_MS);
  const shape = faded(concluded.timeMs, nowMs, SHAPE_HALF_LIFE_MS);
  const { options, hour, country, wording, variants } = concluded;
  const perS = 1 / (model.organicPerS()[hour]! * concluded.burst);
  const usual = meanLossOdds(model) * perS * unlistedGreeting(model, wording);
  let rest = 0;
  for (let at = 0; at < concluded.rest.length; at += 2) {
    rest += concluded.rest[at]! * usual * model.lose(UNKNOWN_DEVICE).density[concluded.rest[at + 1]!]!;
  }
  const count = options.length / 2;
  if (scratch.length < count) scratch = new Float64Array(count);
  let total = 1 + rest;
  for (let index = 0; index < count; index += 1) {
    const odds = options[2 * index]! * factorAt(model, options[2 * index + 1]!, variants) * perS;
    scratch[index] = odds;
    total += odds;
  }
  const none = rate / total;
  into.unidentified += rate;
  into.organic += none;
  into.organicHours[hour]! += none;
  if (country !== '') add(into.organicHome, country, shape / total);
  if (wording === 'greeting') into.organicGreeting += none;
  if (wording === 'other') into.organicWords += none;
  into.losersElsewhere += (rate * rest) / total;
  if (wording === 'other') into.otherWords += (rate * rest) / total;
  for (let at = 0; at < concluded.rest.length; at += 2) {
    const bin = concluded.rest[at + 1]!;
    const share = (concluded.rest[at]! * usual * model.lose(UNKNOWN_DEVICE).density[bin]!) / total;
    addEdits(into, model, UNKNOWN_DEVICE, bin, shape * share);
  }
  for (let index = 0; index < count; index += 1) {
    const share = scratch[index]! / total;
    const place = options[2 * index + 1]!;
    const kind = place % KINDS;
    const bin = Math.floor(place / KINDS) % DELAY_BINS;
    const greeting = GREETINGS[Math.floor(place / (KINDS * DELAY_BINS))]!;
    into.losers[kind]! += rate * share;
    if (greeting === 'same') into.keptGreeting += rate * share;
    if (greeting === 'words' || greeting === 'other') into.otherWords += rate * share;
    addEdits(into, model, Math.floor(kind / NETWORKS.length), bin, shape * share);
  }
}

function addEdits(into: Expected, { platform }: AccountModel, device: number, bin: number, share: number): void {
  const parts = editParts(platform)[device]!;
  for (let k = 0; k < EDIT_SECONDS.length; k += 1) into.edits[k]! += share * parts[bin * EDIT_SECONDS.length + k]!;
}

const partsOf = new WeakMap<PlatformModel, readonly Float64Array[]>();

/**
 * By device: for each bin the part of each editing time in the losers' delays. Of the platform's delays and not of the account's: how long people
 * take to delete a code is one distribution for all, and working it out for each account anew took a tenth of all time.
 */
function editParts(platform: PlatformModel): readonly Float64Array[] {
  const known = partsOf.get(platform);
  if (known !== undefined) return known;
  const { edits, shifts } = platform;
  const made = platform.keeperDelays.map((keep) => {
    const parts = new Float64Array(DELAY_BINS * EDIT_SECONDS.length);
    const after = EDIT_SECONDS.map((_, k) => shifted(keep, shifts, k));
    for (let bin = 0; bin < DELAY_BINS; bin += 1) {
      const sum = after.reduce((total, shares, k) => total + edits[k]! * shares[bin]!, 0);
      if (sum === 0) continue;
      parts.set(
        after.map((shares, k) => (edits[k]! * shares[bin]!) / sum),
        bin * EDIT_SECONDS.length,
      );
    }
    return parts;
  });
  partsOf.set(platform, made);
  return made;
}

/** All messages of an account's reservoir under its model. */
export function expectation(concluded: readonly Concluded[], model: AccountModel, nowMs: number): Expected {
  const expected = noExpectation();
  for (const each of concluded) expect(expected, model, each, nowMs);
  return expected;
}

function faded(timeMs: number, nowMs: number, halfLifeMs: number): number {
  return 2 ** -(Math.max(0, nowMs - timeMs) / halfLifeMs);
}

/** Adds a message; returns those that make place for it. */
export function put(concluded: Concluded[], added: Concluded): readonly Concluded[] {
  concluded.push(added);
  let gone = Math.max(0, concluded.length - RESERVOIR);
  while (gone < concluded.length && concluded[gone]!.timeMs < added.timeMs - OLDEST_MS) gone += 1;
  return gone === 0 ? NOBODY : concluded.splice(0, gone);
}

const NOBODY: readonly Concluded[] = [];
