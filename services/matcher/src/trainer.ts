import { TOPICS } from '@messtrack/proto/topics.ts';
import { BusUnavailableError, type OutRecord } from '@messtrack/runtime/bus.ts';
import type { Logger } from 'pino';
import { modelEpochRecord, modelRecord, modelTombstone, statisticsRecord } from './adapters/model-records.ts';
import type { LearnedModel, Taught } from './domain/model/learned-model.ts';
import { isTeachingDue, mayTrain, train } from './domain/model/training.ts';
import { type PartitionState, partitionStatistics } from './domain/state.ts';
import type { MatcherMetrics } from './metrics.ts';
import type { Clock, ModelDirectory } from './ports.ts';

/** The partition of touchpoints.v1 whose owner trains: its transactions fence the owner before, so there are never two (decision 8). */
export const TRAINING_PARTITION = 0;

/** A version is deleted when no record of the log can name it any more. */
const KEEP_VERSIONS_MS = TOPICS.touchpoints.retentionMs + 10 * 86_400_000;
/** Half of what the topic takes: beyond that, names that somebody makes up have flooded the tables. */
const MAX_STATISTICS_BYTES = TOPICS.model.maxRecordBytes / 2;

/** What one partition adds to model.v1; what it returns belongs into the transaction of the batch just folded. */
export interface Teaching {
  /** The epoch of a version has been folded. */
  folded(version: number): void;
  /** What is due after a batch that ends before `nextOffset`. */
  due(nextOffset: number): Promise<readonly OutRecord[]>;
  /** The same when the partition has nothing to read. */
  idle(): Promise<readonly OutRecord[]>;
}

export const NO_TEACHING: Teaching = { folded: () => undefined, due: async () => [], idle: async () => [] };

export interface TeachingParts {
  readonly directory: ModelDirectory;
  readonly metrics: MatcherMetrics;
  readonly clock: Clock;
  readonly log: Logger;
  /** End of the partition's log when it was assigned: whatever an earlier owner has trained stands before it. */
  readonly logEnd: number;
  /** Partitions of touchpoints.v1; each is told of a new version. */
  readonly partitions: number;
  /** Wall time between two looks at what other partitions have taught. */
  readonly lookEveryMs: number;
}

/** Of a partition just assigned: `directory` has been refreshed since the owner before was fenced. */
export function createTeaching(state: PartitionState, parts: TeachingParts): Teaching {
  const { directory, metrics, clock, log, logEnd, lookEveryMs } = parts;
  let last = directory.taughtBy(state.partition);
  let foldedTo = 0;
  /** Partition time when this owner came; 0 before the first record of an empty log. */
  let watchedFromMs = state.clockMs;
  /** Highest version that this partition's log has named, or that has been put there. */
  let highest = state.platform.version;
  let awaited = 0;
  /** Time of the newest model that was made and not written. */
  let refusedAtMs = Number.NEGATIVE_INFINITY;
  let lookedAtMs = Number.NEGATIVE_INFINITY;

  function teach(): readonly OutRecord[] {
    if (watchedFromMs === 0) watchedFromMs = state.clockMs;
    if (!isTeachingDue(state.statistics, state.clockMs, last, watchedFromMs)) return [];
    const taught: Taught = {
      partition: state.partition,
      nextOffset: foldedTo,
      atMs: state.clockMs,
      statistics: partitionStatistics(state),
      trials: [...state.trials],
    };
    const record = statisticsRecord(taught, clock());
    metrics.taught(state.partition, record.value.length);
    // Written or not, the next are due when these have aged.
    last = taught;
    return isTooLarge(record) ? [] : [record];
  }

  /** The next version and its epochs, when it is worth one and the version before has come into force here. */
  async function learn(): Promise<readonly OutRecord[]> {
    if (state.partition !== TRAINING_PARTITION || foldedTo < logEnd || awaited > highest) return [];
    // By its size: after the clock was set back, training would else wait until it has caught up.
    if (Math.abs(clock() - lookedAtMs) < lookEveryMs) return [];
    lookedAtMs = clock();
    await directory.refresh();
    const all = [...directory.taught().filter(({ partition }) => partition !== last?.partition), ...(last === undefined ? [] : [last])];
    const newest = await newestModel();
    if (!mayTrain(all, newest) || !mayTrain(all, { learnedAtMs: refusedAtMs })) return [];
    // Fading is done in place, and the statistics of this partition are still compared with.
    const own = (taught: Taught) => (taught === last ? { ...taught, statistics: structuredClone(taught.statistics) } : taught);
    const version = Math.max(directory.newest(), highest) + 1;
    const training = train(all.map(own), newest, version);
    switch (training.kind) {
      case 'not_due':
        return [];
      case 'trained':
        return announce(training.learned);
      case 'refused': {
        const { refused, learnedAtMs } = training;
        refusedAtMs = learnedAtMs;
        metrics.trained(refused.reason);
        log.error(
          { ...refused, learnedAtMs, inForce: directory.newest() },
          'a model was made that must not be switched to: the model in force stays',
        );
        return [];
      }
    }
  }

  async function newestModel(): Promise<LearnedModel | undefined> {
    if (directory.newest() === 0) return undefined;
    const found = await directory.find(directory.newest());
    return found.kind === 'found' ? found.learned : undefined;
  }

  function announce(learned: LearnedModel): readonly OutRecord[] {
    const { model, learnedAtMs } = learned;
    const record = modelRecord(learned, clock());
    if (isTooLarge(record)) {
      refusedAtMs = learnedAtMs;
      return [];
    }
    awaited = model.version;
    metrics.trained('trained');
    log.info({ version: model.version, learnedAtMs, bytes: record.value.length }, 'model trained');
    const old = directory
      .versions()
      .filter((each) => each.learnedAtMs < learnedAtMs - KEEP_VERSIONS_MS && each.version < directory.newest());
    return [
      record,
      ...old.map(({ version }) => modelTombstone(version, clock())),
      ...Array.from({ length: parts.partitions }, (_, partition) => modelEpochRecord(partition, model.version, learnedAtMs)),
    ];
  }

  function isTooLarge(record: OutRecord): boolean {
    const bytes = record.value.length;
    if (bytes <= MAX_STATISTICS_BYTES) return false;
    metrics.trained('too_large');
    log.error(
      { key: record.key, bytes, limit: MAX_STATISTICS_BYTES },
      'what was learned is too large to be written: the model in force stays',
    );
    return true;
  }

  async function whenLogAnswers(work: () => Promise<readonly OutRecord[]>): Promise<readonly OutRecord[]> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof BusUnavailableError)) throw error;
      // Leads do not wait for a better model.
      log.warn({ err: error }, 'model.v1 does not answer: training waits');
      return [];
    }
  }

  return {
    folded(version) {
      highest = Math.max(highest, version);
    },
    async due(nextOffset) {
      foldedTo = nextOffset;
      return [...teach(), ...(await whenLogAnswers(learn))];
    },
    async idle() {
      // Transaction markers end a log behind its last record.
      foldedTo = Math.max(foldedTo, logEnd);
      return whenLogAnswers(learn);
    },
  };
}
