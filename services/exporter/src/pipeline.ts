import {
  type Batch,
  type BusRecord,
  BusUnavailableError,
  type Consumer,
  FencedError,
  type RecordPosition,
} from '@messtrack/runtime/bus.ts';
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
  #consumer: Consumer | undefined;
  #committing: Promise<void> = Promise.resolve();

  constructor(options: PipelineOptions) {
    this.#options = options;
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
    for (const record of batch.records) {
      if (batch.isStale() || progress.isRevoked || this.#options.signal.aborted) return;
      const taken = progress.take(record.offset);
      const outcome = this.#options.toRow(record.topic, record.value);
      switch (outcome.kind) {
        case 'ok': {
          const row: SourceRow = { row: outcome.value, progress, taken, record };
          if (!(await this.#addWhenRoom(row, batch))) return;
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
      const key = `${topic}/${partition}`;
      const progress = this.#progress.get(key);
      if (progress !== undefined) progress.isRevoked = true;
      this.#progress.delete(key);
    }
  }

  /** Sends what is buffered and commits it. */
  async drain(): Promise<void> {
    await this.#buffer.drain();
    await this.#commit();
  }

  async #addWhenRoom(row: SourceRow, batch: Batch): Promise<boolean> {
    while (!this.#buffer.tryAdd(row)) {
      // With the warehouse away this takes as long as that; the heartbeat keeps the partition ours meanwhile.
      const room = this.#buffer.room();
      while (!(await isDoneWithin(room, HEARTBEAT_MS))) {
        if (batch.isStale() || row.progress.isRevoked || this.#options.signal.aborted) return false;
        await batch.heartbeat();
      }
      if (batch.isStale() || row.progress.isRevoked || this.#options.signal.aborted) return false;
    }
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
    this.#committing = this.#committing.then(() => this.#commitNow());
    return this.#committing;
  }

  async #commitOffset(consumer: Consumer, position: RecordPosition): Promise<void> {
    const { limits, signal, log } = this.#options;
    await withRetry(() => consumer.commit([position]), {
      isTransient: isAnyOf(BusUnavailableError),
      budgetMs: Number.POSITIVE_INFINITY,
      maxDelayMs: limits.maxRetryDelayMs,
      signal,
      onRetry: (error, attempt) => log.warn({ err: error, attempt }, 'the commit waits for the bus'),
    });
  }

  async #commitNow(): Promise<void> {
    for (const progress of this.#progress.values()) {
      const offset = progress.committable();
      if (offset === undefined || this.#consumer === undefined) continue;
      try {
        await this.#commitOffset(this.#consumer, { topic: progress.topic, partition: progress.partition, offset });
        progress.markCommitted(offset);
      } catch (error) {
        // The new owner reads from the last commit; rows it inserts again have our keys.
        if (!(error instanceof FencedError)) throw error;
        this.revoke([progress]);
      }
    }
  }
}

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
