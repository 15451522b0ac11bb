import type { Marks } from './marks.ts';

/**
 * A message without identifier whose answer is final, with of its options only what does not depend on the parameters it teaches. The
 * expectation step can therefore be taken again under every new model: counts of shares worked out under older ones would keep their
 * errors for as long as they are remembered (with .22 too many losers at first, half of them were still there after a week).
 */
export interface Concluded {
  readonly timeMs: number;
  readonly hour: number;
  readonly country: string;
  readonly wording: Marks['wording'];
  readonly variants: number;
  /** Burst factor at its time. */
  readonly burst: number;
  /** Odds of the listed options, two numbers each: what is left of the odds without the learned parts, and where to find those (`place`). */
  readonly options: readonly number[];
  /** Campaign of each option whose click carried no code, in their order: what such clicks bring is known from nowhere else. */
  readonly campaigns: readonly string[];
  /** The same of all other clicks by delay: what is left of their odds without the learned parts of a click of unknown kind, and the bin (for clicks without a code `DELAY_BINS` further). */
  readonly rest: readonly number[];
}
