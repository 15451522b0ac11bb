import type { AccountMatching } from './account-matching.ts';
import { greetingFactor, WAYS, type Way } from './click-odds.ts';
import { CLAIMED, type ClickStore, CODELESS, profileAt, slotOf } from './click-store.ts';
import type { Concluded } from './concluded.ts';
import { type Greeting, greetingOf, type Marks } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { delayGroup } from './model/delay-curve.ts';
import { DELAY_BINS, DELAY_GROUP, DELAY_GROUPS, delayBin, EDIT_SECONDS, shifted } from './model/delay-grid.ts';
import type { PlatformModel } from './model/platform-model.ts';
import { type CodelessStatistics, type PassedOnStatistics, RATE_HALF_LIFE_MS, SHAPE_HALF_LIFE_MS } from './model/platform-statistics.ts';
import { DEVICES, deviceOf, KINDS } from './model/strata.ts';
import { add, type Tally } from './model/tally.ts';
import type { Posterior } from './posterior.ts';

/** Options below it teach nothing that can be measured. */
const LEAST = 2e-3;

const GREETINGS: readonly Greeting[] = ['same', 'other', 'words', 'silent'];

/** Device and network, bin of the delay, what the greeting says and how the message came from the click, in one number. */
function placeOf({ kind, bin, greeting, way }: Place): number {
  const words = GREETINGS.indexOf(greeting) + GREETINGS.length * WAYS.indexOf(way);
  return (words * DELAY_BINS + bin) * KINDS + kind;
}

interface Place {
  readonly kind: number;
  readonly bin: number;
  readonly greeting: Greeting;
  readonly way: Way;
}

/** The parts of a place one by one: every model asks for those of all options of a reservoir, and objects for them were a fourteenth of all garbage. */
function kindAt(place: number): number {
  return place % KINDS;
}

function binAt(place: number): number {
  return Math.floor(place / KINDS) % DELAY_BINS;
}

/** Index of the greeting, so many further for each of `WAYS`. */
function wordAt(place: number): number {
  return Math.floor(place / (KINDS * DELAY_BINS));
}

/** After so many words come those of clicks without a code, after so many those of messages that were sent on; the same of bins. */
const CODELESS_WORDS = GREETINGS.length;
const PASSED_WORDS = 2 * GREETINGS.length;
const CODELESS_BINS = DELAY_BINS;
const PASSED_BINS = 2 * DELAY_BINS;

/** The way that is likelier by far: whoever wrote with the code hardly writes again without it, and as somebody else. */
function wayOf({ columns: c }: ClickStore, slot: number, timeMs: number): Way {
  if ((c.flags[slot]! & CODELESS) !== 0) return 'codeless';
  return (c.flags[slot]! & CLAIMED) !== 0 && c.takenAtMs[slot]! <= timeMs ? 'passed_on' : 'lost';
}

/** `asFree`: the click that was seen as not taken, the truth of a test. */
export function conclude(account: AccountMatching, model: AccountModel, marks: Marks, answer: Posterior, asFree = -1): Concluded {
  const { clicks, variants } = account;
  const c = clicks.columns;
  const hour = new Date(marks.timeMs).getUTCHours();
  const perS = 1 / (answer.organicPerS * answer.burst);
  const options: number[] = [];
  const campaigns: string[] = [];
  const listed = new Float64Array(WAYS.length * DELAY_GROUPS);
  for (const { click, odds, probability } of answer.options) {
    if (probability < LEAST) continue;
    const slot = slotOf(clicks, click);
    const profile = profileAt(clicks, slot);
    const way = click === asFree ? 'lost' : wayOf(clicks, slot, marks.timeMs);
    const delayS = (marks.timeMs - (way === 'passed_on' ? c.takenAtMs[slot]! : c.clickedAtMs[slot]!)) / 1_000;
    const bin = delayBin(delayS);
    if (bin < 0) continue;
    listed[delayGroup(delayS) + DELAY_GROUPS * WAYS.indexOf(way)]! += odds;
    const greeting = greetingOf(marks, c.variant[slot]!, profile.source.placement);
    const place = placeOf({ kind: profile.kind, bin, greeting, way });
    options.push(odds / (factorAt(model, place, variants) * perS), place);
    if (way === 'codeless') campaigns.push(profile.campaign);
  }
  const rest: number[] = [];
  answer.byDelay.forEach((odds, group) => {
    const left = odds - listed[group]!;
    if (left / answer.total < LEAST / 10) return;
    const bin = (group % DELAY_GROUPS) * DELAY_GROUP + DELAY_GROUP / 2;
    const at = bin + DELAY_BINS * Math.floor(group / DELAY_GROUPS);
    rest.push(left / (unlistedAt(model, at, marks.wording) * perS), at);
  });
  const { timeMs, country, wording } = marks;
  const named = campaigns.length === 0 ? NO_CAMPAIGNS : campaigns;
  return { timeMs, weight: 1, hour, country, wording, variants, burst: answer.burst, options, campaigns: named, rest };
}

const NO_CAMPAIGNS: readonly string[] = [];

/** The learned parts of the odds of clicks beyond the listed ones: those rarely showed the message's own greeting, which would stand out. */
function unlistedAt(model: AccountModel, bin: number, wording: Marks['wording']): number {
  const way = WAYS[Math.floor(bin / DELAY_BINS)]!;
  const greeting = wording === 'other' ? greetingFactor(model, 1, 'words', way) : 1;
  if (way === 'passed_on') return model.platform.passedOn.rate * model.forwarded().density[bin - PASSED_BINS]! * greeting;
  if (way === 'codeless') return model.codeless(UNKNOWN_DEVICE).density[bin - CODELESS_BINS]! * greeting;
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
  const way = WAYS[Math.floor(word / GREETINGS.length)]!;
  const said = greetingFactor(model, variants, GREETINGS[word % GREETINGS.length]!, way);
  const device = deviceOf(kind);
  if (way === 'passed_on') return model.platform.passedOn.rate * model.forwarded().density[bin]! * said;
  if (way === 'codeless') return model.codeless(device).density[bin]! * said;
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
  readonly passedOn: PassedOnStatistics;
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
    passedOn: { leads: 0, keptGreeting: 0, otherWords: 0 },
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
  /** Of messages sent on: density at each bin times how many are. */
  readonly passedOn: Float64Array;
  /** By greeting, for each of `WAYS`; as many greetings as `variants`. */
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
    passedOn: model.forwarded().density.map((each) => each * platform.passedOn.rate),
    said: new Float64Array(WAYS.length * GREETINGS.length),
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
  let at = 0;
  for (const way of WAYS) {
    for (const greeting of GREETINGS) {
      factors.said[at] = greetingFactor(model, variants, greeting, way);
      at += 1;
    }
  }
}

/** Scratch of one message: odds of its options, and of its other clicks by delay. */
let ofOptions = new Float64Array(32);
let ofRest = new Float64Array(32);

const SAME = GREETINGS.indexOf('same');
const OTHER = GREETINGS.indexOf('other');
const WORDS = GREETINGS.indexOf('words');

/** The expectation step for one message under a model. */
function expect(into: Expected, model: AccountModel, factors: Factors, concluded: Concluded, nowMs: number, counted: number): void {
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
  const ofCodeless = wording === 'other' ? said[WORDS + CODELESS_WORDS]! : 1;
  const ofPassed = wording === 'other' ? said[WORDS + PASSED_WORDS]! : 1;
  let rest = 0;
  let codelessRest = 0;
  let passedRest = 0;
  for (let at = 0; at < others.length; at += 2) {
    const bin = others[at + 1]!;
    if (bin < DELAY_BINS) {
      const odds = others[at]! * (factors.meanLossOdds * ofKeepers * lost[UNKNOWN_DEVICE]![bin]!) * perS;
      ofRest[at] = odds;
      rest += odds;
    } else if (bin >= PASSED_BINS) {
      passedRest += others[at]! * (factors.passedOn[bin - PASSED_BINS]! * ofPassed) * perS;
    } else {
      const odds = others[at]! * (codelessDensity(factors, model, UNKNOWN_DEVICE)[bin - CODELESS_BINS]! * ofCodeless) * perS;
      ofRest[at] = odds;
      codelessRest += odds;
    }
  }
  const count = options.length / 2;
  if (ofOptions.length < count) ofOptions = new Float64Array(count);
  let total = 1 + rest + codelessRest + passedRest;
  let codelessListed = 0;
  for (let index = 0; index < count; index += 1) {
    const place = options[2 * index + 1]!;
    const kind = kindAt(place);
    const bin = binAt(place);
    const device = deviceOf(kind);
    const word = wordAt(place);
    let factor = said[word]!;
    if (word < CODELESS_WORDS) factor = losses[kind]! * lost[device]![bin]! * factor;
    else if (word < PASSED_WORDS) factor = codelessDensity(factors, model, device)[bin]! * factor;
    else factor *= factors.passedOn[bin]!;
    const odds = options[2 * index]! * factor * perS;
    ofOptions[index] = odds;
    total += odds;
    if (word >= CODELESS_WORDS && word < PASSED_WORDS) codelessListed += odds;
  }
  const none = rate / total;
  into.unidentified += rate;
  const usual = none * (1 - counted * (1 - usualPart(concluded.burst)));
  into.organic += usual;
  into.organicHours[hour]! += usual;
  if (country !== '') add(into.organicHome, country, shape / total);
  if (wording === 'greeting') into.organicGreeting += none;
  if (wording === 'other') into.organicWords += none;
  into.losersElsewhere += (rate * rest) / total;
  if (wording === 'other') into.otherWords += (rate * rest) / total;
  for (let at = 0; at < others.length; at += 2) {
    const bin = others[at + 1]!;
    const share = ofRest[at]! / total;
    if (bin < DELAY_BINS) addParts(into.edits, factors.editParts[UNKNOWN_DEVICE]!, bin, shape * share);
    else if (bin < PASSED_BINS)
      addParts(into.codeless.edits, factors.codelessEditParts[UNKNOWN_DEVICE]!, bin - CODELESS_BINS, shape * share);
  }
  const { codeless, passedOn } = into;
  passedOn.leads += (rate * passedRest) / total;
  if (wording === 'other') passedOn.otherWords += (rate * passedRest) / total;
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
    if (word >= PASSED_WORDS) {
      const greeting = word - PASSED_WORDS;
      passedOn.leads += rate * share;
      if (greeting === SAME) passedOn.keptGreeting += rate * share;
      if (greeting === WORDS || greeting === OTHER) passedOn.otherWords += rate * share;
      continue;
    }
    if (word >= CODELESS_WORDS) {
      const greeting = word - CODELESS_WORDS;
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
  const counted = countedAsBursts(concluded, model, nowMs);
  for (const each of concluded) expect(expected, model, factors, each, nowMs, counted);
  return expected;
}

/** Bursts may take so much of an account's time. Where they seem to take twice as much, its rate is wrong and not its hours. */
const BURST_TIME = 0.1;

/**
 * What of bursts is left out of the usual rate, 1 for all of it. A newsletter of 25 minutes every other day is a third of a quiet account's messages of no click: as a part
 * of its rate it said of every other hour that a third more of them were nobody's. But a rate that is far too low makes a burst of every hour, and
 * leaving those out would keep it low for ever: by how much of the time they would have filled, bursts are told from that.
 */
function countedAsBursts(concluded: readonly Concluded[], model: AccountModel, nowMs: number): number {
  const first = concluded[0];
  if (first === undefined) return 1;
  const perS = model.organicPerS();
  let burstS = 0;
  // At its rate each message stands for so much time.
  for (const { weight, hour, burst } of concluded) if (burst > 1) burstS += (weight * (1 - usualPart(burst))) / (perS[hour]! * burst);
  const part = (burstS * 1_000) / Math.max(nowMs - first.timeMs, 1);
  return Math.min(1, Math.max(0, 2 - part / BURST_TIME));
}

/**
 * What of the messages of no click is the usual rate's where there are `burst` times as many. Less than twice as many are no burst: chance makes such hours, none of which
 * has a quiet one beside it that would be filled up, so that counting each for less than it is took a twentieth off every account's rate.
 */
function usualPart(burst: number): number {
  return 1 / Math.max(1, burst - 1);
}

function faded(timeMs: number, nowMs: number, halfLifeMs: number): number {
  return 2 ** -(Math.max(0, nowMs - timeMs) / halfLifeMs);
}
