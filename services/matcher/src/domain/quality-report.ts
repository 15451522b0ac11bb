import type { CodeLoss } from './model/code-loss.ts';
import type { QualitySums } from './quality-sums.ts';

/** The day of one account so far; each report of a day replaces the one before. */
export interface QualityReport {
  readonly workspace: string;
  readonly account: string;
  /** UTC, yyyy-mm-dd. */
  readonly day: string;
  /** Up to when it counts: partition time, and the first offset that is not counted in. */
  readonly atMs: number;
  readonly nextOffset: number;
  readonly modelVersion: number;
  readonly warming: boolean;
  /** The day is over: no report of it follows. */
  readonly isLast: boolean;
  /** How far the provider's clock is ahead (positive) or behind (negative); 0 when nothing is wrong. Milliseconds. */
  readonly clockOffsetMs: number;
  readonly sums: QualitySums;
  readonly codeLoss: readonly CodeLoss[];
}
