import { burstFactor, type Recent } from './burst.ts';
import { CANDIDATE, type ClickStore, REACH_MS, slotOf } from './click-store.ts';
import { campaignCountryFactor, likelihoodOf, nothingWorked } from './likelihood.ts';
import { type Greeting, greetingOf, type Marks } from './marks.ts';
import type { AccountModel } from './model/account-model.ts';
import { belowAt, densityAt } from './model/delay-curve.ts';
import { DELAY_GROUP, DELAY_GROUPS, delayBin } from './model/delay-grid.ts';
import { KINDS } from './model/strata.ts';
import { type Profile, type ProfileModel, profileOf } from './profiles.ts';
import type { Source } from './source.ts';
import { bucketMiddleMs, bucketOf, cohortOf, promiseLeft, type Surges } from './surge.ts';

/** What the posterior of an account is made from. */
export interface Evidence {
  readonly clicks: ClickStore;
  readonly surges: Surges;
  readonly recent: Recent;
  readonly model: AccountModel;
  /** Greetings the account's clicks have shown. */
  readonly variants: number;
  /** How long a click can explain a message. */
  readonly clickWindowMs: number;
}

/** A question: which click wrote this message, as far as is known at `knownAtMs`. */
export interface Asked {
  readonly leadId: string;
  readonly marks: Marks;
  readonly knownAtMs: number;
  /** What this very message takes of clicks already, to be left out of its own competition. */
  readonly own: ReadonlyMap<number, number>;
  /** A click that is to be seen as not taken: the truth of a test. */
  readonly asFree: number;
  /** Clicks that this message may not win: they stay below a half. */
  readonly isTaken?: ((click: number) => boolean) | undefined;
  /** True when the answer is to be learned from: then `byDelay` is worked out. */
  readonly isLast?: boolean;
}

export interface Option {
  /** Number of the click. */
  readonly click: number;
  /** Odds against "no click". */
  readonly odds: number;
  readonly probability: number;
  /**
   * What this message takes of the click in the eyes of others that may have come from it: its odds against everything but this click, before
   * they were lowered by those others (the message of belief propagation for data association, Williams & Lau 1209.6299).
   */
  readonly claim: number;
}

export interface SourceMass {
  readonly source: Source;
  readonly probability: number;
}

export interface Posterior {
  /** The likeliest clicks, at most 16, by falling probability. */
  readonly options: readonly Option[];
  readonly pNone: number;
  /** Clicks beyond the listed ones. */
  readonly pOther: number;
  /** Odds of all clicks by delay, in groups of `DELAY_GROUP` bins; empty unless asked for. */
  readonly byDelay: Float64Array;
  /** Sum of all odds, "no click" (1) included. */
  readonly total: number;
  readonly scanned: number;
  /** Every source with its part of the clicks' mass. */
  readonly sources: readonly SourceMass[];
  readonly burst: number;
}

export const LISTED = 16;
const MAX_ODDS = 1e9;
const MIN_DELAY_MS = -5_000;
/** Before, the usual rate is not known well enough to tell a burst from it: a busy account's first minutes would all be one. */
const BURSTS_FROM_S = 6 * 3_600;
/** Whoever clicks five times in a row without writing is less and less likely to: the prior is shared among the surplus. */
export const RUN_FREE = 4;
const MAX_KEEP = 0.95;
/** Whoever has written rarely clicks again within the visit: an intent is timed by its last click. */
export const CLICKED_AGAIN = 0.05;
/** A click that has been silent all too long is at most fifty times as likely as its kind: rates are not known better than that. */
export const LEAST_SILENT = 0.02;
/** A final lead may leave less than half of a click to others, never the very half that would give it away twice. */
const MARGIN = 1e-3;

/** Scratch, reused: a message looks at thousands of clicks. Grows, never shrinks, holds nothing between calls. */
let odds = new Float64Array(1_024);
let numbers = new Float64Array(1_024);

export function posterior(evidence: Evidence, asked: Asked): Posterior {
  const { clicks, model } = evidence;
  const { marks, knownAtMs } = asked;
  const hour = new Date(marks.timeMs).getUTCHours();
  const organicPerS = model.organicPerS()[hour]!;
  const burst =
    model.observedS < BURSTS_FROM_S
      ? 1
      : burstFactor(evidence.recent, asked.leadId, marks.timeMs, knownAtMs, organicPerS, meanLossOdds(model));
  const perS = 1 / (organicPerS * burst);
  const found = weigh(evidence, asked, perS);
  const rest = residual(evidence, marks, perS);

  let sum = 0;
  for (let index = 0; index < found; index += 1) sum += odds[index]!;
  const total = 1 + sum + rest.odds;
  const sources = sourceMasses(clicks, found, total);
  const options = listed(evidence, asked, found, total);
  let given = 0;
  let withheld = 0;
  for (const { probability, odds: own } of options) {
    given += probability;
    withheld += own / total - probability;
  }
  // What a click that final leads have taken must not give goes to "no click".
  const pNone = 1 / total + withheld;
  return {
    options,
    byDelay: asked.isLast === true ? oddsByDelay(clicks, marks, found) : NO_DELAYS,
    pNone,
    pOther: Math.max(0, 1 - pNone - given),
    total,
    scanned: found + rest.clicks,
    sources: spread(sources, rest.odds / total),
    burst,
  };
}

/** Sums by source, in the order in which the newest clicks name them. */
function sourceMasses({ columns, profiles }: ClickStore, found: number, total: number): readonly SourceMass[] {
  const masses = new Float64Array(profiles.sources.size);
  const named: number[] = [];
  const mask = columns.size - 1;
  for (let index = 0; index < found; index += 1) {
    const source = profiles.sourceIndex(columns.profile[numbers[index]! & mask]!);
    if (masses[source] === 0) named.push(source);
    masses[source]! += odds[index]! / total;
  }
  return named.map((source) => ({ source: profiles.sources.at(source), probability: masses[source]! }));
}

/** Fills the scratch with the odds of every click that may have led to the message, newest arrival first; returns how many. */
function weigh(evidence: Evidence, asked: Asked, perS: number): number {
  const { clicks, model, surges, variants } = evidence;
  const { marks, knownAtMs } = asked;
  const { forwardRate } = model.platform;
  const { clickedAtMs, supersededAtMs, takenAtMs, openMass, usedMass, flags, run, variant, profile: profiles } = clicks.columns;
  const mask = clicks.columns.size - 1;
  const timeMs = marks.timeMs;
  const oldestMs = timeMs - Math.min(REACH_MS, evidence.clickWindowMs);
  const newestMs = timeMs - MIN_DELAY_MS;
  const hasSurges = surges.tracked.size > 0;
  // Marks say the same of all clicks of a profile, and greetings come in four kinds.
  const likelihoods = new Float64Array(clicks.profiles.size).fill(Number.NaN);
  const worked = nothingWorked(clicks.profiles);
  const isGreeting = marks.wording !== 'unknown';
  const size = clicks.next - clicks.first;
  if (odds.length < size) {
    odds = new Float64Array(size * 2);
    numbers = new Float64Array(size * 2);
  }
  let found = 0;
  for (let number = clicks.next - 1; number >= clicks.first; number -= 1) {
    const slot = number & mask;
    const atMs = clickedAtMs[slot]!;
    if (atMs < oldestMs || atMs > newestMs || supersededAtMs[slot]! <= timeMs || (flags[slot]! & CANDIDATE) === 0) continue;
    const index = profiles[slot]!;
    let said = likelihoods[index]!;
    if (Number.isNaN(said)) {
      const asked = profileOf(model, clicks.profiles, index);
      said = likelihoodOf(model, asked, marks, worked);
      likelihoods[index] = said;
      if (asked.worked?.model !== model) asked.worked = profileModel(model, asked);
    }
    const profile = model.profiles[index]!;
    const weight = profile.worked!;
    const { keepCurve, lossOdds } = weight;
    const delayS = (timeMs - atMs) / 1_000;
    let keep = weight.rate;
    if (hasSurges) keep *= leftOf(surges, atMs, profile, weight, knownAtMs);
    if (run[slot]! > RUN_FREE) keep *= runShare(run[slot]!);
    if (supersededAtMs[slot]! <= knownAtMs) keep *= CLICKED_AGAIN;
    const lose = keep * lossOdds;
    let own = lose * densityAt(weight.loseCurve, delayS) * said * perS;
    if (isGreeting) own *= greetingFactor(model, variants, greetingOf(marks, variant[slot]!, profile.source.placement));
    const taken = takenAtMs[slot]!;
    if (Number.isNaN(taken) || number === asked.asFree) {
      const ageS = Math.max(delayS, (knownAtMs - atMs) / 1_000);
      own /= Math.max(LEAST_SILENT, 1 - keep * belowAt(keepCurve, ageS) - lose * belowAt(weight.loseCurve, ageS));
    } else {
      own *= takenFactor(forwardRate, model, keep, keepCurve, (taken - atMs) / 1_000);
    }
    const mass = openMass[slot]!;
    if (mass > 0) own /= 1 + Math.max(0, mass - (asked.own.get(number) ?? 0));
    const used = usedMass[slot]!;
    if (used > 0) own *= Math.max(0, 1 - used);
    if (!(own > 0)) continue;
    odds[found] = own > MAX_ODDS ? MAX_ODDS : own;
    numbers[found] = number;
    found += 1;
  }
  return found;
}

function profileModel(model: AccountModel, profile: Profile): ProfileModel {
  const { platform } = model;
  const loss = platform.loss[profile.kind]!;
  return {
    model,
    rate: keptRate(model, profile),
    lossOdds: loss / (1 - loss),
    keepCurve: model.keep(profile.device),
    loseCurve: model.lose(profile.device),
  };
}

/** How often a click of this profile leads to a message that keeps its identifier, whatever its account, campaign and kind promise together. */
export function keptRate(model: AccountModel, { campaign, stratum }: Profile): number {
  return Math.min(MAX_KEEP, model.campaign(campaign).rate * model.platform.worth[stratum]!);
}

/** What is left of the promise of a click's cohort. */
export function leftOf(
  surges: Surges,
  clickedAtMs: number,
  profile: Profile,
  { rate, keepCurve }: Pick<ProfileModel, 'rate' | 'keepCurve'>,
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

export function runShare(run: number): number {
  return run <= RUN_FREE ? 1 : RUN_FREE / run;
}

export function greetingFactor({ platform }: AccountModel, variants: number, greeting: Greeting): number {
  const { keptGreeting, organicGreeting, otherGreeting } = platform;
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

/** κ: the message that took the click may have been forwarded, and then the click's own person has not written yet. */
export function takenFactor(
  forwardRate: number,
  model: AccountModel,
  keep: number,
  keepCurve: ReturnType<AccountModel['keep']>,
  takenAfterS: number,
): number {
  const delayS = Math.max(1, takenAfterS);
  const forwarded = forwardRate * densityAt(model.forwarded(), delayS);
  const kept = keep * densityAt(keepCurve, delayS);
  return forwarded / (kept + forwarded + 1e-12);
}

/** Clicks that left the store before three days were over: mass by half-hour and campaign, with the campaign's countries as only evidence. */
function residual({ clicks, model }: Evidence, marks: Marks, perS: number): { readonly odds: number; readonly clicks: number } {
  let sum = 0;
  let count = 0;
  if (clicks.cells.size === 0) return { odds: 0, clicks: 0 };
  const curve = model.lose(UNKNOWN_DEVICE);
  for (const cell of clicks.cells.values()) {
    const delayS = (marks.timeMs - cell.fromMs) / 1_000 - 900;
    if (delayS <= 0) continue;
    const campaign = model.campaign(cell.campaign);
    const place = marks.country === '' ? 1 : campaignCountryFactor(model, cell.campaign, marks.country);
    sum += cell.mass * campaign.rate * densityAt(curve, delayS) * place * perS;
    count += cell.clicks;
  }
  return { odds: Math.min(MAX_ODDS, sum), clicks: count };
}

/** Of clicks whose device and network nobody knows: the average of all. */
function meanLossOdds({ platform }: AccountModel): number {
  const loss = platform.loss[KINDS - 1]!;
  return loss / (1 - loss);
}

const UNKNOWN_DEVICE = 3;

const NO_DELAYS = new Float64Array(0);

function oddsByDelay({ columns }: ClickStore, marks: Marks, found: number): Float64Array {
  const groups = new Float64Array(DELAY_GROUPS);
  const mask = columns.size - 1;
  for (let index = 0; index < found; index += 1) {
    const bin = delayBin((marks.timeMs - columns.clickedAtMs[numbers[index]! & mask]!) / 1_000);
    if (bin >= 0) groups[Math.floor(bin / DELAY_GROUP)]! += odds[index]!;
  }
  return groups;
}

/** The listed options, by falling odds; equal ones in the order of the log, newest first. */
function listed({ clicks }: Evidence, asked: Asked, found: number, total: number): readonly Option[] {
  const best: number[] = [];
  let least = 0;
  for (let index = 0; index < found; index += 1) {
    const own = odds[index]!;
    if (best.length === LISTED && own <= least) continue;
    let at = best.length;
    while (at > 0 && odds[best[at - 1]!]! < own) at -= 1;
    best.splice(at, 0, index);
    if (best.length > LISTED) best.pop();
    least = odds[best[best.length - 1]!]!;
  }
  const c = clicks.columns;
  const options = best.map((index): Option => {
    const click = numbers[index]!;
    const slot = slotOf(clicks, click);
    const own = odds[index]!;
    const used = click === asked.asFree ? 0 : c.usedMass[slot]!;
    const most = asked.isTaken?.(click) === true ? Math.min(mostLeft(used), 0.5 - MARGIN) : mostLeft(used);
    const others = Math.max(0, c.openMass[slot]! - (asked.own.get(click) ?? 0));
    return { click, odds: own, probability: Math.min(most, own / total), claim: (own * (1 + others)) / (total - own) };
  });
  // What was withheld may put a click behind others.
  const isSorted = options.every(({ probability }, at) => at === 0 || probability <= options[at - 1]!.probability);
  return isSorted ? options : options.toSorted((a, b) => b.probability - a.probability);
}

/** What may be given of a click of which final leads have taken so much. */
export function mostLeft(used: number): number {
  return used > 0 ? Math.max(0, 1 - used - MARGIN) : 1;
}

/** The residual's mass goes to the sources as the clicks' mass does; without any it stays nobody's. */
function spread(sources: readonly SourceMass[], rest: number): readonly SourceMass[] {
  const sum = sources.reduce((total, { probability }) => total + probability, 0);
  if (rest <= 0 || sum <= 0) return sources;
  return sources.map(({ source, probability }) => ({ source, probability: probability * (1 + rest / sum) }));
}
