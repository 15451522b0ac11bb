import type { Greeting } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { belowAt, type DelayCurve, densityAt } from './model/delay-curve.ts';
import { DELAY_GROUPS } from './model/delay-grid.ts';
import type { Profile } from './profiles.ts';
import { bucketMiddleMs, bucketOf, cohortOf, promiseLeft, type Surges } from './surge.ts';

/** Whoever has written rarely clicks again within the visit: an intent is timed by its last click. */
export const CLICKED_AGAIN = 0.05;
/** A click that has been silent all too long is at most fifty times as likely as its kind: rates are not known better than that. */
export const LEAST_SILENT = 0.02;
const MAX_KEEP = 0.95;
/** Keeps a ratio of two densities a number where both are none. */
export const NO_DENSITY = 1e-12;

/** How often a click of this profile leads to a message that keeps its identifier, whatever its account, campaign and kind promise together. */
export function keptRate(model: AccountModel, { campaign, stratum }: Pick<Profile, 'campaign' | 'stratum'>): number {
  return stratumRate(model, model.campaign(campaign).rate, stratum);
}

/** The same where the campaign's rate is at hand. */
export function stratumRate({ platform }: AccountModel, campaignRate: number, stratum: number): number {
  const rate = campaignRate * platform.worth[stratum]!;
  return Math.min(rate, MAX_KEEP);
}

/** What is left of the promise of a click's cohort. */
export function leftOf(
  surges: Surges,
  clickedAtMs: number,
  profile: Profile,
  { rate, keepCurve }: { readonly rate: number; readonly keepCurve: DelayCurve },
  knownAtMs: number,
): number {
  if (surges.tracked.size === 0) return 1;
  const bucket = bucketOf(clickedAtMs);
  const cohort = cohortOf(surges, bucket, profile);
  if (cohort === undefined) return 1;
  const ageS = (knownAtMs - bucketMiddleMs(bucket)) / 1_000;
  if (ageS < 1) return 1;
  return promiseLeft(cohort, cohort.clicks * rate * belowAt(keepCurve, ageS));
}

/** How a message without code came from a click: its own person deleted the code, or was shown none, or sent the message on to somebody who deleted it. */
export type Way = 'lost' | 'codeless' | 'passed_on';
export const WAYS: readonly Way[] = ['lost', 'codeless', 'passed_on'];

/**
 * Sums of odds by delay: groups of bins for each way, of clicks that did not show the message's own greeting and behind them of those that did; at the end those
 * of clicks that have left the store.
 */
export const GONE_GROUPS = 2 * WAYS.length * DELAY_GROUPS;
export const REST_SUMS = GONE_GROUPS + DELAY_GROUPS;

/** Where in such sums those of a way begin. */
export function restGroups(way: Way, isSame: boolean): number {
  return (WAYS.indexOf(way) + (isSame ? WAYS.length : 0)) * DELAY_GROUPS;
}

export function greetingFactor({ platform }: AccountModel, variants: number, greeting: Greeting, way: Way = 'lost'): number {
  const { organicGreeting, otherGreeting } = platform;
  const { keptGreeting } = way === 'lost' ? platform : way === 'codeless' ? platform.codeless : platform.passedOn;
  switch (greeting) {
    case 'same':
      return (keptGreeting * Math.max(1, variants)) / organicGreeting;
    case 'other':
      return otherGreeting;
    case 'words':
      return (1 - keptGreeting) / (1 - organicGreeting);
    case 'silent':
      return 1;
  }
}

/** Odds that a click's person sent their message on, `afterS` ago, to somebody who wrote this one without the code: per unit of what its marks say and of 1 / λ, before the greeting. */
export function passedOnFactor(model: AccountModel, afterS: number): number {
  return model.platform.passedOn.rate * densityAt(model.forwarded(), Math.max(afterS, 1));
}

/** κ: the message that took the click may have been forwarded, and then the click's own person has not written yet. */
export function takenFactor(forwardRate: number, model: AccountModel, keep: number, keepCurve: DelayCurve, takenAfterS: number): number {
  const delayS = Math.max(takenAfterS, 1);
  const forwarded = forwardRate * densityAt(model.forwarded(), delayS);
  const kept = keep * densityAt(keepCurve, delayS);
  return forwarded / (kept + forwarded + NO_DENSITY);
}
