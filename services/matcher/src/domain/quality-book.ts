import { currentModel } from './account-matching.ts';
import { isCertain, type Lead } from './lead.ts';
import { codeLoss } from './model/code-loss.ts';
import { TRIALS, type Trial } from './model-trial.ts';
import { countAnswered, countDecoy, countTested, expectedOfClick, expectedOfTime } from './quality.ts';
import { noQuality, type QualitySums } from './quality-sums.ts';
import type { Effects } from './scope.ts';
import { type AccountState, findAccount, type PartitionState } from './state.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SILENT_MS = 30 * DAY_MS;

/**
 * An hour of partition time has passed: accounts where something was counted report, and when a day is over all do that were heard of within a
 * month, so that a day without messages counts against a rate that expects some. The time of the record that moved the clock belongs to the next hour.
 */
export function tellQuality(state: PartitionState, effects: Effects, fromMs: number, offset: number): void {
  const { clockMs } = state;
  if (fromMs === 0 || Math.floor(clockMs / HOUR_MS) === Math.floor(fromMs / HOUR_MS)) return;
  const dayEndMs = (Math.floor(fromMs / DAY_MS) + 1) * DAY_MS;
  const isDayOver = clockMs >= dayEndMs;
  const atMs = isDayOver ? dayEndMs : Math.floor(clockMs / HOUR_MS) * HOUR_MS;
  const losses = codeLoss(state.platform);
  for (const account of state.accounts.values()) {
    const { quality } = account;
    if (quality.touchedAtMs < clockMs - SILENT_MS) continue;
    if (!quality.isUntold && !isDayOver) continue;
    expectTime(account, state, effects, atMs);
    const day = new Date(dayEndMs - DAY_MS).toISOString().slice(0, 10);
    effects.quality.push({ ...reportOf(account, state), day, atMs, nextOffset: offset, isLast: isDayOver, codeLoss: losses });
    quality.isUntold = false;
    if (!isDayOver) continue;
    quality.sums = noQuality();
    quality.expectedToMs = Math.floor(clockMs / DAY_MS) * DAY_MS;
  }
}

function reportOf({ workspace, account, matching, quality }: AccountState, state: PartitionState) {
  const { isWarming } = currentModel(matching, state);
  const { sums } = quality;
  return {
    workspace,
    account,
    modelVersion: state.platform.version,
    warming: isWarming,
    clockOffsetMs: matching.clock.offsetMs,
    sums: { ...sums, tenths: [...sums.tenths] },
  };
}

function expectTime(account: AccountState, state: PartitionState, effects: Effects, toMs: number): void {
  const { quality, matching } = account;
  const expected = expectedOfTime(currentModel(matching, state), quality.expectedToMs, toMs);
  quality.sums.expectedUnclicked += expected;
  effects.counted.expectedUnclicked += expected;
  quality.expectedToMs = Math.max(quality.expectedToMs, toMs);
}

/** A click that was just admitted as number `click`. */
export function countClick(account: AccountState, state: PartitionState, effects: Effects, click: number): void {
  const expected = expectedOfClick(account, state, click);
  touch(account, state).expectedClicked += expected;
  effects.counted.expectedClicked += expected;
}

/** How many of each the effects held before a record was folded. */
export interface Mark {
  readonly leads: number;
  readonly answered: number;
  readonly tested: number;
}

export function markOf({ leads, answered, tested }: Effects): Mark {
  return { leads: leads.length, answered: answered.length, tested: tested.length };
}

/** Counts what folding one record has left behind `mark`. */
export function countEffects(state: PartitionState, effects: Effects, mark: Mark): void {
  for (let at = mark.tested; at < effects.tested.length; at += 1) {
    const tested = effects.tested[at]!;
    for (const sums of sumsOf(state, effects, tested)) countTested(sums, tested);
    keepTrial(state, tested.trial);
  }
  for (let at = mark.answered; at < effects.answered.length; at += 1) {
    const answered = effects.answered[at]!;
    for (const sums of sumsOf(state, effects, answered)) {
      countAnswered(sums, answered);
      if (answered.pDecoy !== undefined) countDecoy(sums, answered.pDecoy);
    }
  }
  for (let at = mark.leads; at < effects.leads.length; at += 1) {
    const lead = effects.leads[at]!;
    if (isIdentified(lead)) for (const sums of sumsOf(state, effects, lead)) sums.identifiedLeads += 1;
  }
}

function keepTrial({ trials }: PartitionState, trial: Trial | undefined): void {
  if (trial === undefined) return;
  trials.push(trial);
  if (trials.length > TRIALS) trials.shift();
}

/** A lead becomes final once. */
function isIdentified({ state, method }: Lead): boolean {
  return state === 'final' && isCertain(method);
}

function sumsOf(
  state: PartitionState,
  effects: Effects,
  of: { readonly workspace: string; readonly account: string },
): readonly QualitySums[] {
  const account = findAccount(state, of.workspace, of.account);
  return account === undefined ? [effects.counted] : [touch(account, state), effects.counted];
}

function touch({ quality }: AccountState, { clockMs }: PartitionState): QualitySums {
  // An account's first day begins with it.
  if (quality.expectedToMs === 0) quality.expectedToMs = clockMs;
  // Who was silent for a month has not been told of the days since.
  quality.expectedToMs = Math.max(quality.expectedToMs, Math.floor(clockMs / DAY_MS) * DAY_MS);
  quality.touchedAtMs = clockMs;
  quality.isUntold = true;
  return quality.sums;
}
