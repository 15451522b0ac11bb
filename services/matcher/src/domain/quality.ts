import { currentModel, type PlatformMatching } from './account-matching.ts';
import { CANDIDATE, CODELESS, slotOf } from './click-store.ts';
import type { AccountModel } from './model/account-model.ts';
import { kindOfStratum } from './model/strata.ts';
import { PER_TENTH, type QualitySums, TENTHS } from './quality-sums.ts';
import type { AnsweredQuestion, TestedQuestion } from './scope.ts';
import type { AccountState } from './state.ts';

/** Probability from which on a click is claimed in public. */
export const CONFIDENT = 0.8;
const MAX_LOSS = Math.log(1e9);
const MAX_KEEP = 0.95;

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

/** π·ρ of a click (ρ = 1 where it carried no code) that was just admitted as number `click`: 0 for no candidate, and for a second click within one visit, which is no second intent. */
export function expectedOfClick({ matching }: Pick<AccountState, 'matching'>, platform: PlatformMatching, click: number): number {
  const { columns } = matching.clicks;
  const slot = slotOf(matching.clicks, click);
  if ((columns.flags[slot]! & CANDIDATE) === 0) return 0;
  const before = columns.before[slot]!;
  if (before >= matching.clicks.first && Number.isFinite(columns.supersededAtMs[slotOf(matching.clicks, before)]!)) return 0;
  const { profiles } = matching.clicks;
  const index = columns.profile[slot]!;
  const campaign = profiles.campaign(profiles.campaignIndex(index));
  const stratum = profiles.stratum(index);
  const model = currentModel(matching, platform);
  const { worth } = model.platform;
  const keep = Math.min(MAX_KEEP, model.campaign(campaign).rate * worth[stratum]!);
  const isCodeless = (columns.flags[slot]! & CODELESS) !== 0;
  const odds = model.lossOdds()[kindOfStratum(stratum)]!;
  return keep * (isCodeless ? 1 + odds : odds);
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
