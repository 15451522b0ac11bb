import { LEAST_SILENT, restGroups } from './click-odds.ts';
import { CLAIMED, type ClickStore, slotOf } from './click-store.ts';
import { beginLefts, cohortLefts, turnTo } from './cohort-lefts.ts';
import { askDensity, keptBelow, loseCurves, lostBelow, lostDensity, passedDensity } from './curve-tables.ts';
import { FIRST_STEP, groupOfStep, STEP_SHIFT, STEPS } from './model/delay-curve.ts';
import { MAX_DELAY_S } from './model/delay-grid.ts';
import { LATE_S } from './model/late-hours.ts';
import {
  CELL,
  COMPARABLE,
  DEVICE,
  KIND,
  KIND_SHIFT,
  LOSS_ODDS,
  META,
  profileRows,
  RATE,
  ROW,
  SOURCE_SHIFT,
  WHOLE_ROW,
  WORTH,
} from './profile-rows.ts';
import type { Surges } from './surge.ts';

/** What of a question a glance needs. */
export interface Glance {
  /** All clicks that can explain the message are among these numbers, `next` not included. */
  readonly first: number;
  readonly next: number;
  readonly timeMs: number;
  readonly knownAtMs: number;
  /** Clicks from then to then can explain the message. */
  readonly oldestMs: number;
  readonly newestMs: number;
  /** Number of the message's own greeting; −1 where it has none. */
  readonly greetingVariant: number;
  /** What its wording says for a click that showed this greeting, and for one that showed another: 1 where it says nothing. */
  readonly same: number;
  readonly other: number;
  /** The same of a message that was sent on. */
  readonly passedSame: number;
  readonly passedOther: number;
  /** Also for clicks of other placements than the greeting's. */
  readonly isForAll: boolean;
  /** On the odds of clicks from `LATE_S` before. */
  readonly lateFactor: number;
}

/** What was seen last. */
export interface Glanced {
  found: number;
  sum: number;
  /** Numbers of the clicks that have to be looked at closely, newest first, and how many there are. */
  closely: Float64Array;
  close: number;
}

/** Scratch, reused. */
export const glanced: Glanced = { found: 0, sum: 0, closely: new Float64Array(1_024), close: 0 };

/**
 * Odds, as a part of all odds so far, below which a click only counts in sum: it is weighed by its profile, its delay and `standing`, and is not listed, where
 * a probability below half of 1e-4 would be none. One click in twenty of a busy account is above it.
 */
const LEAST_PART = 4e-5;

/** Odds by `delayStep`, of clicks that did not show the message's own greeting and of those that did. */
const bySteps = new Float64Array(STEPS);
const sameBySteps = new Float64Array(STEPS);
/** The same of messages that were sent on, by the time since the one with the code. */
const passedBySteps = new Float64Array(STEPS);
const passedSameBySteps = new Float64Array(STEPS);

const LOST = restGroups('lost', false);
const LOST_SAME = restGroups('lost', true);
const PASSED = restGroups('passed_on', false);
const PASSED_SAME = restGroups('passed_on', true);

/** `delayStep` at hand: called, its number is boxed for each click. */
const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** What a stretch leaves to the next: clicks found and their sum, how many are to be looked at closely, how many sources were named. */
const FOUND = 0;
const SUM = 1;
const CLOSE = 2;
const NAMED = 3;
const totals = new Float64Array(4);
let named = new Int32Array(64);

/**
 * Sums the odds of clicks that hardly matter, by source, of those that may have lost their code by kind and, unless it is empty, by group of delays, and tells which do matter. `bySource` is 0 and
 * `sources` empty before.
 */
export function glance(
  clicks: ClickStore,
  surges: Surges,
  asked: Glance,
  bySource: Float64Array,
  sources: number[],
  byDelay: Float64Array,
  byKind: Float64Array,
): void {
  const { clickedAtMs, profile } = clicks.columns;
  const { first, next } = asked;
  if (glanced.closely.length < next - first) glanced.closely = new Float64Array(2 * (next - first));
  if (named.length < bySource.length) named = new Int32Array(bySource.length);
  const hasSurges = surges.tracked.size > 0;
  bySteps.fill(0);
  sameBySteps.fill(0);
  passedBySteps.fill(0);
  passedSameBySteps.fill(0);
  totals.fill(0);
  if (hasSurges) beginLefts();
  let number = next - 1;
  while (number >= first) {
    number = stretch(clicks, number, asked, bySource, byKind, hasSurges);
    if (number < first) break;
    const slot = slotOf(clicks, number);
    const atMs = clickedAtMs[slot]!;
    if (hasSurges && (atMs < cohortLefts.fromMs || atMs >= cohortLefts.toMs)) {
      turnTo(surges, atMs, asked.knownAtMs);
      continue;
    }
    const device = profileRows.wholes[profile[slot]! * WHOLE_ROW + META]! & DEVICE;
    askDensity(loseCurves, lostDensity, device, (asked.timeMs - atMs) / 1_000);
  }
  glanced.found = totals[FOUND]!;
  glanced.sum = totals[SUM]!;
  glanced.close = totals[CLOSE]!;
  for (let at = 0; at < totals[NAMED]!; at += 1) sources.push(named[at]!);
  if (byDelay.length === 0) return;
  for (let step = 0; step < STEPS; step += 1) {
    const group = groupOfStep(step);
    byDelay[LOST + group]! += bySteps[step]!;
    byDelay[LOST_SAME + group]! += sameBySteps[step]!;
    byDelay[PASSED + group]! += passedBySteps[step]!;
    byDelay[PASSED_SAME + group]! += passedSameBySteps[step]!;
  }
}

/**
 * From a click to older ones; returns the one it cannot go past until another bucket has been turned to or a density asked for, or one that is not
 * there. Nothing is called, and what other modules export is fetched once: otherwise every array is checked again for every click, and a click took
 * three times as long.
 */
function stretch(
  { columns, origin }: ClickStore,
  from: number,
  asked: Glance,
  bySource: Float64Array,
  byKind: Float64Array,
  hasSurges: boolean,
): number {
  const { clickedAtMs, standing, variant, profile, flags, takenAtMs } = columns;
  const { closely } = glanced;
  const { numbers, wholes } = profileRows;
  const { lefts, fromMs, toMs } = cohortLefts;
  const { first, timeMs, oldestMs, newestMs, greetingVariant, same, other, passedSame, passedOther, lateFactor } = asked;
  const lateS = LATE_S;
  const [rate, lossOdds, worth, width, cellAt, metaAt, wholeWidth] = [RATE, LOSS_ODDS, WORTH, ROW, CELL, META, WHOLE_ROW];
  const [deviceMask, kindShift, kindMask, sourceShift, steps, stepShift, firstStep, maxDelayS] = [
    DEVICE,
    KIND_SHIFT,
    KIND,
    SOURCE_SHIFT,
    STEPS,
    STEP_SHIFT,
    FIRST_STEP,
    MAX_DELAY_S,
  ];
  const [density, kept, lost, leastSilent, leastPart] = [lostDensity, keptBelow, lostBelow, LEAST_SILENT, LEAST_PART];
  const [stepOf, stepBits, sourceNames, passed, claimed] = [float, bits, named, passedDensity, CLAIMED];
  let byStep = bySteps;
  const ageFromMs = Math.max(asked.knownAtMs, timeMs);
  const { size } = columns;
  const compared = asked.isForAll ? -1 : COMPARABLE;
  let found = totals[FOUND]!;
  let sum = totals[SUM]!;
  let close = totals[CLOSE]!;
  let names = totals[NAMED]!;
  let number = from;
  for (; number >= first; number -= 1) {
    const ahead = number - origin;
    const slot = ahead < size ? ahead : ahead - size;
    const atMs = clickedAtMs[slot]!;
    const stood = standing[slot]!;
    if (atMs < oldestMs || atMs > newestMs || stood === 0) continue;
    const index = profile[slot]!;
    const row = index * width;
    const whole = index * wholeWidth;
    const meta = wholes[whole + metaAt]!;
    let keep = numbers[row + rate]! * Math.abs(stood);
    if (hasSurges) {
      if (atMs < fromMs || atMs >= toMs) break;
      const cell = wholes[whole + cellAt]!;
      if (cell >= 0) keep *= lefts[cell]!;
    }
    // Multiplied: a whole number of milliseconds finds the same step as divided, all 259 million of them, and three divisions a click were a bottleneck.
    const delayS = (timeMs - atMs) * 0.001;
    const ageS = (ageFromMs - atMs) * 0.001;
    // At its first and last moments a curve has no steps.
    if (!(delayS >= 1 && ageS < maxDelayS)) {
      closely[close] = number;
      close += 1;
      continue;
    }
    stepOf[0] = delayS;
    let step = (stepBits[0]! >>> stepShift) - firstStep;
    stepOf[0] = ageS;
    const age = (stepBits[0]! >>> stepShift) - firstStep;
    const curve = (meta & deviceMask) * steps;
    const perS = density[curve + step]!;
    // biome-ignore lint/suspicious/noSelfCompare: nobody has asked for it yet, and Number.isNaN is a call.
    if (perS !== perS) break;
    const silent = 1 - keep * (kept[curve + age]! + numbers[row + lossOdds]! * lost[curve + age]!);
    let own = (keep * numbers[row + worth]! * perS) / Math.max(silent, leastSilent);
    if (delayS >= lateS) own *= lateFactor;
    const shown = variant[slot]!;
    byStep = bySteps;
    if (shown >= 0 && (meta & compared) !== 0) {
      if (shown === greetingVariant) {
        own *= same;
        byStep = sameBySteps;
      } else own *= other;
    }
    // Also those of which nothing can be said at a glance: their `standing` is beyond all odds.
    if (!(own < leastPart * (1 + sum))) {
      closely[close] = number;
      close += 1;
      continue;
    }
    // Of those that are taken, or clicked again, next to nothing is left where so little would be without that.
    if (!(stood > 0 && own > 0)) {
      // But its person may have sent the message on.
      if ((flags[slot]! & claimed) === 0 || takenAtMs[slot]! > timeMs) continue;
      const afterS = (timeMs - takenAtMs[slot]!) / 1_000;
      stepOf[0] = Math.max(afterS, 1);
      step = (stepBits[0]! >>> stepShift) - firstStep;
      own = ((numbers[row + worth]! * Math.abs(stood)) / numbers[row + lossOdds]!) * passed[step]!;
      byStep = passedBySteps;
      if (shown >= 0 && (meta & compared) !== 0) {
        if (shown === greetingVariant) {
          own *= passedSame;
          byStep = passedSameBySteps;
        } else own *= passedOther;
      }
      if (!(own < leastPart * (1 + sum))) {
        closely[close] = number;
        close += 1;
        continue;
      }
      if (!(own > 0)) continue;
    } else byKind[(meta >> kindShift) & kindMask]! += own;
    found += 1;
    sum += own;
    const source = meta >> sourceShift;
    if (bySource[source] === 0) {
      sourceNames[names] = source;
      names += 1;
    }
    bySource[source]! += own;
    byStep[step]! += own;
  }
  totals[FOUND] = found;
  totals[SUM] = sum;
  totals[CLOSE] = close;
  totals[NAMED] = names;
  return number;
}
