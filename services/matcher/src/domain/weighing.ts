import { CLICKED_AGAIN, greetingFactor, LEAST_SILENT, NO_DENSITY, RUN_FREE, runShare, stratumRate } from './click-odds.ts';
import { CANDIDATE, type ClickStore, CODELESS, REACH_MS } from './click-store.ts';
import type { Asked, Evidence } from './evidence.ts';
import { likelihoods } from './likelihood.ts';
import type { Marks } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { belowAt, type DelayCurve, delayStep, densityAt, STEPS } from './model/delay-curve.ts';
import { BOT_BINS, DEVICES, deviceOf, kindOfStratum } from './model/strata.ts';
import { CAMPAIGN, CLICKS, profileOf, SOURCE, STRATUM, WIDTH } from './profiles.ts';
import { bucketEndMs, bucketMiddleMs, bucketOf, type Cohort, cohortNumber, promiseLeft, type Surges } from './surge.ts';

export const MAX_ODDS = 1e9;
const MIN_DELAY_MS = -5_000;

/** What was weighed last: odds of clicks against "no click" and the clicks' numbers, newest arrival first. */
export interface Weighed {
  odds: Float64Array;
  numbers: Float64Array;
}

/** Scratch, reused: a message looks at thousands of clicks. Grows, never shrinks, holds nothing between calls. */
export const weighed: Weighed = { odds: new Float64Array(1_024), numbers: new Float64Array(1_024) };

/**
 * What a question says of all clicks of a profile, in rows by the profile's index: a small account has nearly as many profiles as clicks and a new
 * model for nearly every question, so that an object for each would be most of the work. A row is half a line of the processor's memory: clicks name
 * profiles in no order, and a column for each number was a line for each.
 */
let rows = new Float64Array(256 * 4);
/** Messages with identifier per click. */
const RATE = 0;
const LOSS_ODDS = 1;
/** Odds against "no click" per unit of rate and of density, before the greeting. */
const WORTH = 2;
/** What its cohort and its bot bin are called together among floods of clicks: what is left of a promise is the same for all profiles of a cell. −1 where none is followed. */
const CELL = 3;
const ROW = 4;
/** Its device, and whether the message's greeting is one that this profile's clicks may have shown. */
let kinds = new Uint8Array(256);
/**
 * By cell, two each: the bucket that was looked at last and what is left of the promise there. Stamped instead of blanked: three days have 432
 * buckets, and each would be blanked for every message.
 */
let lefts = new Float64Array(64);
let lastStamp = 0;
const DEVICE = 3;
const COMPARABLE = 4;

/**
 * The curves of all devices, one behind the other, by `delayStep`: a device's own objects would be asked for three times a click. Of messages
 * without identifier those of clicks that carried no code stand behind.
 */
const lostDensity = new Float32Array(2 * DEVICES.length * STEPS);
const keptDensity = new Float32Array(DEVICES.length * STEPS);
const keptBelow = new Float32Array(DEVICES.length * STEPS);
const lostBelow = new Float32Array(2 * DEVICES.length * STEPS);
const CODELESS_CURVES = DEVICES.length;
const keepCurves: DelayCurve[] = [];
const loseCurves: DelayCurve[] = [];

/** Fills `weighed` with the odds of every click that may have led to the message; returns how many there are. */
export function weigh(evidence: Evidence, asked: Asked, perS: number): number {
  const { clicks, model, surges, variants } = evidence;
  const { marks, knownAtMs, asFree, own: claims } = asked;
  const { clickedAtMs, supersededAtMs, takenAtMs, openMass, usedMass, flags, run, variant, profile: profiles } = clicks.columns;
  const { first, next } = clicks;
  const mask = clicks.columns.size - 1;
  const { timeMs, greetingVariant } = marks;
  const oldestMs = timeMs - Math.min(REACH_MS, evidence.clickWindowMs);
  const newestMs = timeMs - MIN_DELAY_MS;
  const ageFromMs = Math.max(knownAtMs, timeMs);
  const { forwardRate } = model.platform;
  const forwardCurve = model.forwarded();
  const isGreeting = marks.wording === 'greeting';
  const isOther = marks.wording === 'other';
  const words = greetingFactor(model, variants, 'words');
  const same = greetingFactor(model, variants, 'same');
  const other = greetingFactor(model, variants, 'other');
  const codelessWords = greetingFactor(model, variants, 'words', true);
  const codelessSame = greetingFactor(model, variants, 'same', true);
  look(clicks, model, marks, perS);
  const table = rows;
  const kindsOf = kinds;
  const { tracked } = surges;
  const hasSurges = tracked.size > 0;
  if (hasSurges) lookAtCohorts(clicks, model, surges);
  let cohorts = tracked.get(-1);
  let bucketFromMs = Number.POSITIVE_INFINITY;
  let bucketToMs = Number.NEGATIVE_INFINITY;
  let bucketAgeS = 0;
  if (weighed.odds.length < next - first) {
    weighed.odds = new Float64Array((next - first) * 2);
    weighed.numbers = new Float64Array((next - first) * 2);
  }
  const { odds, numbers } = weighed;
  let found = 0;
  for (let number = next - 1; number >= first; number -= 1) {
    const slot = number & mask;
    const atMs = clickedAtMs[slot]!;
    if (atMs < oldestMs || atMs > newestMs) continue;
    const flag = flags[slot]!;
    if ((flag & CANDIDATE) === 0) continue;
    const isCodeless = (flag & CODELESS) !== 0;
    const superseded = supersededAtMs[slot]!;
    if (superseded <= timeMs) continue;
    const index = profiles[slot]!;
    const row = index * ROW;
    let keep = table[row + RATE]!;
    const kind = kindsOf[index]!;
    const device = kind & DEVICE;
    const curve = device * STEPS;
    if (hasSurges) {
      if (atMs < bucketFromMs || atMs >= bucketToMs) {
        const bucket = bucketOf(atMs);
        bucketFromMs = bucketEndMs(bucket - 1);
        bucketToMs = bucketEndMs(bucket);
        bucketAgeS = (knownAtMs - bucketMiddleMs(bucket)) / 1_000;
        cohorts = bucketAgeS < 1 ? undefined : tracked.get(bucket);
        lastStamp += 1;
      }
      const cell = table[row + CELL]!;
      if (cohorts !== undefined && cell >= 0) {
        if (lefts[2 * cell] !== lastStamp) askLeft(cohorts, index, cell, bucketAgeS);
        keep *= lefts[2 * cell + 1]!;
      }
    }
    if (run[slot]! > RUN_FREE) keep *= runShare(run[slot]!);
    if (superseded <= knownAtMs) keep *= CLICKED_AGAIN;
    const delayS = (timeMs - atMs) / 1_000;
    const step = delayStep(delayS);
    const lostDevice = isCodeless ? device + CODELESS_CURVES : device;
    const lostCurve = lostDevice * STEPS;
    if (step < 0 || Number.isNaN(lostDensity[lostCurve + step]!)) askDensity(loseCurves, lostDensity, lostDevice, delayS);
    const density = step < 0 ? offGrid[0]! : lostDensity[lostCurve + step]!;
    let own = keep * table[row + WORTH]! * density;
    let lossOdds = table[row + LOSS_ODDS]!;
    if (isCodeless) {
      own *= (1 + lossOdds) / lossOdds;
      lossOdds += 1;
    }
    const shown = variant[slot]!;
    if (shown >= 0) {
      if (isOther) own *= isCodeless ? codelessWords : words;
      else if (isGreeting && (kind & COMPARABLE) !== 0) own *= shown !== greetingVariant ? other : isCodeless ? codelessSame : same;
    }
    const taken = takenAtMs[slot]!;
    if (Number.isNaN(taken) || number === asFree) {
      const ageS = (ageFromMs - atMs) / 1_000;
      const age = ageS === delayS ? step : delayStep(ageS);
      if (age < 0) askBelow(device, lostDevice, ageS);
      const kept = age < 0 ? offGrid[0]! : keptBelow[curve + age]!;
      const lost = age < 0 ? offGrid[1]! : lostBelow[lostCurve + age]!;
      const silent = 1 - keep * (isCodeless ? lossOdds * lost : kept + lossOdds * lost);
      own /= Math.max(silent, LEAST_SILENT);
    } else {
      const takenAfterS = Math.max((taken - atMs) / 1_000, 1);
      const at = delayStep(takenAfterS);
      if (at < 0 || Number.isNaN(keptDensity[curve + at]!)) askDensity(keepCurves, keptDensity, device, takenAfterS);
      const keeping = at < 0 ? offGrid[0]! : keptDensity[curve + at]!;
      const forwarded = forwardRate * densityAt(forwardCurve, takenAfterS);
      own *= forwarded / (keep * keeping + forwarded + NO_DENSITY);
    }
    const mass = openMass[slot]!;
    if (mass > 0) {
      const others = mass - (claims.get(number) ?? 0);
      if (others > 0) own /= 1 + others;
    }
    const used = usedMass[slot]!;
    if (used > 0) own *= used < 1 ? 1 - used : 0;
    if (!(own > 0)) continue;
    odds[found] = Math.min(own, MAX_ODDS);
    numbers[found] = number;
    found += 1;
  }
  return found;
}

/** What is left of the promise of a cell of `index` in the bucket looked at, when that is so old; into `lefts`. */
function askLeft(cohorts: ReadonlyMap<number, Cohort>, index: number, cell: number, ageS: number): void {
  const cohort = cohorts.get(Math.floor(cell / BOT_BINS));
  lefts[2 * cell] = lastStamp;
  if (cohort === undefined) {
    lefts[2 * cell + 1] = 1;
    return;
  }
  const due = cohort.clicks * rows[index * ROW + RATE]! * belowAt(keepCurves[kinds[index]! & DEVICE]!, ageS);
  lefts[2 * cell + 1] = promiseLeft(cohort, due);
}

/** Fills the cells of all profiles. */
function lookAtCohorts({ profiles }: ClickStore, model: AccountModel, surges: Surges): void {
  const { size, rows: numbers } = profiles;
  const { names } = surges;
  for (let index = 0, from = 0, to = CELL; index < size; index += 1, from += WIDTH, to += ROW) {
    if (numbers[from + CLICKS] === 0) continue;
    const cohort = names.remembered(index, profiles.number(index)) ?? cohortNumber(surges, profileOf(model, profiles, index));
    rows[to] = cohort < 0 ? -1 : cohort * BOT_BINS + (numbers[from + STRATUM]! % BOT_BINS);
  }
  const cells = 2 * names.size * BOT_BINS;
  if (lefts.length < cells) lefts = new Float64Array(2 * cells);
}

/**
 * What a curve says where it has no step: below a second and beyond the grid. As all that a click asks functions for it is read from a table again: a
 * number that may be what a function gave is boxed for each click, and the boxes were a sixth of all garbage.
 */
const offGrid = new Float64Array(2);

/** Density per second of a device's curve, into its table or `offGrid`. */
function askDensity(curves: readonly DelayCurve[], table: Float32Array, device: number, delayS: number): void {
  const density = densityAt(curves[device]!, delayS);
  const step = delayStep(delayS);
  if (step >= 0) table[device * STEPS + step] = density;
  else offGrid[0] = density;
}

/** Shares below of a device's curves, into `offGrid`. */
function askBelow(device: number, lostDevice: number, delayS: number): void {
  offGrid[0] = belowAt(keepCurves[device]!, delayS);
  offGrid[1] = belowAt(loseCurves[lostDevice]!, delayS);
}

/** Fills the rows of all profiles, and the curves of the devices among them. */
function look({ profiles, codeless }: ClickStore, model: AccountModel, marks: Marks, perS: number): void {
  const { size, rows: numbers } = profiles;
  if (kinds.length < size) {
    rows = new Float64Array(size * 2 * ROW);
    kinds = new Uint8Array(size * 2);
  }
  const likely = likelihoods(model, profiles, marks);
  const odds = model.lossOdds();
  const isAnyPlacement = marks.greetingPlacement === '';
  keepCurves.length = 0;
  loseCurves.length = 0;
  if (rates.length < profiles.campaigns.size) rates = new Float64Array(profiles.campaigns.size * 2);
  rates.fill(Number.NaN, 0, profiles.campaigns.size);
  for (let index = 0, from = 0, to = 0; index < size; index += 1, from += WIDTH, to += ROW) {
    if (numbers[from + CLICKS] === 0) continue;
    const stratum = numbers[from + STRATUM]!;
    const kind = kindOfStratum(stratum);
    const device = deviceOf(kind);
    if (keepCurves[device] === undefined) lookAtCurves(model, device, codeless > 0);
    const isComparable = isAnyPlacement || marks.greetingPlacement === profiles.sources.at(numbers[from + SOURCE]!).placement;
    kinds[index] = isComparable ? device | COMPARABLE : device;
    const campaign = numbers[from + CAMPAIGN]!;
    if (Number.isNaN(rates[campaign]!)) rates[campaign] = model.campaign(profiles.campaign(campaign)).rate;
    const lossOdds = odds[kind]!;
    rows[to + RATE] = stratumRate(model, rates[campaign]!, stratum);
    rows[to + LOSS_ODDS] = lossOdds;
    rows[to + WORTH] = lossOdds * likely[index]! * perS;
  }
}

/** By campaign. */
let rates = new Float64Array(16);

function lookAtCurves(model: AccountModel, device: number, hasCodeless: boolean): void {
  const keep = model.keep(device);
  const lose = model.lose(device);
  keepCurves[device] = keep;
  loseCurves[device] = lose;
  lostDensity.set(lose.finely, device * STEPS);
  keptDensity.set(keep.finely, device * STEPS);
  keptBelow.set(keep.finelyBelow, device * STEPS);
  lostBelow.set(lose.finelyBelow, device * STEPS);
  if (!hasCodeless) return;
  const codeless = model.codeless(device);
  loseCurves[device + CODELESS_CURVES] = codeless;
  lostDensity.set(codeless.finely, (device + CODELESS_CURVES) * STEPS);
  lostBelow.set(codeless.finelyBelow, (device + CODELESS_CURVES) * STEPS);
}
