import type { AccountMatching } from './account-matching.ts';
import { conclude } from './conclude.ts';
import { factorAt, meanLossOdds } from './learned-parts.ts';
import type { Marks } from './marks.ts';
import { type AccountModel, deriveAccount } from './model/account-model.ts';
import { emptyAccountStatistics } from './model/account-statistics.ts';
import type { PlatformModel } from './model/platform-model.ts';
import type { Posterior } from './posterior.ts';

/**
 * A message of the hidden test set, kept so that models can be compared on it: what is left of the odds of its clicks without the learned
 * parts, and where to find those. The rate of messages of no click cancels: that a click led to it is known.
 */
export interface Trial {
  readonly variants: number;
  /** Of the click that was the truth: rest of the odds, and place (learned-parts.ts). */
  readonly truth: readonly [odds: number, place: number];
  /** Of the other listed ones, two numbers each. */
  readonly others: readonly number[];
  /** Of all others. */
  readonly rest: number;
}

/** Trials a partition keeps: the newest, of some days. With twelve partitions 1,500, on which a difference of .02 nats shows. */
export const TRIALS = 128;

/** Undefined when the truth is not among the listed clicks: then the parts that are learned did not decide. */
export function trialOf(account: AccountMatching, model: AccountModel, marks: Marks, answer: Posterior, truth: number): Trial | undefined {
  const found = answer.options.find(({ click }) => click === truth);
  if (found === undefined) return undefined;
  // However little the truth was given, it stays.
  const own = conclude(account, model, marks, { ...answer, options: [{ ...found, probability: 1 }] }, truth);
  const options = answer.options.filter(({ click }) => click !== truth);
  const others = conclude(account, model, marks, { ...answer, options, total: answer.total - found.odds });
  const [odds, place] = own.options;
  if (odds === undefined || place === undefined || !(odds > 0)) return undefined;
  return { variants: own.variants, truth: [odds, place], others: others.options, rest: restOf(model, answer) };
}

/** Clicks beyond the listed ones, per odds of losing and second between messages of no click. */
function restOf(model: AccountModel, { options, total, organicPerS, burst }: Posterior): number {
  const listed = options.reduce((sum, { odds }) => sum + odds, 0);
  const perS = 1 / (organicPerS * burst);
  return Math.max(0, total - 1 - listed) / (meanLossOdds(model) * perS);
}

/** −ln of the probability that a model gives to the truth, given that it was a click. Nats. */
export function lossUnder({ truth, others, rest, variants }: Trial, model: AccountModel): number {
  const own = truth[0] * factorAt(model, truth[1], variants);
  let total = own + rest * meanLossOdds(model);
  for (let at = 0; at < others.length; at += 2) total += others[at]! * factorAt(model, others[at + 1]!, variants);
  return Math.log(total / own);
}

/** A model as an account sees it that has shown nothing of its own: trials of many accounts are compared on the same footing. */
export function bareAccount(platform: PlatformModel): AccountModel {
  return deriveAccount(platform, emptyAccountStatistics());
}

export interface Comparison {
  readonly trials: number;
  /** How much more `next` loses than `inForce`, mean over the trials, and its standard error. Nats. */
  readonly difference: number;
  readonly error: number;
}

/** Both models on the same trials. */
export function compare(trials: readonly Trial[], next: PlatformModel, inForce: PlatformModel): Comparison {
  const [one, other] = [bareAccount(next), bareAccount(inForce)];
  let sum = 0;
  let squares = 0;
  for (const trial of trials) {
    const difference = lossUnder(trial, one) - lossUnder(trial, other);
    sum += difference;
    squares += difference * difference;
  }
  const n = Math.max(1, trials.length);
  const mean = sum / n;
  return { trials: trials.length, difference: mean, error: Math.sqrt(Math.max(0, squares / n - mean * mean) / n) };
}
