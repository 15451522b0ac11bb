import { CLICKED_AGAIN, greetingFactor, LEAST_SILENT, NO_DENSITY, REST_SUMS, restGroups } from './click-odds.ts';
import { RUN_FREE, runShare } from './click-run.ts';
import { CLAIMED, CODELESS, liveClicks, REACH_MS } from './click-store.ts';
import { beginLefts, cohortLefts, turnTo } from './cohort-lefts.ts';
import {
  askBelow,
  askDensity,
  CODELESS_CURVES,
  keepCurves,
  keptBelow,
  keptDensity,
  lookAtCurves,
  loseCurves,
  lostBelow,
  lostDensity,
  offGrid,
  passedDensity,
} from './curve-tables.ts';
import type { Asked, Evidence } from './evidence.ts';
import { glance, glanced } from './glance.ts';
import { delayGroup, delayStep, densityAt, STEPS } from './model/delay-curve.ts';
import { LATE_S, lateFactorAt } from './model/late-hours.ts';
import { KINDS } from './model/strata.ts';
import {
  CELL,
  COMPARABLE,
  DEVICE,
  KIND,
  KIND_SHIFT,
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
import { endUpTo, startFrom } from './time-order.ts';

export const MAX_ODDS = 1e9;
const MIN_DELAY_MS = -5_000;
/** Accounts with fewer clicks look at each of them closely: it takes no time, and whoever explains an answer finds all of them. */
const CLOSELY = 256;

export const LISTED = 16;
const LOST = restGroups('lost', false);
const CODELESS_GROUPS = restGroups('codeless', false);
const PASSED = restGroups('passed_on', false);
/** How much further the same of clicks that showed the message's own greeting stand. */
const TO_SAME = restGroups('lost', true) - LOST;

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
  /** Sums of odds by kind, of clicks that may have lost their code. */
  readonly byKind: Float64Array;
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
  byKind: new Float64Array(KINDS),
};
const NO_DELAYS = weighed.byDelay;

/** Weighs every click that may have led to the message, into `weighed`. `closelyUpTo`: so many are all looked at closely. */
export function weigh(evidence: Evidence, asked: Asked, perS: number, closelyUpTo = CLOSELY): void {
  const { clicks, model, surges, variants } = evidence;
  const { marks, knownAtMs, asFree, own: claims } = asked;
  const { clickedAtMs, supersededAtMs, takenAtMs, openMass, usedMass, flags, run, standing, variant } = clicks.columns;
  const profiles = clicks.columns.profile;
  const { origin } = clicks;
  const { size } = clicks.columns;
  const { timeMs, greetingVariant } = marks;
  const takenUntilMs = asked.takenUntilMs ?? Number.POSITIVE_INFINITY;
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
  const codelessWords = greetingFactor(model, variants, 'words', 'codeless');
  const codelessSame = greetingFactor(model, variants, 'same', 'codeless');
  const passedWords = greetingFactor(model, variants, 'words', 'passed_on');
  const passedSame = greetingFactor(model, variants, 'same', 'passed_on');
  const isClosely = liveClicks(clicks) <= closelyUpTo;
  const first = startFrom(clicks, oldestMs);
  const next = endUpTo(clicks, newestMs);
  const lateFactor = lateFactorAt(model, timeMs);
  lookAtCurves(model, lookAtProfiles(clicks, model, marks, perS), clicks.codeless > 0, !isClosely);
  const table = profileRows.numbers;
  const { wholes } = profileRows;
  const hasSurges = surges.tracked.size > 0;
  if (hasSurges) lookAtCohorts(clicks, model, surges);
  const sourceCount = clicks.profiles.sources.size;
  if (weighed.bySource.length < sourceCount) weighed.bySource = new Float64Array(2 * sourceCount);
  else weighed.bySource.fill(0, 0, sourceCount);
  weighed.sources.length = 0;
  weighed.listed = 0;
  weighed.byDelay = asked.isLast === true ? new Float64Array(REST_SUMS) : NO_DELAYS;
  weighed.byKind.fill(0);
  const { bySource, byDelay, byKind, sources } = weighed;
  const isLast = byDelay.length > 0;
  if (!isClosely) {
    const said = isOther ? words : 1;
    const passed = isOther ? passedWords : 1;
    const sight = {
      first,
      next,
      timeMs,
      knownAtMs,
      oldestMs,
      newestMs,
      greetingVariant: isGreeting ? greetingVariant : -1,
      isForAll: !isGreeting,
      lateFactor,
    };
    const seen = isGreeting ? { same, other, passedSame } : { same: said, other: said, passedSame: passed };
    const passedOther = isGreeting ? other : passed;
    glance(clicks, surges, { ...sight, ...seen, passedOther }, bySource, sources, byDelay, byKind);
  }
  if (hasSurges) beginLefts();
  const { lefts } = cohortLefts;
  const { closely } = glanced;
  const count = isClosely ? next - first : glanced.close;
  let found = isClosely ? 0 : glanced.found;
  let sum = isClosely ? 0 : glanced.sum;
  let least = 0;
  for (let at = 0; at < count; at += 1) {
    const number = isClosely ? next - 1 - at : closely[at]!;
    const ahead = number - origin;
    const slot = ahead < size ? ahead : ahead - size;
    const atMs = clickedAtMs[slot]!;
    if (atMs < oldestMs || atMs > newestMs || standing[slot] === 0) continue;
    const superseded = supersededAtMs[slot]!;
    if (superseded <= timeMs) continue;
    const index = profiles[slot]!;
    const row = index * ROW;
    const meta = wholes[index * WHOLE_ROW + META]!;
    const device = meta & DEVICE;
    const curve = device * STEPS;
    let keep = table[row + RATE]!;
    if (hasSurges) {
      if (atMs < cohortLefts.fromMs || atMs >= cohortLefts.toMs) turnTo(surges, atMs, knownAtMs);
      const cell = wholes[index * WHOLE_ROW + CELL]!;
      if (cell >= 0) keep *= lefts[cell]!;
    }
    const delayS = (timeMs - atMs) / 1_000;
    const step = delayStep(delayS);
    const shown = variant[slot]!;
    let lossOdds = table[row + LOSS_ODDS]!;
    if (run[slot]! > RUN_FREE) keep *= runShare(run[slot]!);
    if (superseded <= knownAtMs) keep *= CLICKED_AGAIN;
    const isCodeless = (flags[slot]! & CODELESS) !== 0;
    const lostDevice = isCodeless ? device + CODELESS_CURVES : device;
    const lostCurve = lostDevice * STEPS;
    if (step < 0 || Number.isNaN(lostDensity[lostCurve + step]!)) askDensity(loseCurves, lostDensity, lostDevice, delayS);
    const density = step < 0 ? offGrid[0]! : lostDensity[lostCurve + step]!;
    let own = keep * table[row + WORTH]! * density;
    if (delayS >= LATE_S) own *= lateFactor;
    if (isCodeless) {
      own *= (1 + lossOdds) / lossOdds;
      lossOdds += 1;
    }
    if (shown >= 0) {
      if (isOther) own *= isCodeless ? codelessWords : words;
      else if (isGreeting && (meta & COMPARABLE) !== 0) own *= shown !== greetingVariant ? other : isCodeless ? codelessSame : same;
    }
    const taken = takenAtMs[slot]!;
    let passed = 0;
    if (Number.isNaN(taken) || taken > takenUntilMs || number === asFree) {
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
      const passedStep =
        (flags[slot]! & CLAIMED) !== 0 && taken <= timeMs ? Math.max(0, delayStep(Math.max(1, (timeMs - taken) / 1_000))) : -1;
      if (passedStep >= 0) {
        passed = (table[row + WORTH]! / table[row + LOSS_ODDS]!) * passedDensity[passedStep]!;
        if (shown >= 0) {
          if (isOther) passed *= passedWords;
          else if (isGreeting && (meta & COMPARABLE) !== 0) passed *= shown === greetingVariant ? passedSame : other;
        }
      }
    }
    const mass = openMass[slot]!;
    if (mass > 0) {
      const others = mass - (claims.get(number) ?? 0);
      if (others > 0) {
        own /= 1 + others;
        passed /= 1 + others;
      }
    }
    const used = usedMass[slot]!;
    if (used > 0) {
      own *= used < 1 ? 1 - used : 0;
      passed *= used < 1 ? 1 - used : 0;
    }
    const isPassed = passed > own;
    own += passed;
    if (!(own > 0)) continue;
    if (own > MAX_ODDS) own = MAX_ODDS;
    found += 1;
    sum += own;
    const source = meta >> SOURCE_SHIFT;
    if (bySource[source] === 0) sources.push(source);
    bySource[source]! += own;
    if (own > least) least = list(number, own);
    if (!isPassed && !isCodeless) byKind[(meta >> KIND_SHIFT) & KIND]! += own;
    if (isLast) {
      const group = delayGroup(isPassed ? (timeMs - taken) / 1_000 : delayS);
      const isSame = isGreeting && shown >= 0 && shown === greetingVariant && (meta & COMPARABLE) !== 0;
      if (group >= 0) byDelay[group + (isPassed ? PASSED : isCodeless ? CODELESS_GROUPS : LOST) + (isSame ? TO_SAME : 0)]! += own;
    }
  }
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
