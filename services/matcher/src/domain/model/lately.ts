import { lnGamma } from './ln-gamma.ts';

/**
 * What an account's last days say against its long memory. A half-life of two weeks is right for most accounts most of the time; when a campaign is
 * replaced or a page changed, it is a week late. Counts of a day and a half beside what the long memory expected of the same clicks tell whether
 * anything has changed.
 */
export interface Lately {
  /** Leads with identifier, and as many as were expected of the clicks counted. */
  responses: number;
  due: number;
}

export const LATELY_HALF_LIFE_MS = 36 * 3_600_000;

export function noLately(): Lately {
  return { responses: 0, due: 0 };
}

/** How likely it is that something has changed, before the counts are seen. */
const CHANGED = 0.1;
/** A change is by half as a rule: the spread of a Gamma distribution of this shape. */
const SHAPE = 4;
const LN_GAMMA_SHAPE = Math.log(6);

/**
 * By how much the last days differ: 1 if nothing has changed, the Gamma posterior's mean if something has, weighed by how well each predicts the
 * count (Poisson against negative binomial). Of 300 leads expected 330 give 1.00 and 450 give 1.49.
 */
export function changeOf(found: number, expected: number): number {
  if (!(expected > 0)) return 1;
  const after = (SHAPE + found) / (SHAPE + expected);
  const log =
    lnGamma(SHAPE + found) - LN_GAMMA_SHAPE + SHAPE * Math.log(SHAPE / (SHAPE + expected)) - found * Math.log(SHAPE + expected) + expected;
  const odds = (CHANGED / (1 - CHANGED)) * Math.exp(Math.min(log, 700));
  return 1 + (after - 1) * (odds / (1 + odds));
}
