import { CLICKED_AGAIN, greetingFactor, LEAST_SILENT, NO_DENSITY, RUN_FREE, runShare } from './click-odds.ts';
import { CANDIDATE, CODELESS, REACH_MS } from './click-store.ts';
import type { Asked, Evidence } from './evidence.ts';
import type { AccountModel } from './model/account-model.ts';
import { belowAt, type DelayCurve, delayGroup, delayStep, densityAt, groupOfStep, STEPS } from './model/delay-curve.ts';
import { DELAY_GROUPS } from './model/delay-grid.ts';
import { BOT_BINS, DEVICES } from './model/strata.ts';
import {
  CELL,
  COMPARABLE,
  DEVICE,
  LOSS_ODDS,
  lookAtCohorts,
  lookAtProfiles,
  META,
  profileRows,
  RATE,
  ROW,
  SOURCE_SHIFT,
  WHOLE_ROW,
  WORTH,
} from './profile-rows.ts';
import { bucketEndMs, bucketMiddleMs, bucketOf, type Cohorts, DUE_FROM, promiseLeft } from './surge.ts';

export const MAX_ODDS = 1e9;
const MIN_DELAY_MS = -5_000;

export const LISTED = 16;

/** What was weighed last. */
export interface Weighed {
  /** Clicks that may have led to the message, and the sum of their odds against "no click". */
  found: number;
  sum: number;
  /** The likeliest of them, at most `LISTED`, by falling odds; equal ones in the order of the log, newest first. */
  listed: number;
  readonly clicks: Float64Array;
  readonly odds: Float64Array;
  /** Sums of odds by number of the source, and the sources in the order in which the newest clicks name them. */
  bySource: Float64Array;
  readonly sources: number[];
  /** Sums of odds by delay as `Posterior` has them; empty unless asked for. */
  byDelay: Float64Array;
}

/**
 * Scratch, reused, but for `byDelay`. A message looks at thousands of clicks: all that is asked of them is summed while they are looked at, because
 * each further pass over what had been written down for them took a tenth as long again.
 */
export const weighed: Weighed = {
  found: 0,
  sum: 0,
  listed: 0,
  clicks: new Float64Array(LISTED),
  odds: new Float64Array(LISTED),
  bySource: new Float64Array(64),
  sources: [],
  byDelay: new Float64Array(0),
};
const NO_DELAYS = weighed.byDelay;

/**
 * By cell, two each: the bucket that was looked at last and what is left of the promise there. Stamped instead of blanked: three days have 432
 * buckets, and each would be blanked for every message.
 */
let lefts = new Float64Array(64);
let lastStamp = 0;

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

/** Weighs every click that may have led to the message, into `weighed`. */
export function weigh(evidence: Evidence, asked: Asked, perS: number): void {
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
  const devices = lookAtProfiles(clicks, model, marks, perS);
  lookAtCurves(model, devices, clicks.codeless > 0);
  const table = profileRows.numbers;
  const { wholes } = profileRows;
  const { tracked } = surges;
  const hasSurges = tracked.size > 0;
  if (hasSurges) {
    lookAtCohorts(clicks, model, surges);
    const cells = 2 * surges.names.size * BOT_BINS;
    if (lefts.length < cells) lefts = new Float64Array(2 * cells);
  }
  const left = lefts;
  let stamp = lastStamp;
  let cohorts = tracked.get(-1);
  let bucketFromMs = Number.POSITIVE_INFINITY;
  let bucketToMs = Number.NEGATIVE_INFINITY;
  let bucketAgeS = 0;
  const sourceCount = clicks.profiles.sources.size;
  if (weighed.bySource.length < sourceCount) weighed.bySource = new Float64Array(2 * sourceCount);
  else weighed.bySource.fill(0, 0, sourceCount);
  weighed.sources.length = 0;
  weighed.listed = 0;
  weighed.byDelay = asked.isLast === true ? new Float64Array(clicks.codeless > 0 ? 2 * DELAY_GROUPS : DELAY_GROUPS) : NO_DELAYS;
  const { bySource, byDelay, sources } = weighed;
  const isLast = byDelay.length > 0;
  let least = 0;
  let found = 0;
  let sum = 0;
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
    const meta = wholes[index * WHOLE_ROW + META]!;
    const device = meta & DEVICE;
    const curve = device * STEPS;
    if (hasSurges) {
      if (atMs < bucketFromMs || atMs >= bucketToMs) {
        const bucket = bucketOf(atMs);
        bucketFromMs = bucketEndMs(bucket - 1);
        bucketToMs = bucketEndMs(bucket);
        bucketAgeS = (knownAtMs - bucketMiddleMs(bucket)) / 1_000;
        cohorts = bucketAgeS < 1 ? undefined : tracked.get(bucket);
        stamp += 1;
      }
      if (cohorts !== undefined) {
        const cell = wholes[index * WHOLE_ROW + CELL]!;
        if (cell >= 0) {
          if (left[2 * cell] !== stamp) {
            left[2 * cell] = stamp;
            askLeft(cohorts, keep, device, cell, bucketAgeS);
          }
          keep *= left[2 * cell + 1]!;
        }
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
      else if (isGreeting && (meta & COMPARABLE) !== 0) own *= shown !== greetingVariant ? other : isCodeless ? codelessSame : same;
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
    if (own > MAX_ODDS) own = MAX_ODDS;
    found += 1;
    sum += own;
    const source = meta >> SOURCE_SHIFT;
    if (bySource[source] === 0) sources.push(source);
    bySource[source]! += own;
    if (own > least) least = list(number, own);
    if (isLast) {
      const group = step < 0 ? delayGroup(delayS) : groupOfStep(step);
      if (group >= 0) byDelay[isCodeless ? group + DELAY_GROUPS : group]! += own;
    }
  }
  lastStamp = stamp;
  weighed.found = found;
  weighed.sum = sum;
}

/** Puts a click into its place among the likeliest; returns the odds that the next one must exceed. */
function list(click: number, own: number): number {
  const { clicks, odds } = weighed;
  let at = weighed.listed;
  if (at < LISTED) weighed.listed += 1;
  else at -= 1;
  for (; at > 0 && odds[at - 1]! < own; at -= 1) {
    odds[at] = odds[at - 1]!;
    clicks[at] = clicks[at - 1]!;
  }
  odds[at] = own;
  clicks[at] = click;
  return weighed.listed < LISTED ? 0 : odds[LISTED - 1]!;
}

/** What is left of the promise of a cell, of clicks of such a rate and device, in the bucket looked at, when that is so old; into `lefts`. */
function askLeft(cohorts: Cohorts, rate: number, device: number, cell: number, ageS: number): void {
  const cohort = cohorts.at(Math.floor(cell / BOT_BINS));
  const most = cohort === undefined ? 0 : cohort.clicks * rate;
  // Most cohorts are too small for their silence to say anything, however old they are.
  lefts[2 * cell + 1] = most < DUE_FROM ? 1 : promiseLeft(cohort!, most * belowAt(keepCurves[device]!, ageS));
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

/** Fills the tables with the curves of the devices that have a bit in `devices`. */
function lookAtCurves(model: AccountModel, devices: number, hasCodeless: boolean): void {
  for (let device = 0; device < DEVICES.length; device += 1) {
    if ((devices & (1 << device)) === 0) continue;
    const keep = model.keep(device);
    const lose = model.lose(device);
    keepCurves[device] = keep;
    loseCurves[device] = lose;
    lostDensity.set(lose.finely, device * STEPS);
    keptDensity.set(keep.finely, device * STEPS);
    keptBelow.set(keep.finelyBelow, device * STEPS);
    lostBelow.set(lose.finelyBelow, device * STEPS);
    if (!hasCodeless) continue;
    const codeless = model.codeless(device);
    loseCurves[device + CODELESS_CURVES] = codeless;
    lostDensity.set(codeless.finely, (device + CODELESS_CURVES) * STEPS);
    lostBelow.set(codeless.finelyBelow, (device + CODELESS_CURVES) * STEPS);
  }
}
