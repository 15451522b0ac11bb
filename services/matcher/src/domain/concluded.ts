import type { Marks } from './marks.ts';
import type { Reach } from './model/mixing-share.ts';

/**
 * A message without identifier whose answer is final, with of its options only what does not depend on the parameters it teaches. The
 * expectation step can therefore be taken again under every new model: counts of shares worked out under older ones would keep their
 * errors for as long as they are remembered (with .22 too many losers at first, half of them were still there after a week).
 */
export interface Concluded {
  readonly timeMs: number;
  /** How many messages it stands for, itself included. */
  readonly weight: number;
  readonly hour: number;
  readonly country: string;
  readonly wording: Marks['wording'];
  readonly variants: number;
  /** Burst factor at its time. */
  readonly burst: number;
  /** Decoys that it was held against (anchor.ts): the anchor's share is one of such messages. */
  readonly held: Reach | undefined;
  /** Odds of the listed options, two numbers each: what is left of the odds without the learned parts, and where to find those (learned-parts.ts). */
  readonly options: readonly number[];
  /** Campaign of each option whose click carried no code, in their order: what such clicks bring is known from nowhere else. */
  readonly campaigns: readonly string[];
  /** The same of all other clicks by delay: what is left of their odds without the learned parts of a click of unknown kind, and where their sum stands (unlisted-clicks.ts). */
  readonly rest: readonly number[];
  /**
   * Of all other clicks that may have lost their code the part of each kind, but for its odds of losing beside the average, and the kind; `KINDS` stands for what is of
   * too many kinds to name.
   */
  readonly kinds: readonly number[];
}

/** Enough for a share of losers known within a tenth. Half as many cost .01 of the oracle's loss where clicks carry no code. */
export const RESERVOIR = 512;
const OLDEST_MS = 28 * 86_400_000;

/**
 * Adds a message; returns those that are too old, oldest first. What does not find place is not counted once and for all: of two neighbours one is let
 * go and the other stands for both, so that all of a busy account's weeks are explained anew by every model. Plain counts of those beyond the newest
 * 256 kept what the first hours' models took them for: with 1.5 messages of no click per lead, 1.85 times as many leads as there were (1.68 now), and
 * 1.19 times the oracle's loss instead of 1.16.
 */
export function put(concluded: Concluded[], added: Concluded): readonly Concluded[] {
  concluded.push(added);
  let gone = 0;
  while (concluded[gone]!.timeMs < added.timeMs - OLDEST_MS) gone += 1;
  const retired = gone === 0 ? NOBODY : concluded.splice(0, gone);
  while (concluded.length > RESERVOIR) thin(concluded);
  return retired;
}

const NOBODY: readonly Concluded[] = [];

/** Of the two neighbours that stand for the fewest together, the oldest such, one stays: by chance as their weights are, or sums would lean to one of them. */
function thin(concluded: Concluded[]): void {
  let at = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let each = 1; each < concluded.length; each += 1) {
    const together = concluded[each - 1]!.weight + concluded[each]!.weight;
    if (together >= least) continue;
    least = together;
    at = each - 1;
  }
  const [one, other] = [concluded[at]!, concluded[at + 1]!];
  const stays = chanceOf(one.timeMs, other.timeMs) * least < one.weight ? one : other;
  concluded.splice(at, 2, { ...stays, weight: least });
}

/** In [0, 1), a function of the log alone: a replay lets the same ones go. */
function chanceOf(oneMs: number, otherMs: number): number {
  let hash = Math.imul(Math.floor(oneMs / 1_000), 0x85ebca6b) ^ Math.floor(otherMs / 1_000);
  hash = Math.imul(hash ^ (hash >>> 15), 0x9e3779b1);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
