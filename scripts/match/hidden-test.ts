import type { TestedQuestion } from '@messtrack/matcher/domain/scope.ts';

const BINS = 10;
/** Very likely and above (docs/history-files.md). */
const SURE = 0.8;

/** Answers whose likeliest click has a probability in a range, given that it was one of the clicks. */
export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** How many should have been right: the sum of their probabilities. */
  readonly expected: number;
  /** How many were. */
  readonly right: number;
}

/**
 * Quality on messages whose truth is known: some identified ones are also asked about as if their identifier were lost. All of them came
 * from a click, which the model is not told. So calibration compares what it says of clicks given that it was one, p / (1 − p of none);
 * log loss, precision and coverage take its answers as said.
 */
export interface HiddenTest {
  readonly messages: number;
  /** Mean of −ln p of the click that the message did come from, nats. */
  readonly log_loss: number;
  /** Mean distance of probability and frequency over the bins, weighted by their counts. */
  readonly calibration_error: number;
  /** Share of right ones among answers that say at least 0.8, and share of such answers. Null when there is none. */
  readonly precision_at_80: number | null;
  readonly coverage_at_80: number;
  readonly bins: readonly CalibrationBin[];
}

export interface HiddenTestTally {
  add(answer: TestedQuestion): void;
  /** Undefined when nothing was tested. */
  result(): HiddenTest | undefined;
}

export function createHiddenTestTally(): HiddenTestTally {
  const bins = Array.from({ length: BINS }, () => ({ count: 0, expected: 0, right: 0 }));
  let messages = 0;
  let loss = 0;
  let sure = 0;
  let sureRight = 0;
  return {
    add({ pTruth, pTop, isTopRight, pNone }) {
      messages += 1;
      loss -= Math.log(pTruth);
      const given = pNone < 1 ? Math.min(1, pTop / (1 - pNone)) : 0;
      const bin = bins[Math.min(BINS - 1, Math.floor(given * BINS))]!;
      bin.count += 1;
      bin.expected += given;
      if (isTopRight) bin.right += 1;
      if (pTop < SURE) return;
      sure += 1;
      if (isTopRight) sureRight += 1;
    },
    result() {
      if (messages === 0) return undefined;
      const distance = bins.reduce((sum, { expected, right }) => sum + Math.abs(expected - right), 0);
      return {
        messages,
        log_loss: round(loss / messages),
        calibration_error: round(distance / messages),
        precision_at_80: sure === 0 ? null : round(sureRight / sure),
        coverage_at_80: round(sure / messages),
        bins: bins.map(({ count, expected, right }, index) => ({
          from: index / BINS,
          to: (index + 1) / BINS,
          count,
          expected: round(expected),
          right,
        })),
      };
    },
  };
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
