/** What messages held against decoys have told (anchor.ts), decayed as rates are. */
export interface AnchorStatistics {
  /** Final answers in words of their own; how much more probable their clicks were than their decoys, in sum, and the squares. */
  held: number;
  excess: number;
  squares: number;
  /** The same of messages of the hidden test set, each of which did come from a click. */
  tests: number;
  testExcess: number;
  testSquares: number;
  /** Held messages of the reservoirs, and how many of them the model in force takes to come from a click: shares of posteriors. */
  explained: number;
  clicked: number;
}

export const ANCHOR_COUNTS = ['held', 'excess', 'squares', 'tests', 'testExcess', 'testSquares', 'explained', 'clicked'] as const;

export function noAnchor(): AnchorStatistics {
  return { held: 0, excess: 0, squares: 0, tests: 0, testExcess: 0, testSquares: 0, explained: 0, clicked: 0 };
}

/** With fewer an error estimated from them says nothing. */
const MIN_HELD = 100;
const MIN_TESTS = 20;
const MOST = 0.95;
const MAX_TILT = 4;

/** The share of held messages that come from clicks, by comparison alone, and its relative error; undefined while too little is known. */
export function anchoredShare(anchor: AnchorStatistics): { readonly share: number; readonly relativeError: number } | undefined {
  const { held, excess, squares, tests, testExcess, testSquares } = anchor;
  if (held < MIN_HELD || tests < MIN_TESTS) return undefined;
  const mean = excess / held;
  const whole = testExcess / tests;
  if (!(mean > 0 && whole > 0)) return undefined;
  const variance = Math.max(0, squares / held / mean ** 2 - 1) / held + Math.max(0, testSquares / tests / whole ** 2 - 1) / tests;
  return { share: Math.min(MOST, mean / whole), relativeError: Math.sqrt(variance) };
}

/**
 * Factor on the odds of clicks in the expectation step for messages in words of their own, so that as many of them come from clicks as the anchor says: rates of losing the
 * code, of keeping the greeting, editing times and messages of no click all follow from those shares. Answers are not touched by it. 1 while the anchor says nothing.
 */
export function mixingTilt(anchor: AnchorStatistics): number {
  const known = anchoredShare(anchor);
  const said = anchor.clicked / anchor.explained;
  if (known === undefined || !(said > 0 && said < 1)) return 1;
  const { share, relativeError } = known;
  // As much of the difference as is not likely to be chance (James–Stein): within its own error the anchor says nothing, because where the model fits the likelihood
  // knows the share better, and moving it about with the anchor's chance cost .03 of the oracle's loss in short histories.
  const off = Math.log(((1 - said) * share) / (said * (1 - share)));
  const error = relativeError / (1 - share);
  const weight = Math.max(0, 1 - (error / off) ** 2);
  const tilt = Math.exp(weight * off);
  return Math.min(MAX_TILT, Math.max(1 / MAX_TILT, tilt));
}
