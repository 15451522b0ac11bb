import type { Trial } from '../model-trial.ts';
import type { PlatformModel } from './platform-model.ts';
import type { PlatformStatistics } from './platform-statistics.ts';

/** What one partition has taught, as of a place in its log. */
export interface Taught {
  readonly partition: number;
  /** First offset that is not counted in. */
  readonly nextOffset: number;
  /** Partition time then. Milliseconds since the Unix epoch, UTC. */
  readonly atMs: number;
  readonly statistics: PlatformStatistics;
  /** Messages of the hidden test set that models are compared on. */
  readonly trials: readonly Trial[];
}

/** A model version and when it was learned: the newest partition time that went into it, never a wall clock. */
export interface LearnedModel {
  readonly model: PlatformModel;
  readonly learnedAtMs: number;
}
