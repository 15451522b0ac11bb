import { CLICKED_AGAIN, greetingFactor, LEAST_SILENT, RUN_FREE, runShare, stratumRate, takenFactor } from './click-odds.ts';
import { CANDIDATE, type ClickStore, REACH_MS } from './click-store.ts';
import type { Asked, Evidence } from './evidence.ts';
import { likelihoodOf, nothingWorked, type Worked } from './likelihood.ts';
import type { Marks } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { belowAt, belowAtStep, type DelayCurve, delayStep, densityAtStep } from './model/delay-curve.ts';
import { DEVICES, deviceOf, kindOfStratum } from './model/strata.ts';
import { CAMPAIGN, profileOf, SOURCE, STRATUM, WIDTH } from './profiles.ts';
import { bucketEndMs, bucketMiddleMs, bucketOf, cohortName, promiseLeft } from './surge.ts';

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
 * What a question says of all clicks of a profile, in columns by the profile's index: a small account has nearly as many profiles as clicks and
 * a new model for nearly every question, so that an object for each would be most of the work.
 */
interface ProfileColumns {
  /** Messages with identifier per click; NaN until it is asked for. */
  readonly rate: Float64Array;
  readonly lossOdds: Float64Array;
  /** Odds against "no click" per unit of rate and of density, before the greeting. */
  readonly worth: Float64Array;
  readonly device: Uint8Array;
  /** 1 where the message's greeting is one that this profile's clicks may have shown. */
  readonly isComparable: Uint8Array;
  /** What is left of the promise of its cohort in the bucket looked at; NaN until it is asked for. */
  readonly left: Float64Array;
}

function columnsOf(size: number): ProfileColumns {
  return {
    rate: new Float64Array(size),
    lossOdds: new Float64Array(size),
    worth: new Float64Array(size),
    device: new Uint8Array(size),
    isComparable: new Uint8Array(size),
    left: new Float64Array(size),
  };
}

let scratch = columnsOf(256);

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
  const keepCurves: (DelayCurve | undefined)[] = DEVICES.map(() => undefined);
  const loseCurves: (DelayCurve | undefined)[] = DEVICES.map(() => undefined);
  const isGreeting = marks.wording === 'greeting';
  const isOther = marks.wording === 'other';
  const words = greetingFactor(model, variants, 'words');
  const same = greetingFactor(model, variants, 'same');
  const other = greetingFactor(model, variants, 'other');
  const profileCount = clicks.profiles.size;
  if (scratch.rate.length < profileCount) scratch = columnsOf(profileCount * 2);
  const { rate: rates, lossOdds, worth, device: devices, isComparable, left: lefts } = scratch;
  rates.fill(Number.NaN, 0, profileCount);
  const worked = nothingWorked(clicks.profiles);
  const { tracked } = surges;
  const hasSurges = tracked.size > 0;
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
    if (atMs < oldestMs || atMs > newestMs || (flags[slot]! & CANDIDATE) === 0) continue;
    const superseded = supersededAtMs[slot]!;
    if (superseded <= timeMs) continue;
    const index = profiles[slot]!;
    let keep = rates[index]!;
    if (Number.isNaN(keep)) {
      look(clicks, model, marks, perS, worked, index);
      keep = rates[index]!;
      const device = devices[index]!;
      keepCurves[device] ??= model.keep(device);
      loseCurves[device] ??= model.lose(device);
    }
    const device = devices[index]!;
    const keepCurve = keepCurves[device]!;
    const loseCurve = loseCurves[device]!;
    if (hasSurges) {
      if (atMs < bucketFromMs || atMs >= bucketToMs) {
        const bucket = bucketOf(atMs);
        bucketFromMs = bucketEndMs(bucket - 1);
        bucketToMs = bucketEndMs(bucket);
        bucketAgeS = (knownAtMs - bucketMiddleMs(bucket)) / 1_000;
        cohorts = bucketAgeS < 1 ? undefined : tracked.get(bucket);
        if (cohorts !== undefined) lefts.fill(Number.NaN, 0, profileCount);
      }
      if (cohorts !== undefined) {
        let left = lefts[index]!;
        if (Number.isNaN(left)) {
          const cohort = cohorts.get(cohortName(profileOf(model, clicks.profiles, index)));
          left = cohort === undefined ? 1 : promiseLeft(cohort, cohort.clicks * keep * belowAt(keepCurve, bucketAgeS));
          lefts[index] = left;
        }
        keep *= left;
      }
    }
    if (run[slot]! > RUN_FREE) keep *= runShare(run[slot]!);
    if (superseded <= knownAtMs) keep *= CLICKED_AGAIN;
    const delayS = (timeMs - atMs) / 1_000;
    const step = delayStep(delayS);
    let own = keep * worth[index]! * densityAtStep(loseCurve, step, delayS);
    const shown = variant[slot]!;
    if (shown >= 0) {
      if (isOther) own *= words;
      else if (isGreeting && isComparable[index] === 1) own *= shown === greetingVariant ? same : other;
    }
    const taken = takenAtMs[slot]!;
    if (Number.isNaN(taken) || number === asFree) {
      const ageS = (ageFromMs - atMs) / 1_000;
      const age = ageS === delayS ? step : delayStep(ageS);
      const silent = 1 - keep * (belowAtStep(keepCurve, age, ageS) + lossOdds[index]! * belowAtStep(loseCurve, age, ageS));
      own /= Math.max(silent, LEAST_SILENT);
    } else {
      own *= takenFactor(forwardRate, model, keep, keepCurve, (taken - atMs) / 1_000);
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

/** Fills the columns of a profile. */
function look({ profiles }: ClickStore, model: AccountModel, marks: Marks, perS: number, worked: Worked, index: number): void {
  const { loss } = model.platform;
  const { rows } = profiles;
  const row = index * WIDTH;
  const stratum = rows[row + STRATUM]!;
  const kind = kindOfStratum(stratum);
  const lossOdds = loss[kind]! / (1 - loss[kind]!);
  scratch.device[index] = deviceOf(kind);
  scratch.lossOdds[index] = lossOdds;
  scratch.worth[index] = lossOdds * likelihoodOf(model, profiles, index, marks, worked) * perS;
  scratch.isComparable[index] =
    marks.greetingPlacement === '' || marks.greetingPlacement === profiles.sources.at(rows[row + SOURCE]!).placement ? 1 : 0;
  const campaign = rows[row + CAMPAIGN]!;
  let campaignRate = worked.rate[campaign]!;
  if (Number.isNaN(campaignRate)) campaignRate = worked.rate[campaign] = model.campaign(profiles.campaign(campaign)).rate;
  scratch.rate[index] = stratumRate(model, campaignRate, stratum);
}
