/**
 * How far accounts differ in a rate from what their platform expects of them: by account how many were found, against how many were expected. Sums over accounts: of what is known of the squared
 * coefficient of variation, and how much is known. Its inverse is the shape of the Gamma law that the factors of accounts are drawn from, and as many of what was expected stand behind the
 * platform's rate when an account's own is told.
 */
export type SpreadSums = Float64Array;

const KNOWN = 0;
const WEIGHT = 1;

export function noSpread(): SpreadSums {
  return new Float64Array(2);
}

/** Before any account is known. */
export interface FirstSpread {
  /** Expected ones behind the platform's rate. */
  readonly strength: number;
  /** As many accounts that have shown themselves stand behind that. */
  readonly accounts: number;
}

/** Nobody is known to be quite like all others, nor is any account by itself. */
const MOST_STRENGTH = 200;
const LEAST_STRENGTH = 1;

/**
 * Counts an account. Beyond the variance of a count, `expected`² times the squared coefficient is left (method of moments), and each account speaks as loudly as the variance of what it says allows: few expected
 * ones say nothing, and from some dozens on an account is one account, however large it is.
 */
export function addSpread(into: SpreadSums, found: number, expected: number, { strength }: FirstSpread): void {
  if (!(expected > 0)) return;
  const variance = expected + (expected * expected) / strength;
  const square = expected * expected;
  // Of the square of a normal deviate twice its variance squared, and of a Poisson count its mean besides.
  const certainty = (square / (2 * variance * variance + expected)) * square;
  const off = found - expected;
  into[KNOWN]! += (certainty * (off * off - found)) / square;
  into[WEIGHT]! += certainty;
}

/** Expected ones that stand behind the platform's rate. */
export function strengthOf(sums: SpreadSums, { strength, accounts }: FirstSpread): number {
  // What an account says that has shown itself whole.
  const first = (accounts * strength * strength) / 2;
  const spread = (first / strength + sums[KNOWN]!) / (first + sums[WEIGHT]!);
  return 1 / Math.min(1 / LEAST_STRENGTH, Math.max(1 / MOST_STRENGTH, spread));
}
