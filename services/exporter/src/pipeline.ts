import { setImmediate } from 'node:timers/promises';
import {
  type Batch,
  type BusRecord,
  BusUnavailableError,
  type Consumer,
  FencedError,
  type RecordPosition,
} from '@messtrack/runtime/bus.ts';
import { createOutageLog, type OutageLog } from '@messtrack/runtime/outage-log.ts';
import type { Outcome } from '@messtrack/runtime/outcome.ts';
import { isAnyOf, withRetry } from '@messtrack/runtime/retry.ts';
import { PartitionProgress } from './domain/partition-progress.ts';
import type { Row } from './domain/row.ts';
import type { PendingRow } from './domain/table-batch.ts';
import type { ExporterMetrics } from './metrics.ts';
import type { DeadLetter, DeadLetterSink } from './ports.ts';
import { RowBuffer, type RowBufferOptions } from './row-buffer.ts';

export interface PipelineOptions extends Omit<RowBufferOptions, 'onConfirmed' | 'onRejected' | 'metrics'> {
  readonly toRow: (topic: string, value: Uint8Array) => Outcome<Row>;
  readonly deadLetters: DeadLetterSink;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly metrics: ExporterMetrics;
}

interface SourceRow extends PendingRow {
  /** For the dead letter, should the warehouse refuse the row. */
  readonly record: BusRecord;
}

/**
 * The way of a record:
 *
 *   decode → row ─► buffer of its table ─► insert confirmed ─► settled ─► offsets up to the first unsettled record committed
 *          └─ dead letter durable ──────────────────────────►┘
 *          └─ nothing to do ────────────────────────────────►┘
 *
 * A crash anywhere leaves the offset where every record before it is confirmed or dead-lettered: what comes again has the same key and vanishes.
 */
export class ExportPipeline {
  readonly #options: PipelineOptions;
  readonly #buffer: RowBuffer;
  readonly #progress = new Map<string, PartitionProgress>();
  readonly #rowsWritten = new Map<string, number>();
  readonly #lastWrittenAtMs = new Map<string, number>();
  readonly #outage: OutageLog;
  #consumer: Consumer | undefined;
  #committing: Promise<void> = Promise.resolve();
  /** A commit that waits for the one under way and has not looked yet what there is to commit. */
  #nextCommit: Promise<void> | undefined;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#outage = createOutageLog(options.log, { away: 'commits wait for the bus', back: 'the bus takes commits again' });
    this.#buffer = new RowBuffer({
      ...options,
      onConfirmed: (rows) => this.#confirmed(rows),
      onRejected: (rows, detail) => this.#rejected(rows, detail),
    });
  }

  get buffer(): RowBuffer {
    return this.#buffer;
  }

  /** Rows confirmed since the start, and when the last one was; milliseconds since the Unix epoch, 0 when none was. */
  written(topic: string): { readonly rows: number; readonly lastAtMs: number } {
    return { rows: this.#rowsWritten.get(topic) ?? 0, lastAtMs: this.#lastWrittenAtMs.get(topic) ?? 0 };
  }

  async handle(batch: Batch, consumer: Consumer): Promise<void> {
    this.#consumer = consumer;
    const progress = this.#progressOf(batch.topic, batch.partition);
    const outcomes = new Map<string, number>();
    const count = (outcome: string) => outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    try {
      await this.#take(batch, progress, count);
    } finally {
      for (const [outcome, number] of outcomes) this.#options.metrics.records.inc({ topic: batch.topic, outcome }, number);
    }
    // Records without rows settle here; nothing would commit them until the next insert.
    await this.#commit();
  }

  async #take(batch: Batch, progress: PartitionProgress, count: (outcome: string) => void): Promise<void> {
    const isOver = () => batch.isStale() || progress.isRevoked || this.#options.signal.aborted;
    for (const [index, record] of batch.records.entries()) {
      if (index % SLICE === 0) {
        // Twelve partitions of 2,000 records decoded in one go would stop the process for seconds: no answer to a probe, no insert on its way.
        if (index > 0) await setImmediate();
        if (isOver()) return;
      }
      const taken = progress.take(record.offset);
      const outcome = this.#options.toRow(record.topic, record.value);
      switch (outcome.kind) {
        case 'ok': {
          const row: SourceRow = { row: outcome.value, progress, taken, record };
          if (!this.#buffer.tryAdd(row) && !(await this.#addWhenRoom(row, batch, isOver))) return;
          count('row');
          break;
        }
        case 'dead-letter':
          await this.#deadLetter([{ record, reason: outcome.reason, detail: outcome.detail }]);
          count('dead_letter');
          progress.settle(taken);
          break;
        case 'drop':
          count(outcome.reason);
          progress.settle(taken);
          break;
        case 'retry':
          throw new TypeError('decoding cannot ask for a retry');
      }
    }
  }

  /** The partitions belong to somebody else: their buffered rows go in, their offsets are not ours to move. */
  revoke(partitions: readonly { readonly topic: string; readonly partition: number }[]): void {
    for (const { topic, partition } of partitions) {
      const progress = this.#progress.get(`${topic}/${partition}`);
      if (progress !== undefined) this.#drop(progress);
    }
  }

  /** The partition may have come back meanwhile, with a progress of its own that stays. */
  #drop(progress: PartitionProgress): void {
    progress.isRevoked = true;
    const key = `${progress.topic}/${progress.partition}`;
    if (this.#progress.get(key) === progress) this.#progress.delete(key);
  }

  /** Sends what is buffered and commits it, or the signal ends the waiting, also that for a commit which Kafka does not answer: what is not committed is read again. */
  async drain(): Promise<void> {
    const { signal } = this.#options;
    const ended = Promise.withResolvers<void>();
    if (signal.aborted) ended.resolve();
    signal.addEventListener('abort', () => ended.resolve(), { once: true });
    await Promise.race([this.#buffer.drain().then(() => this.#commit()), ended.promise]);
  }

  async #addWhenRoom(row: SourceRow, batch: Batch, isOver: () => boolean): Promise<boolean> {
    do {
      // With the warehouse away this takes as long as that; the heartbeat keeps the partition ours meanwhile.
      const room = this.#buffer.room();
      while (!(await isDoneWithin(room, HEARTBEAT_MS))) {
        if (isOver()) return false;
        await batch.heartbeat();
      }
      if (isOver()) return false;
    } while (!this.#buffer.tryAdd(row));
    return true;
  }

  async #confirmed(rows: readonly PendingRow[]): Promise<void> {
    const now = this.#options.now();
    // Every table has one topic, so the first row names it for all.
    const topic = rows[0]?.progress.topic;
    if (topic !== undefined) {
      this.#rowsWritten.set(topic, (this.#rowsWritten.get(topic) ?? 0) + rows.length);
      this.#lastWrittenAtMs.set(topic, now);
    }
    for (const { progress, taken } of rows) progress.settle(taken);
    await this.#commit();
  }

  async #rejected(rows: readonly PendingRow[], detail: string): Promise<void> {
    const letters = rows.filter(hasRecord).map(({ record }): DeadLetter => ({ record, reason: 'rejected_by_warehouse', detail }));
    await this.#deadLetter(letters);
    for (const { progress, taken } of rows) progress.settle(taken);
    await this.#commit();
  }

  async #deadLetter(letters: readonly DeadLetter[]): Promise<void> {
    await this.#options.deadLetters.send(letters);
    for (const { record, reason } of letters) {
      this.#options.metrics.deadLetters.inc({ topic: record.topic, reason });
      this.#options.log.warn({ topic: record.topic, partition: record.partition, offset: record.offset, reason }, 'record dead-lettered');
    }
  }

  #progressOf(topic: string, partition: number): PartitionProgress {
    const key = `${topic}/${partition}`;
    const known = this.#progress.get(key);
    if (known !== undefined) return known;
    const progress = new PartitionProgress(topic, partition);
    this.#progress.set(key, progress);
    return progress;
  }

  /** One commit at a time: a later one that overtakes an earlier one would be undone by it. */
  #commit(): Promise<void> {
    this.#nextCommit ??= this.#committing.then(() => {
      this.#nextCommit = undefined;
      return this.#commitNow();
    });
    this.#committing = this.#nextCommit;
    return this.#committing;
  }

  async #commitOffsets(consumer: Consumer, positions: readonly RecordPosition[]): Promise<void> {
    const { limits, signal } = this.#options;
    await withRetry(() => consumer.commit(positions), {
      isTransient: isAnyOf(BusUnavailableError),
      budgetMs: Number.POSITIVE_INFINITY,
      maxDelayMs: limits.maxRetryDelayMs,
      signal,
      onRetry: (error) => this.#outage.failed(error),
    });
    this.#outage.recovered();
  }

  async #commitNow(): Promise<void> {
    const consumer = this.#consumer;
    const moved = [...this.#progress.values()].flatMap((progress) => {
      const offset = progress.committable();
      return offset === undefined ? [] : [{ progress, offset }];
    });
    if (consumer === undefined || moved.length === 0) return;
    if (await this.#commitAll(consumer, moved)) return;
    // One partition of another owner refuses them all; alone, the others pass.
    for (const each of moved) {
      // The new owner reads from the last commit; rows it inserts again have our keys.
      if (!(await this.#commitAll(consumer, [each]))) this.#drop(each.progress);
    }
  }

  /** One transaction for all partitions: on the embedded log each is a sync of the disk. False when one of them is no longer ours. */
  async #commitAll(consumer: Consumer, moved: readonly Moved[]): Promise<boolean> {
    try {
      await this.#commitOffsets(
        consumer,
        moved.map(({ progress, offset }) => ({ topic: progress.topic, partition: progress.partition, offset })),
      );
    } catch (error) {
      if (!(error instanceof FencedError)) throw error;
      return false;
    }
    for (const { progress, offset } of moved) progress.markCommitted(offset);
    return true;
  }
}

/** A partition and the offset it may be committed to. */
interface Moved {
  readonly progress: PartitionProgress;
  readonly offset: number;
}

/** Records a partition decodes in one round of the event loop: half a millisecond; in a round all partitions have their turn, twelve of a topic. */
const SLICE = 16;

/** A third of the shortest session timeout in use (10 s on Kafka). */
const HEARTBEAT_MS = 3_000;

async function isDoneWithin(promise: Promise<void>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const expired = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([promise.then(() => true), expired]);
  } finally {
    clearTimeout(timer);
  }
}

function hasRecord(row: PendingRow): row is SourceRow {
  return 'record' in row;
}
