import { CANDIDATE, profileAt, slotOf } from './click-store.ts';
import { currentModel, type PlatformMatching } from './matching.ts';
import type { AccountModel } from './model/account-model.ts';
import type { AnsweredQuestion, TestedQuestion } from './scope.ts';
import type { AccountState } from './state.ts';

/**
 * How well row 6 does, as sums: days and accounts add up, rates and their intervals are for the reader. Of one account they run from the
 * start of a day of partition time; what becomes final on a day counts on that day.
 */
export interface QualitySums {
  /** The hidden test set: identified messages that were also asked about as if they had no identifier. */
  hiddenMessages: number;
  /** −ln of the probability given to the truth, and its square. Nats. */
  hiddenLoss: number;
  hiddenLossSquares: number;
  /** Those with a click at p ≥ .8, and the ones whose click it was. */
  hiddenConfident: number;
  hiddenConfidentRight: number;
  /** By tenth of the probability of the best click, three numbers each: messages, sum of the probabilities, right ones; empty before the first. */
  readonly tenths: number[];
  /** Messages without identifier asked about with the clicks moved in time, and those where such a click got p ≥ .8. */
  decoyMessages: number;
  decoyConfident: number;
  /** Final answers of row 6, the sum of their probabilities that some click led to the message, and its variance. */
  openMessages: number;
  openClicked: number;
  openClickedVariance: number;
  /** The same two as expected: Σ of π·ρ over clicks, λ over time. */
  expectedClicked: number;
  expectedUnclicked: number;
  /** Leads that became final with an identifier. */
  identifiedLeads: number;
}

export function noQuality(): QualitySums {
  return {
    hiddenMessages: 0,
    hiddenLoss: 0,
    hiddenLossSquares: 0,
    hiddenConfident: 0,
    hiddenConfidentRight: 0,
    tenths: [],
    decoyMessages: 0,
    decoyConfident: 0,
    openMessages: 0,
    openClicked: 0,
    openClickedVariance: 0,
    expectedClicked: 0,
    expectedUnclicked: 0,
    identifiedLeads: 0,
  };
}

/** What an account has counted on the day that runs. */
export interface AccountQuality {
  sums: QualitySums;
  /** Until when its messages of no click have been expected. Milliseconds since the Unix epoch; 0 before the account was seen. */
  expectedToMs: number;
  /** When something was counted last; accounts silent for a month have no quality. */
  touchedAtMs: number;
  /** Something was counted that has not been told. */
  isUntold: boolean;
}

export function noAccountQuality(): AccountQuality {
  return { sums: noQuality(), expectedToMs: 0, touchedAtMs: 0, isUntold: false };
}

/** Probability from which on a click is claimed in public. */
export const CONFIDENT = 0.8;
const MAX_LOSS = Math.log(1e9);
const MAX_KEEP = 0.95;

export const TENTHS = 10;
/** Numbers per tenth. */
export const PER_TENTH = 3;

/**
 * Of a tested message it is known that a click led to it, of the messages that the model answers it is not: so calibration compares what it says
 * of clicks *given that it was one*. Loss and confidence are taken as said.
 */
export function countTested(into: QualitySums, { pTruth, pTop, isTopRight, pNone }: TestedQuestion): void {
  const loss = Math.min(MAX_LOSS, -Math.log(Math.max(pTruth, Number.MIN_VALUE)));
  into.hiddenMessages += 1;
  into.hiddenLoss += loss;
  into.hiddenLossSquares += loss * loss;
  if (pTop >= CONFIDENT) {
    into.hiddenConfident += 1;
    if (isTopRight) into.hiddenConfidentRight += 1;
  }
  if (into.tenths.length === 0) into.tenths.push(...new Array<number>(TENTHS * PER_TENTH).fill(0));
  const given = pNone < 1 ? Math.min(1, pTop / (1 - pNone)) : 0;
  const at = Math.min(TENTHS - 1, Math.floor(given * TENTHS)) * PER_TENTH;
  into.tenths[at]! += 1;
  into.tenths[at + 1]! += given;
  if (isTopRight) into.tenths[at + 2]! += 1;
}

export function countAnswered(into: QualitySums, { pNone }: Pick<AnsweredQuestion, 'pNone'>): void {
  const clicked = 1 - pNone;
  into.openMessages += 1;
  into.openClicked += clicked;
  into.openClickedVariance += clicked * pNone;
}

export function countDecoy(into: QualitySums, pTop: number): void {
  into.decoyMessages += 1;
  if (pTop >= CONFIDENT) into.decoyConfident += 1;
}

/** π·ρ of a click that was just admitted as number `click`: 0 for no candidate, and for a second click within one visit, which is no second intent. */
export function expectedOfClick({ matching }: Pick<AccountState, 'matching'>, platform: PlatformMatching, click: number): number {
  const { columns } = matching.clicks;
  const slot = slotOf(matching.clicks, click);
  if ((columns.flags[slot]! & CANDIDATE) === 0) return 0;
  const before = columns.before[slot]!;
  if (before >= matching.clicks.first && Number.isFinite(columns.supersededAtMs[slotOf(matching.clicks, before)]!)) return 0;
  const { campaign, stratum, kind } = profileAt(matching.clicks, slot);
  const model = currentModel(matching, platform);
  const { worth, loss } = model.platform;
  const keep = Math.min(MAX_KEEP, model.campaign(campaign).rate * worth[stratum]!);
  return (keep * loss[kind]!) / (1 - loss[kind]!);
}

const HOUR_MS = 3_600_000;

/** Messages of no click expected in a stretch of time: λ, hour by hour. */
export function expectedOfTime(model: AccountModel, fromMs: number, toMs: number): number {
  const perS = model.organicPerS();
  let expected = 0;
  for (let at = fromMs; at < toMs; ) {
    const next = Math.min(toMs, (Math.floor(at / HOUR_MS) + 1) * HOUR_MS);
    expected += (perS[new Date(at).getUTCHours()]! * (next - at)) / 1_000;
    at = next;
  }
  return expected;
}
