import { setTimeout as delay } from 'node:timers/promises';
import { createOutageLog, type OutageLog } from '@messtrack/runtime/outage-log.ts';
import { delayBound } from '@messtrack/runtime/retry.ts';
import type { Logger } from 'pino';
import { TABLES, type TableName } from './domain/row.ts';
import { type BatchLimits, halves, type PendingRow, TableBatch } from './domain/table-batch.ts';
import type { ExporterMetrics } from './metrics.ts';
import type { RowSink } from './ports.ts';

export interface RowBufferOptions {
  readonly sink: RowSink;
  readonly limits: BatchLimits & { readonly maxBufferedRows: number; readonly maxBufferedBytes: number; readonly maxRetryDelayMs: number };
  readonly metrics: Pick<ExporterMetrics, 'rows' | 'batches' | 'insertSeconds' | 'insertFailures' | 'rejectedRows'>;
  readonly log: Logger;
  /** Milliseconds on a monotonic scale: by the clock on the wall a batch opened before it was set back would wait for as long as that. */
  readonly elapsed: () => number;
  /** Ends the waiting for the warehouse; what is buffered then stays unconfirmed and is read again by the next process. */
  readonly signal: AbortSignal;
  /** Told when rows are confirmed. */
  readonly onConfirmed: (rows: readonly PendingRow[]) => Promise<void>;
  /** Told of the rows the warehouse refuses for themselves. */
  readonly onRejected: (rows: readonly PendingRow[], detail: string) => Promise<void>;
}

/** Inserts fail for what is no fault of the rows. */
export class WarehouseAwayError extends Error {
  override readonly name = 'WarehouseAwayError';
  readonly healthDetail = 'inserts fail, rows wait and the log is not read on';
}

interface TableState {
  open: TableBatch | undefined;
  /** Closed batches that wait for a writer, in order. */
  readonly queue: TableBatch[];
  /** Inserts on their way, or their confirmations. */
  writers: number;
}

/**
 * While the warehouse works on one insert of a table, the bytes of the next are on their way to it, and while one's offsets are committed it has the other
 * to do. Rows of one key carry their version or are equal, so that two inserts may overtake each other, but for goals: their id may be the caller's, and
 * said twice with another value the later one stands.
 */
function insertsAtOnce(table: TableName): number {
  return table === 'goal_records' ? 1 : 2;
}

/**
 * Rows of all partitions on their way into inserts: per table one open batch and at most two inserts at a time, over all tables a fixed number of rows and bytes.
 * `add` waits while that is reached, and so does the reading of the bus: with the warehouse away memory stays where it is and lag grows.
 */
export class RowBuffer {
  readonly #options: RowBufferOptions;
  readonly #tables = new Map<TableName, TableState>(TABLES.map((table) => [table, { open: undefined, queue: [], writers: 0 }]));
  readonly #crashed = Promise.withResolvers<never>();
  readonly #outage: OutageLog;
  #rows = 0;
  #bytes = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #idle: PromiseWithResolvers<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isDraining = false;

  constructor(options: RowBufferOptions) {
    this.#options = options;
    this.#outage = createOutageLog(options.log, {
      away: 'the warehouse is away; rows wait and the log is not read on',
      back: 'the warehouse takes rows again',
    });
    this.#crashed.promise.catch(() => undefined);
    options.signal.addEventListener('abort', () => this.#room?.resolve(), { once: true });
  }

  /** Rejects when confirming or dead-lettering fails for good. */
  get crashed(): Promise<never> {
    return this.#crashed.promise;
  }

  /** @throws WarehouseAwayError while inserts fail: an answer to a ping does not mean that there is room for rows */
  assertTaken(): void {
    if (this.#outage.isAway) throw new WarehouseAwayError('the last insert failed');
  }

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** False when there is no room: await `room` and ask again. */
  tryAdd(pending: PendingRow): boolean {
    const { limits } = this.#options;
    const size = pending.row.json.length;
    // A row larger than the whole allowance goes alone, or it would wait for ever.
    const isOver = this.#rows + 1 > limits.maxBufferedRows || this.#bytes + size > limits.maxBufferedBytes;
    if (isOver && this.#rows > 0) return false;
    const state = this.#state(pending.row.table);
    state.open ??= new TableBatch(pending.row.table, this.#options.elapsed());
    state.open.add(pending);
    this.#rows++;
    this.#bytes += size;
    if (state.open.isFull(limits)) this.#closeBatch(state);
    else this.#schedule();
    return true;
  }

  /**
   * Resolves when there may be room, or the buffer is being stopped. With nothing on its way what is open is sent: nothing more will come to fill it.
   * Otherwise an insert's end makes room, and the open batches go on filling instead of leaving as many small ones.
   */
  room(): Promise<void> {
    if (!this.#isWriting()) for (const state of this.#tables.values()) this.#closeBatch(state);
    this.#room ??= Promise.withResolvers();
    if (this.#options.signal.aborted) this.#room.resolve();
    return this.#room.promise;
  }

  /** Sends what is buffered and resolves when all of it is settled, or the signal ends the waiting. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    clearTimeout(this.#timer);
    for (const state of this.#tables.values()) this.#closeBatch(state);
    if (!this.#isWriting()) return;
    this.#idle ??= Promise.withResolvers();
    await Promise.race([this.#idle.promise, this.#crashed.promise]);
  }

  #state(table: TableName): TableState {
    const state = this.#tables.get(table);
    if (state === undefined) throw new TypeError(`unknown table ${table}`);
    return state;
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#isDraining) return;
    const { limits, elapsed } = this.#options;
    const open = [...this.#tables.values()].flatMap((state) => state.open ?? []);
    if (open.length === 0) return;
    const dueInMs = Math.max(1, Math.min(...open.map((batch) => batch.dueInMs(limits, elapsed()))));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      for (const state of this.#tables.values()) {
        if (state.open !== undefined && state.open.dueInMs(limits, elapsed()) <= 0) this.#closeBatch(state);
      }
      this.#schedule();
    }, dueInMs);
  }

  #closeBatch(state: TableState): void {
    const closed = state.open;
    if (closed === undefined) return;
    state.queue.push(closed);
    state.open = undefined;
    if (state.writers === insertsAtOnce(closed.table)) return;
    state.writers++;
    this.#write(state).catch((error: unknown) => this.#crashed.reject(error));
  }

  async #write(state: TableState): Promise<void> {
    for (let batch = state.queue.shift(); batch !== undefined && !this.#options.signal.aborted; batch = state.queue.shift()) {
      await this.#settle(batch.table, batch.rows);
      // Stopped in between: some rows are not settled. They stay counted, and their records are read again.
      if (this.#options.signal.aborted) break;
      this.#rows -= batch.rows.length;
      this.#bytes -= batch.bytes;
      this.#room?.resolve();
      this.#room = undefined;
    }
    state.writers--;
    if (!this.#isWriting()) this.#idle?.resolve();
  }

  #isWriting(): boolean {
    return [...this.#tables.values()].some((state) => state.writers > 0);
  }

  /** Confirms rows, or parts of them: a part that is refused is halved until the row at fault stands alone. */
  async #settle(table: TableName, rows: readonly PendingRow[]): Promise<void> {
    const outcome = await this.#insert(table, rows);
    switch (outcome.kind) {
      case 'confirmed':
        return this.#options.onConfirmed(rows);
      case 'stopped':
        return;
      case 'rejected': {
        if (rows.length === 1) {
          this.#options.metrics.rejectedRows.inc({ table });
          return this.#options.onRejected(rows, outcome.detail);
        }
        for (const half of halves(rows)) await this.#settle(table, half);
      }
    }
  }

  /** Repeats for as long as the warehouse is away. */
  async #insert(
    table: TableName,
    rows: readonly PendingRow[],
  ): Promise<{ readonly kind: 'confirmed' } | { readonly kind: 'stopped' } | { readonly kind: 'rejected'; readonly detail: string }> {
    const { sink, metrics, limits, signal } = this.#options;
    const outage = this.#outage;
    const payload = rows.map(({ row }) => row);
    for (let attempt = 1; !signal.aborted; attempt++) {
      const stopTimer = metrics.insertSeconds.startTimer({ table });
      const outcome = await sink.insert(table, payload);
      stopTimer();
      // Also a refusal of the rows is an answer.
      if (outcome.kind !== 'unavailable') outage.recovered({ rows: this.#rows }, table);
      if (outcome.kind === 'confirmed') {
        metrics.rows.inc({ table }, rows.length);
        metrics.batches.inc({ table });
        return outcome;
      }
      if (outcome.kind === 'rejected') return outcome;
      metrics.insertFailures.inc({ table });
      const delayMs = delayBound(attempt, 100, limits.maxRetryDelayMs);
      outage.failed(outcome.error, { table, rows: this.#rows }, table);
      await delay(delayMs, undefined, { signal }).catch(() => undefined);
    }
    return { kind: 'stopped' };
  }
}
