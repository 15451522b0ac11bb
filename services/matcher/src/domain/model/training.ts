import { fit, isFitDue } from './fit.ts';
import { type Refused, refusalOf } from './guard-rails.ts';
import type { LearnedModel, Taught } from './learned-model.ts';
import { fadePlatform, type PlatformStatistics } from './platform-statistics.ts';

const HOUR_MS = 3_600_000;

/**
 * Statistics are worth a record when they have grown by a twentieth or a day has passed; at most hourly, and never while they are empty. The
 * first come an hour after the partition was first watched: a handful of leads teaches nothing that the priors do not know better.
 */
export function isTeachingDue(statistics: PlatformStatistics, nowMs: number, last: Taught | undefined, watchedFromMs: number): boolean {
  const { identified, unidentified } = statistics.scalars;
  if (identified + unidentified === 0) return false;
  if (last === undefined) return nowMs - watchedFromMs >= HOUR_MS;
  return isFitDue(statistics, since(last.statistics, last.atMs), nowMs);
}

export type Training =
  | { readonly kind: 'not_due' }
  | { readonly kind: 'trained'; readonly learned: LearnedModel }
  /** The model in force stays. */
  | { readonly kind: 'refused'; readonly refused: Refused; readonly learnedAtMs: number };

/**
 * The model of all that the partitions have taught, when it is worth a new version. Partitions are taken by number, because sums of doubles
 * depend on their order; what a quiet partition taught long ago is faded to the time of the newest.
 */
export function train(taught: readonly Taught[], newest: LearnedModel | undefined, version: number): Training {
  if (taught.length === 0) return NOT_DUE;
  const learnedAtMs = Math.max(...taught.map(({ atMs }) => atMs));
  const ordered = taught.toSorted((a, b) => a.partition - b.partition);
  const partitions = ordered.map(({ statistics, atMs }) => fadedTo(statistics, atMs, learnedAtMs));
  const model = fit(partitions, { version: version - 1 });
  const isDue = newest === undefined || isFitDue(model.statistics, since(newest.model.statistics, newest.learnedAtMs), learnedAtMs);
  if (!isDue) return NOT_DUE;
  const learned = { model, learnedAtMs };
  const refused = refusalOf(
    learned,
    newest,
    ordered.flatMap(({ trials }) => trials),
  );
  return refused === undefined ? { kind: 'trained', learned } : { kind: 'refused', refused, learnedAtMs };
}

const NOT_DUE: Training = { kind: 'not_due' };

/** Spares adding everything up when it is too early for whatever would come out. */
export function mayTrain(taught: readonly Pick<Taught, 'atMs'>[], newest: Pick<LearnedModel, 'learnedAtMs'> | undefined): boolean {
  return taught.some(({ atMs }) => newest === undefined || atMs - newest.learnedAtMs >= HOUR_MS);
}

/** Paced by when it was taken: statistics say only to the hour until when they are faded. */
function since(statistics: PlatformStatistics, atMs: number): { readonly statistics: PlatformStatistics } {
  return { statistics: { ...statistics, fadedAtMs: atMs } };
}

/** In place: statistics of other partitions are decoded for this alone. */
function fadedTo(statistics: PlatformStatistics, takenAtMs: number, nowMs: number): PlatformStatistics {
  if (statistics.fadedAtMs > 0 && nowMs - takenAtMs >= HOUR_MS) fadePlatform(statistics, nowMs);
  return statistics;
}
