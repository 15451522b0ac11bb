import type { Concluded } from './concluded.ts';
import { addParts, type EditParts, editParts } from './edit-parts.ts';
import { binAt, CODELESS_WORDS, kindAt, OTHER, PASSED_WORDS, SAME, WORDS, wordAt } from './learned-parts.ts';
import type { AccountModel } from './model/account-model.ts';
import { EDIT_SECONDS } from './model/delay-grid.ts';
import type { AnchorSums, Reach } from './model/mixing-share.ts';
import { type CodelessStatistics, type PassedOnStatistics, RATE_HALF_LIFE_MS, SHAPE_HALF_LIFE_MS } from './model/platform-statistics.ts';
import { DEVICES, deviceOf, KINDS } from './model/strata.ts';
import { add, type Tally } from './model/tally.ts';
import {
  CODELESS_WAY,
  GONE_BINS,
  groupAt,
  isSameAt,
  LOST_WAY,
  type RestFactors,
  restFactors,
  say,
  unlistedFactor,
  wayAt,
} from './unlisted-clicks.ts';
import { countedAsBursts, usualPart } from './usual-rate.ts';

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
  /** Messages that were held against decoys, and what of them the model takes to come from clicks before the anchor is minded. */
  readonly held: Readonly<Record<Reach, Pick<AnchorSums, 'explained' | 'clicked'>>>;
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
    held: { far: { explained: 0, clicked: 0 }, near: { explained: 0, clicked: 0 } },
    responses: new Map(),
  };
}

/** All messages of an account's reservoir under its model. */
export function expectation(concluded: readonly Concluded[], model: AccountModel, nowMs: number): Expected {
  const expected = noExpectation();
  const factors = factorsOf(model);
  const counted = countedAsBursts(concluded, model, nowMs);
  for (const each of concluded) expect(expected, model, factors, each, nowMs, counted);
  return expected;
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

/** Scratch of one message: odds of its options, and of its other clicks by delay. */
let ofOptions = new Float64Array(32);
let ofRest = new Float64Array(32);

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
  if (concluded.held !== undefined) {
    const held = into.held[concluded.held];
    held.explained += rate;
    held.clicked += (rate * (total - 1)) / total;
  }
  const { tilt } = model.platform;
  if (wording !== 'greeting' && tilt !== 1) {
    total = 1 + (total - 1) * tilt;
    rest *= tilt;
    gone *= tilt;
    codelessListed *= tilt;
    codelessRest *= tilt;
    passedRest *= tilt;
    for (let at = 0; at < others.length; at += 2) ofRest[at]! *= tilt;
    for (let index = 0; index < count; index += 1) ofOptions[index]! *= tilt;
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

function faded(timeMs: number, nowMs: number, halfLifeMs: number): number {
  return 2 ** -(Math.max(0, nowMs - timeMs) / halfLifeMs);
}
