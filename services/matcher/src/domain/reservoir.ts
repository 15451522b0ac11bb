import type { AccountMatching } from './account-matching.ts';
import { greetingFactor, REST_SUMS, restGroups, WAYS, type Way } from './click-odds.ts';
import { CLAIMED, type ClickStore, CODELESS, profileAt, slotOf } from './click-store.ts';
import type { Concluded } from './concluded.ts';
import { type Greeting, greetingOf, type Marks } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { delayGroup } from './model/delay-curve.ts';
import { DELAY_BINS, DELAY_GROUP, DELAY_GROUPS, delayBin, EDIT_SECONDS, groupDensities, shifted } from './model/delay-grid.ts';
import type { PlatformModel } from './model/platform-model.ts';
import { type CodelessStatistics, type PassedOnStatistics, RATE_HALF_LIFE_MS, SHAPE_HALF_LIFE_MS } from './model/platform-statistics.ts';
import { DEVICES, deviceOf, KINDS } from './model/strata.ts';
import { add, type Tally } from './model/tally.ts';
import type { Posterior } from './posterior.ts';

/** Options below it teach nothing that can be measured. */
const LEAST = 2e-3;

const LOST_WAY = WAYS.indexOf('lost');
const CODELESS_WAY = WAYS.indexOf('codeless');

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

/** After so many words come those of clicks without a code, after so many those of messages that were sent on. */
const CODELESS_WORDS = GREETINGS.length;
const PASSED_WORDS = 2 * GREETINGS.length;

/**
 * Where clicks beyond the listed ones stand: a bin in the middle of the group of their delay, so many bins further for each of `WAYS`, behind those the same of
 * clicks that showed the message's own greeting, and at the end clicks that have left the store.
 */
const SAME_BINS = WAYS.length * DELAY_BINS;
const GONE_BINS = 2 * SAME_BINS;

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
  const listed = new Float64Array(REST_SUMS);
  const listedKinds = new Float64Array(KINDS);
  for (const { click, odds, probability } of answer.options) {
    if (probability < LEAST) continue;
    const slot = slotOf(clicks, click);
    const profile = profileAt(clicks, slot);
    const way = click === asFree ? 'lost' : wayOf(clicks, slot, marks.timeMs);
    const delayS = (marks.timeMs - (way === 'passed_on' ? c.takenAtMs[slot]! : c.clickedAtMs[slot]!)) / 1_000;
    const bin = delayBin(delayS);
    if (bin < 0) continue;
    const greeting = greetingOf(marks, c.variant[slot]!, profile.source.placement);
    listed[delayGroup(delayS) + restGroups(way, greeting === 'same')]! += odds;
    if (way === 'lost') listedKinds[profile.kind]! += odds;
    const place = placeOf({ kind: profile.kind, bin, greeting, way });
    options.push(odds / (factorAt(model, place, variants) * perS), place);
    if (way === 'codeless') campaigns.push(profile.campaign);
  }
  const rest: number[] = [];
  const factors = restFactors(model);
  say(factors, variants);
  answer.byDelay.forEach((odds, group) => {
    const left = odds - listed[group]!;
    if (left / answer.total < LEAST / 10) return;
    const bin = (group % DELAY_GROUPS) * DELAY_GROUP + DELAY_GROUP / 2;
    const at = bin + DELAY_BINS * Math.floor(group / DELAY_GROUPS);
    rest.push(left / (unlistedFactor(factors, at, marks.wording) * perS), at);
  });
  const kinds = rest.length === 0 ? NO_KINDS : kindsOf(model, answer, listedKinds);
  const { timeMs, country, wording } = marks;
  const named = campaigns.length === 0 ? NO_CAMPAIGNS : campaigns;
  return { timeMs, weight: 1, hour, country, wording, variants, burst: answer.burst, options, campaigns: named, rest, kinds };
}

const NO_CAMPAIGNS: readonly string[] = [];
const NO_KINDS: readonly number[] = [];

/** `kinds` of what was concluded: the listed clicks cannot stand for the others, because kinds that are slow or abroad are rarely listed. */
function kindsOf(model: AccountModel, { byKind, total }: Posterior, listed: Float64Array): readonly number[] {
  const left = byKind.map((odds, kind) => Math.max(0, odds - listed[kind]!));
  const all = left.reduce((sum, odds) => sum + odds, 0);
  if (all === 0) return NO_KINDS;
  const kinds: number[] = [];
  let unnamed = 0;
  for (let kind = 0; kind < KINDS; kind += 1) {
    const odds = left[kind]!;
    if (odds / total < LEAST / 10) unnamed += odds / all;
    else kinds.push(((odds / all) * meanLossOdds(model)) / lossOdds(model, kind), kind);
  }
  if (unnamed > 0) kinds.push(unnamed, KINDS);
  return kinds;
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

/** What clicks beyond the listed ones ask of a model. */
interface RestFactors {
  readonly model: AccountModel;
  /** By group of delays, for each of `WAYS` when the first of it is met (`groupsOf`). */
  readonly groups: (Float64Array | undefined)[];
  /** By greeting, for each of `WAYS`. */
  readonly said: Float64Array;
}

function restFactors(model: AccountModel): RestFactors {
  return { model, groups: [], said: new Float64Array(WAYS.length * GREETINGS.length) };
}

/** As many greetings as `variants`. */
function say({ model, said }: RestFactors, variants: number): void {
  let at = 0;
  for (const way of WAYS) {
    for (const greeting of GREETINGS) {
      said[at] = greetingFactor(model, variants, greeting, way);
      at += 1;
    }
  }
}

/**
 * What every option of a reservoir asks of its model, asked once: a new model explains hundreds of messages with some ten options each, and a curve, a
 * greeting's factor and the parts of editing times looked up for each of them were half of the work.
 */
interface Factors extends RestFactors {
  readonly lossOdds: Float64Array;
  /** By device: density at each bin; of clicks without a code when the first of them is met. */
  readonly lost: readonly Float64Array[];
  codeless: readonly Float64Array[] | undefined;
  /** Of messages sent on: density at each bin times how many are. */
  readonly passedOn: Float64Array;
  variants: number;
  readonly editParts: EditParts;
  readonly codelessEditParts: EditParts;
}

const ALL_DEVICES = DEVICES.map((_, device) => device);

function factorsOf(model: AccountModel): Factors {
  const { platform } = model;
  return {
    ...restFactors(model),
    lossOdds: model.lossOdds(),
    lost: ALL_DEVICES.map((device) => model.lose(device).density),
    codeless: undefined,
    passedOn: model.forwarded().density.map((each) => each * platform.passedOn.rate),
    variants: Number.NaN,
    editParts: editParts(platform, platform.edits),
    codelessEditParts: editParts(platform, platform.codeless.edits),
  };
}

function codelessDensity(factors: Factors, model: AccountModel, device: number): Float64Array {
  factors.codeless ??= ALL_DEVICES.map((each) => model.codeless(each).density);
  return factors.codeless[device]!;
}

/**
 * The learned parts of the odds of clicks beyond the listed ones. A delay's density is that of its whole group, as clicks that came at all times show it: at the
 * middle of a group, three times as long as its beginning, every model found the delays of the next one a little longer.
 */
function unlistedFactor({ model, groups, said }: RestFactors, at: number, wording: Marks['wording']): number {
  const way = wayAt(at);
  groups[way] ??= groupsOf(model, WAYS[way]!);
  const density = groups[way][groupAt(at)]!;
  if (isSameAt(at, wording)) return density * said[way * GREETINGS.length + SAME]!;
  return wording === 'other' ? density * said[way * GREETINGS.length + WORDS]! : density;
}

/** By group of delays: how likely a click of no known kind leads to a message this way, per second and but for its rate. */
function groupsOf(model: AccountModel, way: Way): Float64Array {
  if (way === 'passed_on') return groupDensities(model.forwarded().shares, model.platform.passedOn.rate);
  if (way === 'codeless') return groupDensities(model.codeless(UNKNOWN_DEVICE).shares, 1);
  return groupDensities(model.lose(UNKNOWN_DEVICE).shares, meanLossOdds(model));
}

/** Index into `WAYS`; clicks that have left the store lost their code. */
function wayAt(at: number): number {
  return at >= GONE_BINS ? LOST_WAY : Math.floor((at % SAME_BINS) / DELAY_BINS);
}

function groupAt(at: number): number {
  return Math.floor((at % DELAY_BINS) / DELAY_GROUP);
}

/** What a greeting says of clicks that have left is said of all of them together. */
function isSameAt(at: number, wording: Marks['wording']): boolean {
  return at >= GONE_BINS ? wording === 'greeting' : at >= SAME_BINS;
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
  if (factors.variants !== variants) {
    factors.variants = variants;
    say(factors, variants);
  }
  const { said, lossOdds: losses, lost } = factors;
  const perS = 1 / (model.organicPerS()[hour]! * concluded.burst);
  if (ofRest.length < others.length) ofRest = new Float64Array(others.length);
  // Of clicks beyond the listed ones those with the message's own greeting stand apart; the others say `words` or nothing.
  let rest = 0;
  let gone = 0;
  let codelessRest = 0;
  let passedRest = 0;
  for (let at = 0; at < others.length; at += 2) {
    const place = others[at + 1]!;
    const odds = others[at]! * unlistedFactor(factors, place, wording) * perS;
    ofRest[at] = odds;
    const way = wayAt(place);
    if (place >= GONE_BINS) gone += odds;
    else if (way === LOST_WAY) rest += odds;
    else if (way === CODELESS_WAY) codelessRest += odds;
    else passedRest += odds;
  }
  const count = options.length / 2;
  if (ofOptions.length < count) ofOptions = new Float64Array(count);
  let total = 1 + rest + gone + codelessRest + passedRest;
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
  addRest(into, factors, concluded.kinds, (rate * rest) / total);
  into.losersElsewhere += (rate * gone) / total;
  const { codeless, passedOn } = into;
  passedOn.leads += (rate * passedRest) / total;
  codeless.leads += (rate * codelessRest) / total;
  for (let at = 0; at < others.length; at += 2) {
    const place = others[at + 1]!;
    const share = ofRest[at]! / total;
    const way = wayAt(place);
    const group = groupAt(place);
    const counts = way === LOST_WAY ? into : way === CODELESS_WAY ? codeless : passedOn;
    if (isSameAt(place, wording)) counts.keptGreeting += rate * share;
    else if (wording === 'other') counts.otherWords += rate * share;
    if (way === LOST_WAY) addParts(into.edits, factors.editParts.byGroup, group, shape * share);
    else if (way === CODELESS_WAY) addParts(codeless.edits, factors.codelessEditParts.byGroup, group, shape * share);
  }
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
      addParts(codeless.edits, factors.codelessEditParts.byDevice[deviceOf(kind)]!, bin, shape * share);
      add(into.responses, concluded.campaigns[named]!, (rate * share * perListed) / (1 + losses[kind]!));
      named += 1;
      continue;
    }
    into.losers[kind]! += rate * share;
    if (word === SAME) into.keptGreeting += rate * share;
    if (word === WORDS || word === OTHER) into.otherWords += rate * share;
    addParts(into.edits, factors.editParts.byDevice[deviceOf(kind)]!, bin, shape * share);
  }
}

/** Losers beyond the listed candidates, to the kinds they are of under the model. */
function addRest(into: Expected, { lossOdds: losses }: Factors, kinds: readonly number[], losers: number): void {
  const usual = losses[KINDS - 1]!;
  let sum = 0;
  for (let at = 0; at < kinds.length; at += 2) sum += kinds[at]! * ((losses[kinds[at + 1]!] ?? usual) / usual);
  if (sum === 0) {
    into.losersElsewhere += losers;
    return;
  }
  for (let at = 0; at < kinds.length; at += 2) {
    const kind = kinds[at + 1]!;
    const own = (losers * kinds[at]! * ((losses[kind] ?? usual) / usual)) / sum;
    if (kind < KINDS) into.losers[kind]! += own;
    else into.losersElsewhere += own;
  }
}

function addParts(into: Float64Array, parts: Float64Array, bin: number, share: number): void {
  for (let k = 0; k < EDIT_SECONDS.length; k += 1) into[k]! += share * parts[bin * EDIT_SECONDS.length + k]!;
}

interface EditParts {
  /** By device: the part of each editing time in every bin. */
  readonly byDevice: readonly Float64Array[];
  /** The same by group of bins, of clicks of no known device. */
  readonly byGroup: Float64Array;
}

const partsOf = new WeakMap<Float64Array, EditParts>();

/**
 * The part of each editing time in the losers' delays. Of the platform's delays and not of the account's: how long people take to delete a code is one
 * distribution for all, and working it out for each account anew took a tenth of all time.
 */
function editParts(platform: PlatformModel, edits: Float64Array): EditParts {
  const known = partsOf.get(edits);
  if (known !== undefined) return known;
  const { shifts } = platform;
  const after = platform.keeperDelays.map((keep) => EDIT_SECONDS.map((_, k) => shifted(keep, shifts, k)));
  const made = { byDevice: after.map((each) => partsBy(each, edits, 1)), byGroup: partsBy(after[UNKNOWN_DEVICE]!, edits, DELAY_GROUP) };
  partsOf.set(edits, made);
  return made;
}

/** Of so many bins together: what each editing time has of all of them, and not of the one in their middle, or the parts would not sum to the mixture that they come from. */
function partsBy(after: readonly Float64Array[], edits: Float64Array, width: number): Float64Array {
  const parts = new Float64Array((DELAY_BINS / width) * EDIT_SECONDS.length);
  for (let group = 0; group < DELAY_BINS / width; group += 1) {
    let sum = 0;
    for (let k = 0; k < EDIT_SECONDS.length; k += 1) {
      let own = 0;
      for (let bin = group * width; bin < (group + 1) * width; bin += 1) own += after[k]![bin]!;
      parts[group * EDIT_SECONDS.length + k] = edits[k]! * own;
      sum += edits[k]! * own;
    }
    if (sum === 0) continue;
    for (let k = 0; k < EDIT_SECONDS.length; k += 1) parts[group * EDIT_SECONDS.length + k]! /= sum;
  }
  return parts;
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
