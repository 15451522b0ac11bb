/** Which decoys a message was held against: those of an hour before, or, where clicks leave the store early, those of some minutes before. */
export type Reach = 'far' | 'near';
export const REACHES: readonly Reach[] = ['far', 'near'];

/** What messages held against decoys have told (anchor.ts), decayed as rates are. */
export interface AnchorSums {
  /** Final answers in words of their own; how much more probable their clicks were than their decoys, in sum. */
  held: number;
  excess: number;
  /** Over stretches of time (`STRETCH_MS`): squares of the excess within each, its product with the number of messages, squares of that number. */
  squares: number;
  products: number;
  crowds: number;
  /** The same of messages of the hidden test set, each of which did come from a click; they are few, and each stands for itself. */
  tests: number;
  testExcess: number;
  testSquares: number;
  /** Held messages of the reservoirs, and how many of them the model in force takes to come from a click: shares of posteriors. */
  explained: number;
  clicked: number;
}

/** Messages within the same stretch of time, which have the same clicks before them. Only its owner knows it; a model is not made of it. */
export interface Stretch {
  number: number;
  held: number;
  excess: number;
}

export type AnchorStatistics = Readonly<Record<Reach, AnchorSums>>;

export const ANCHOR_COUNTS = [
  'held',
  'excess',
  'squares',
  'products',
  'crowds',
  'tests',
  'testExcess',
  'testSquares',
  'explained',
  'clicked',
] as const;

export function noAnchor(): AnchorStatistics {
  return { far: noSums(), near: noSums() };
}

function noSums(): AnchorSums {
  return { held: 0, excess: 0, squares: 0, products: 0, crowds: 0, tests: 0, testExcess: 0, testSquares: 0, explained: 0, clicked: 0 };
}

/** With fewer an error estimated from them says nothing. */
const MIN_HELD = 100;
const MIN_TESTS = 20;
/** What a message from a click is worth has to be twice its standard error: divided by what may be nothing, any share comes out. */
const KNOWN = 2;
const LEAST_SHARE = 0.005;
const MOST_SHARE = 0.95;
const MAX_TILT = 4;
/** Of a logarithm of odds: however many messages there are, tests are not quite like those who delete the code. */
const LEAST_ERROR = 0.01;

/** The share of held messages that come from clicks, by comparison alone, and the standard error of its difference from `said`; undefined while too little is known. */
export function anchoredShare(sums: AnchorSums, said: number): { readonly share: number; readonly error: number } | undefined {
  const { held, excess, squares, products, crowds, tests, testExcess, testSquares } = sums;
  if (held < MIN_HELD || tests < MIN_TESTS) return undefined;
  const mean = excess / held;
  const whole = testExcess / tests;
  const variance = Math.max(0, squares - 2 * mean * products + mean ** 2 * crowds) / held ** 2;
  const wholeVariance = Math.max(0, testSquares / tests - whole ** 2) / tests;
  if (!(whole > KNOWN * Math.sqrt(wholeVariance))) return undefined;
  return {
    share: Math.min(MOST_SHARE, Math.max(LEAST_SHARE, mean / whole)),
    error: Math.sqrt(variance + said ** 2 * wholeVariance) / whole,
  };
}

/**
 * Factor on the odds of clicks in the expectation step for messages in words of their own, so that as many of them come from clicks as the anchor says: rates of losing the
 * code, of keeping the greeting, editing times and messages of no click all follow from those shares. Answers are not touched by it. 1 while the anchor says nothing.
 */
export function mixingTilt(anchor: AnchorStatistics): number {
  let certainty = 0;
  let sum = 0;
  for (const reach of REACHES) {
    const said = anchor[reach].clicked / anchor[reach].explained;
    if (!(said > 0 && said < 1)) continue;
    const known = anchoredShare(anchor[reach], said);
    if (known === undefined) continue;
    const middle = (known.share + said) / 2;
    const error = Math.max(known.error / (middle * (1 - middle)), LEAST_ERROR);
    certainty += 1 / error ** 2;
    sum += (logOdds(known.share) - logOdds(said)) / error ** 2;
  }
  if (certainty === 0) return 1;
  const off = sum / certainty;
  // As much of the difference as is not likely to be chance (James–Stein): within its own error the anchor says nothing, because where the model fits the likelihood
  // knows the share better, and moving it about with the anchor's chance cost .03 of the oracle's loss in short histories.
  const weight = Math.max(0, 1 - 1 / (certainty * off ** 2));
  return Math.min(MAX_TILT, Math.max(1 / MAX_TILT, Math.exp(weight * off)));
}

function logOdds(share: number): number {
  return Math.log(share / (1 - share));
}

/** Who writes at the same time has the same clicks before them, and a burst of messages is one chance and not a hundred. */
const STRETCH_MS = 20 * 60_000;

/** Counts a held message. */
export function addHeld(sums: AnchorSums, stretch: Stretch, timeMs: number, excess: number): void {
  const number = Math.floor(timeMs / STRETCH_MS);
  if (stretch.number !== number) {
    stretch.number = number;
    stretch.held = 0;
    stretch.excess = 0;
  }
  sums.held += 1;
  sums.excess += excess;
  sums.squares += 2 * stretch.excess * excess + excess * excess;
  sums.products += stretch.excess + stretch.held * excess + excess;
  sums.crowds += 2 * stretch.held + 1;
  stretch.held += 1;
  stretch.excess += excess;
}
