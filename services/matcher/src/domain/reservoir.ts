import type { AccountMatching } from './account-matching.ts';
import { greetingFactor } from './click-odds.ts';
import { CODELESS, profileAt, slotOf } from './click-store.ts';
import type { Concluded } from './concluded.ts';
import { type Greeting, greetingOf, type Marks } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { delayGroup } from './model/delay-curve.ts';
import { DELAY_BINS, DELAY_GROUP, DELAY_GROUPS, delayBin, EDIT_SECONDS, shifted } from './model/delay-grid.ts';
import type { PlatformModel } from './model/platform-model.ts';
import { type CodelessStatistics, RATE_HALF_LIFE_MS, SHAPE_HALF_LIFE_MS } from './model/platform-statistics.ts';
import { DEVICES, deviceOf, KINDS } from './model/strata.ts';
import { add, type Tally } from './model/tally.ts';
import type { Posterior } from './posterior.ts';

/** Options below it teach nothing that can be measured. */
const LEAST = 2e-3;

const GREETINGS: readonly Greeting[] = ['same', 'other', 'words', 'silent'];

/** Device and network, bin of the delay, what the greeting says and whether the click carried no code, in one number. */
function placeOf({ kind, bin, greeting, isCodeless }: Place): number {
  const words = GREETINGS.indexOf(greeting) + (isCodeless ? GREETINGS.length : 0);
  return (words * DELAY_BINS + bin) * KINDS + kind;
}

interface Place {
  readonly kind: number;
  readonly bin: number;
  readonly greeting: Greeting;
  readonly isCodeless: boolean;
}

/** The parts of a place one by one: every model asks for those of all options of a reservoir, and objects for them were a fourteenth of all garbage. */
function kindAt(place: number): number {
  return place % KINDS;
}

function binAt(place: number): number {
  return Math.floor(place / KINDS) % DELAY_BINS;
}

/** Index of the greeting, that many further for a click without a code. */
function wordAt(place: number): number {
  return Math.floor(place / (KINDS * DELAY_BINS));
}

export function conclude(account: AccountMatching, model: AccountModel, marks: Marks, answer: Posterior): Concluded {
  const { clicks, variants } = account;
  const c = clicks.columns;
  const hour = new Date(marks.timeMs).getUTCHours();
  const perS = 1 / (answer.organicPerS * answer.burst);
  const options: number[] = [];
  const campaigns: string[] = [];
  const listed = new Float64Array(2 * DELAY_GROUPS);
  for (const { click, odds, probability } of answer.options) {
    if (probability < LEAST) continue;
    const slot = slotOf(clicks, click);
    const profile = profileAt(clicks, slot);
    const delayS = (marks.timeMs - c.clickedAtMs[slot]!) / 1_000;
    const bin = delayBin(delayS);
    if (bin < 0) continue;
    const isCodeless = (c.flags[slot]! & CODELESS) !== 0;
    listed[isCodeless ? delayGroup(delayS) + DELAY_GROUPS : delayGroup(delayS)]! += odds;
    const greeting = greetingOf(marks, c.variant[slot]!, profile.source.placement);
    const place = placeOf({ kind: profile.kind, bin, greeting, isCodeless });
    options.push(odds / (factorAt(model, place, variants) * perS), place);
    if (isCodeless) campaigns.push(profile.campaign);
  }
  const rest: number[] = [];
  answer.byDelay.forEach((odds, group) => {
    const left = odds - listed[group]!;
    if (left / answer.total < LEAST / 10) return;
    const isCodeless = group >= DELAY_GROUPS;
    const bin = (group % DELAY_GROUPS) * DELAY_GROUP + DELAY_GROUP / 2;
    const at = isCodeless ? bin + DELAY_BINS : bin;
    rest.push(left / (unlistedAt(model, at, marks.wording) * perS), at);
  });
  const { timeMs, country, wording } = marks;
  const named = campaigns.length === 0 ? NO_CAMPAIGNS : campaigns;
  return { timeMs, weight: 1, hour, country, wording, variants, burst: answer.burst, options, campaigns: named, rest };
}

const NO_CAMPAIGNS: readonly string[] = [];

/** The learned parts of the odds of clicks beyond the listed ones: those rarely showed the message's own greeting, which would stand out. */
function unlistedAt(model: AccountModel, bin: number, wording: Marks['wording']): number {
  const isCodeless = bin >= DELAY_BINS;
  const greeting = wording === 'other' ? greetingFactor(model, 1, 'words', isCodeless) : 1;
  if (isCodeless) return model.codeless(UNKNOWN_DEVICE).density[bin - DELAY_BINS]! * greeting;
  return meanLossOdds(model) * greeting * model.lose(UNKNOWN_DEVICE).density[bin]!;
}

const UNKNOWN_DEVICE = 3;

function lossOdds(model: AccountModel, kind: number): number {
  return model.lossOdds()[kind]!;
}

export function meanLossOdds(model: AccountModel): number {
  return lossOdds(model, KINDS - 1);
}

/** The learned parts of the odds of an option at a place. Of a click without a code nothing can be lost: it writes as often as its kind does, with its code or without. */
export function factorAt(model: AccountModel, place: number, variants: number): number {
  const kind = kindAt(place);
  const bin = binAt(place);
  const word = wordAt(place);
  const isCodeless = word >= GREETINGS.length;
  const said = greetingFactor(model, variants, GREETINGS[word % GREETINGS.length]!, isCodeless);
  const device = deviceOf(kind);
  if (isCodeless) return model.codeless(device).density[bin]! * said;
  return lossOdds(model, kind) * model.lose(device).density[bin]! * said;
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
  readonly codeless: CodelessStatistics;
  /** Leads of clicks without a code by campaign, as many as would have kept one: on a footing with `responses` of an account. */
  readonly responses: Tally;
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
    codeless: { leads: 0, keptGreeting: 0, otherWords: 0, edits: new Float64Array(EDIT_SECONDS.length) },
    responses: new Map(),
  };
}

/**
 * What every option of a reservoir asks of its model, asked once: a new model explains hundreds of messages with some ten options each, and a curve, a
 * greeting's factor and the parts of editing times looked up for each of them were half of the work.
 */
interface Factors {
  readonly lossOdds: Float64Array;
  readonly meanLossOdds: number;
  /** By device: density at each bin; of clicks without a code when the first of them is met. */
  readonly lost: readonly Float64Array[];
  codeless: readonly Float64Array[] | undefined;
  /** By greeting, of clicks without a code behind; as many greetings as `variants`. */
  readonly said: Float64Array;
  variants: number;
  readonly editParts: readonly Float64Array[];
  readonly codelessEditParts: readonly Float64Array[];
}

const ALL_DEVICES = DEVICES.map((_, device) => device);

function factorsOf(model: AccountModel): Factors {
  const { platform } = model;
  return {
    lossOdds: model.lossOdds(),
    meanLossOdds: meanLossOdds(model),
    lost: ALL_DEVICES.map((device) => model.lose(device).density),
    codeless: undefined,
    said: new Float64Array(2 * GREETINGS.length),
    variants: Number.NaN,
    editParts: editParts(platform, platform.edits),
    codelessEditParts: editParts(platform, platform.codeless.edits),
  };
}

function codelessDensity(factors: Factors, model: AccountModel, device: number): Float64Array {
  factors.codeless ??= ALL_DEVICES.map((each) => model.codeless(each).density);
  return factors.codeless[device]!;
}

function turnToVariants(factors: Factors, model: AccountModel, variants: number): void {
  factors.variants = variants;
  GREETINGS.forEach((greeting, at) => {
    factors.said[at] = greetingFactor(model, variants, greeting, false);
    factors.said[at + GREETINGS.length] = greetingFactor(model, variants, greeting, true);
  });
}

/** Scratch of one message: odds of its options, and of its other clicks by delay. */
let ofOptions = new Float64Array(32);
let ofRest = new Float64Array(32);

const SAME = GREETINGS.indexOf('same');
const OTHER = GREETINGS.indexOf('other');
const WORDS = GREETINGS.indexOf('words');

/** The expectation step for one message under a model. */
function expect(into: Expected, model: AccountModel, factors: Factors, concluded: Concluded, nowMs: number): void {
  // As much as everything else of its age: rates of identified leads fade too, and a ratio of the two must not drift.
  const rate = concluded.weight * faded(concluded.timeMs, nowMs, RATE_HALF_LIFE_MS);
  const shape = concluded.weight * faded(concluded.timeMs, nowMs, SHAPE_HALF_LIFE_MS);
  const { options, rest: others, hour, country, wording, variants } = concluded;
  if (factors.variants !== variants) turnToVariants(factors, model, variants);
  const { said, lossOdds: losses, lost } = factors;
  const perS = 1 / (model.organicPerS()[hour]! * concluded.burst);
  if (ofRest.length < others.length) ofRest = new Float64Array(others.length);
  // Clicks beyond the listed ones rarely showed the message's own greeting: they say `words` or nothing, however many greetings there are.
  const ofKeepers = wording === 'other' ? said[WORDS]! : 1;
  const ofCodeless = wording === 'other' ? said[WORDS + GREETINGS.length]! : 1;
  let rest = 0;
  let codelessRest = 0;
  for (let at = 0; at < others.length; at += 2) {
    const bin = others[at + 1]!;
    if (bin < DELAY_BINS) {
      const odds = others[at]! * (factors.meanLossOdds * ofKeepers * lost[UNKNOWN_DEVICE]![bin]!) * perS;
      ofRest[at] = odds;
      rest += odds;
    } else {
      const odds = others[at]! * (codelessDensity(factors, model, UNKNOWN_DEVICE)[bin - DELAY_BINS]! * ofCodeless) * perS;
      ofRest[at] = odds;
      codelessRest += odds;
    }
  }
  const count = options.length / 2;
  if (ofOptions.length < count) ofOptions = new Float64Array(count);
  let total = 1 + rest + codelessRest;
  let codelessListed = 0;
  for (let index = 0; index < count; index += 1) {
    const place = options[2 * index + 1]!;
    const kind = kindAt(place);
    const bin = binAt(place);
    const device = deviceOf(kind);
    const word = wordAt(place);
    const isCodeless = word >= GREETINGS.length;
    const factor = isCodeless
      ? codelessDensity(factors, model, device)[bin]! * said[word]!
      : losses[kind]! * lost[device]![bin]! * said[word]!;
    const odds = options[2 * index]! * factor * perS;
    ofOptions[index] = odds;
    total += odds;
    if (isCodeless) codelessListed += odds;
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
  for (let at = 0; at < others.length; at += 2) {
    const bin = others[at + 1]!;
    const share = ofRest[at]! / total;
    if (bin < DELAY_BINS) addParts(into.edits, factors.editParts[UNKNOWN_DEVICE]!, bin, shape * share);
    else addParts(into.codeless.edits, factors.codelessEditParts[UNKNOWN_DEVICE]!, bin - DELAY_BINS, shape * share);
  }
  const { codeless } = into;
  codeless.leads += (rate * codelessRest) / total;
  if (wording === 'other') codeless.otherWords += (rate * codelessRest) / total;
  // Clicks without a code beyond the listed ones are taken to be of the campaigns of those.
  const perListed = 1 + (codelessListed > 0 ? codelessRest / codelessListed : 0);
  let named = 0;
  for (let index = 0; index < count; index += 1) {
    const share = ofOptions[index]! / total;
    const place = options[2 * index + 1]!;
    const kind = kindAt(place);
    const bin = binAt(place);
    const word = wordAt(place);
    if (word >= GREETINGS.length) {
      const greeting = word - GREETINGS.length;
      codeless.leads += rate * share;
      if (greeting === SAME) codeless.keptGreeting += rate * share;
      if (greeting === WORDS || greeting === OTHER) codeless.otherWords += rate * share;
      addParts(codeless.edits, factors.codelessEditParts[deviceOf(kind)]!, bin, shape * share);
      add(into.responses, concluded.campaigns[named]!, (rate * share * perListed) / (1 + losses[kind]!));
      named += 1;
      continue;
    }
    into.losers[kind]! += rate * share;
    if (word === SAME) into.keptGreeting += rate * share;
    if (word === WORDS || word === OTHER) into.otherWords += rate * share;
    addParts(into.edits, factors.editParts[deviceOf(kind)]!, bin, shape * share);
  }
}

function addParts(into: Float64Array, parts: Float64Array, bin: number, share: number): void {
  for (let k = 0; k < EDIT_SECONDS.length; k += 1) into[k]! += share * parts[bin * EDIT_SECONDS.length + k]!;
}

const partsOf = new WeakMap<Float64Array, readonly Float64Array[]>();

/**
 * By device: for each bin the part of each editing time in the losers' delays. Of the platform's delays and not of the account's: how long people
 * take to delete a code is one distribution for all, and working it out for each account anew took a tenth of all time.
 */
function editParts(platform: PlatformModel, edits: Float64Array): readonly Float64Array[] {
  const known = partsOf.get(edits);
  if (known !== undefined) return known;
  const { shifts } = platform;
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
  partsOf.set(edits, made);
  return made;
}

/** All messages of an account's reservoir under its model. */
export function expectation(concluded: readonly Concluded[], model: AccountModel, nowMs: number): Expected {
  const expected = noExpectation();
  const factors = factorsOf(model);
  for (const each of concluded) expect(expected, model, factors, each, nowMs);
  return expected;
}

function faded(timeMs: number, nowMs: number, halfLifeMs: number): number {
  return 2 ** -(Math.max(0, nowMs - timeMs) / halfLifeMs);
}
