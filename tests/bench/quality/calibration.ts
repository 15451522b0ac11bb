import type { Random } from './random.ts';

/** One answer: how sure, and whether right. */
export interface Bet {
  readonly confidence: number;
  readonly isRight: boolean;
}

export interface Bin {
  readonly count: number;
  readonly confidence: number;
  readonly right: number;
}

const BINS = 15;
const DRAWS = 200;

/** Bins of equal size in order of confidence: equal widths would put nine answers in ten into two bins. */
export function binsOf(bets: readonly Bet[]): readonly Bin[] {
  const sorted = [...bets].sort((a, b) => a.confidence - b.confidence);
  const bins: Bin[] = [];
  const count = Math.min(BINS, sorted.length);
  for (let at = 0; at < count; at += 1) {
    const part = sorted.slice(Math.floor((at * sorted.length) / count), Math.floor(((at + 1) * sorted.length) / count));
    const confidence = part.reduce((sum, bet) => sum + bet.confidence, 0) / part.length;
    const right = part.reduce((sum, bet) => sum + (bet.isRight ? 1 : 0), 0) / part.length;
    bins.push({ count: part.length, confidence, right });
  }
  return bins;
}

/** Expected calibration error: mean distance between confidence and share of right answers, over bins. */
export function calibrationError(bets: readonly Bet[]): number {
  if (bets.length === 0) return 0;
  return binsOf(bets).reduce((sum, bin) => sum + bin.count * Math.abs(bin.confidence - bin.right), 0) / bets.length;
}

/** 2.5 % and 97.5 % of the error over samples drawn again with replacement. */
export function calibrationInterval(bets: readonly Bet[], random: Random): readonly [number, number] {
  const errors = Array.from({ length: DRAWS }, () => calibrationError(bets.map(() => bets[random.below(bets.length)]!)));
  errors.sort((a, b) => a - b);
  return [errors[Math.floor(0.025 * DRAWS)] ?? 0, errors[Math.ceil(0.975 * DRAWS) - 1] ?? 0];
}

/** What an answer of exactly this confidence, and perfectly calibrated, shows on as many messages by chance: mean and 95 %. */
export function chanceError(bets: readonly Bet[], random: Random): { readonly mean: number; readonly high: number } {
  const errors = Array.from({ length: DRAWS }, () =>
    calibrationError(bets.map(({ confidence }) => ({ confidence, isRight: random.next() < confidence }))),
  );
  errors.sort((a, b) => a - b);
  return { mean: errors.reduce((sum, error) => sum + error, 0) / DRAWS, high: errors[Math.ceil(0.95 * DRAWS) - 1] ?? 0 };
}

export interface CoveragePoint {
  readonly coverage: number;
  readonly precision: number;
}

/** Precision of the surest answers against how many they are, out of `total`; answers of equal confidence come together. */
export function coverageCurve(bets: readonly Bet[], total: number): readonly CoveragePoint[] {
  const sorted = [...bets].sort((a, b) => b.confidence - a.confidence);
  const points: CoveragePoint[] = [];
  let right = 0;
  sorted.forEach((bet, at) => {
    if (bet.isRight) right += 1;
    if (sorted[at + 1]?.confidence === bet.confidence) return;
    points.push({ coverage: (at + 1) / total, precision: right / (at + 1) });
  });
  return points;
}

/** The largest coverage whose precision is at least `precision`. */
export function coverageAt(curve: readonly CoveragePoint[], precision: number): number {
  return curve.reduce((best, point) => (point.precision >= precision ? Math.max(best, point.coverage) : best), 0);
}
