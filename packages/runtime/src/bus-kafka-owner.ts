import { setTimeout as delay } from 'node:timers/promises';
import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { Logger } from 'pino';
import { BusUnavailableError, type OutRecord, type PartitionWorker, type ProcessOptions, type TopicPartition } from './bus.ts';
import { slices, toBatch } from './bus-kafka-consumer.ts';
import { isTooLarge, isUnavailable } from './bus-kafka-errors.ts';
import { tellGone } from './bus-kafka-gone.ts';
import type { PartitionBounds } from './bus-kafka-reader.ts';
import type { TransactionLog } from './bus-kafka-transaction.ts';
import type { OnPhase } from './bus-phase.ts';
import type { OutageLog } from './outage-log.ts';

export interface OwnerPorts {
  /** Fences the owner before us. */
  readonly openLog: (partition: TopicPartition) => Promise<TransactionLog>;
  readonly committed: (partition: TopicPartition) => Promise<number>;
  readonly bounds: (partition: TopicPartition) => Promise<PartitionBounds>;
  /** Whether the group, asked now, has given the partition to us. */
  readonly ownedByUs: (partition: TopicPartition) => Promise<boolean>;
  /** False from the moment the group has answered that it does not know us, which may be long before it is joined again. */
  readonly isMember: () => boolean;
  readonly seek: (partition: TopicPartition, offset: number) => void;
  /** Ends the processor. */
  readonly fail: (reason: unknown) => void;
  readonly onPhase: OnPhase | undefined;
  readonly log: Logger;
  /** Of all partitions of the processor. */
  readonly outage: OutageLog;
}

interface Live {
  readonly worker: PartitionWorker;
  readonly log: TransactionLog;
  /** Offset after the last committed transaction. */
  committed: number;
  /** Next offset to read. */
  position: number;
}

/** So many transactions in a row may fail for reasons that do not pass by themselves; then the processor ends. */
const MAX_FAILURES = 5;
const IDLE_AFTER_MS = 900;
const MAX_WAIT_MS = 2_000;

/**
 * One input partition while it is ours. A worker lives from one failure to the next: after a transaction that did not surely commit, its state may be
 * ahead of the log or behind it, and only the committed offset knows. So the worker is dropped, the log opened anew (which ends whatever was left
 * open, ours or another's), the committed offset read, a new worker made and the input read again from where that one wants it. If the group says the
 * partition is not ours any more, nothing is made: the next join decides.
 */
export class PartitionOwner {
  readonly partition: TopicPartition;
  readonly #ports: OwnerPorts;
  readonly #options: ProcessOptions;
  readonly #maxRecords: number;
  readonly #closing = new AbortController();
  #live: Live | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #handling = false;
  #idling = false;
  #lastWorkAt = 0;
  #highWatermark = 0;
  #failures = 0;
  /** What the log did not hold when it was asked for, until a worker has been made for what it does hold. */
  #missing: number | undefined;

  constructor(partition: TopicPartition, maxRecords: number, options: ProcessOptions, ports: OwnerPorts) {
    this.partition = partition;
    this.#maxRecords = maxRecords;
    this.#options = options;
    this.#ports = ports;
    void this.#alone(() => this.#build());
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  get isLive(): boolean {
    return this.#live !== undefined && !this.isClosed;
  }

  /** After a join that left the partition with us: reading goes on where the worker is. */
  rejoined(): void {
    if (this.#live !== undefined) this.#ports.seek(this.partition, this.#live.position);
  }

  async handle(payload: EachBatchPayload): Promise<void> {
    this.#handling = true;
    try {
      // A worker is being made, or time is being told.
      await this.#turn;
      this.#highWatermark = Number(payload.batch.highWatermark);
      if (this.isClosed) {
        // kafkajs fetches the same batch again until it has joined anew.
        await delay(200);
        return;
      }
      for (const messages of this.#parts(payload.batch.messages)) {
        if (!payload.isRunning() || payload.isStale()) return;
        if (!(await this.#alone(() => this.#step(payload, messages)))) return;
        payload.resolveOffset(messages.at(-1)!.offset);
      }
      if (this.#live !== undefined) this.#live.position = Number(payload.batch.lastOffset()) + 1;
    } finally {
      this.#lastWorkAt = performance.now();
      this.#handling = false;
    }
  }

  /** A fetch held nothing but markers: the partition may have been read to its end although no batch says so. */
  emptied(nextOffset: number, highWatermark: number): void {
    this.#highWatermark = highWatermark;
    if (this.#live !== undefined) this.#live.position = Math.max(this.#live.position, nextOffset);
  }

  /**
   * The log does not hold what was to be read next. What is in memory may be of a topic that has been made anew under the same name, where every offset means another record: taken for known, what comes before the old
   * end would be folded as a replay, without output.
   */
  outOfRange(offset: number): void {
    if (this.#live === undefined || this.isClosed) return;
    this.#missing = offset;
    this.#drop();
    void this.#alone(() => this.#build());
  }

  /** Called about once a second. */
  tick(): void {
    const live = this.#live;
    if (live?.worker.idle === undefined || this.isClosed || this.#handling || this.#idling) return;
    if (live.position < this.#highWatermark || performance.now() - this.#lastWorkAt < IDLE_AFTER_MS) return;
    this.#idling = true;
    void this.#alone(() => this.#idle()).finally(() => {
      this.#idling = false;
    });
  }

  /** No call of the worker begins after this; what is in progress writes only if the group has not moved the partition yet. */
  close(): void {
    if (this.isClosed) return;
    this.#closing.abort();
    this.#ports.outage.dropped(String(this.partition.partition));
    this.#drop();
  }

  /** Resolves when what was in progress has ended. */
  async ended(): Promise<void> {
    await this.#turn;
  }

  /** Split by size, and where the part begins that is not committed yet. Lazily: what is committed moves on with every part. */
  *#parts(messages: readonly KafkaMessage[]): Generator<readonly KafkaMessage[]> {
    const committed = this.#live?.committed ?? 0;
    const split = messages.findIndex((each) => Number(each.offset) >= committed);
    const replayed = split === -1 ? messages.length : split;
    yield* slices(messages.slice(0, replayed), this.#maxRecords);
    yield* slices(messages.slice(replayed), this.#maxRecords);
  }

  async #step(payload: EachBatchPayload, messages: readonly KafkaMessage[]): Promise<boolean> {
    const live = this.#live;
    if (live === undefined || this.isClosed) return false;
    const next = Number(messages.at(-1)!.offset) + 1;
    const replay = next <= live.committed;
    let outputs: readonly OutRecord[];
    try {
      outputs = await live.worker.process(
        toBatch(payload, messages, () => this.isClosed || !this.#ports.isMember()),
        replay,
      );
    } catch (error) {
      return this.#fail(error);
    }
    this.#ports.onPhase?.('processed', this.partition);
    if (this.isClosed) return false;
    if (!replay) {
      if (!(await this.#write(live, outputs, next))) return false;
      live.committed = next;
      live.worker.committed?.(next);
    }
    live.position = next;
    return true;
  }

  async #idle(): Promise<void> {
    const live = this.#live;
    if (live === undefined || this.isClosed || this.#handling) return;
    try {
      const outputs = (await live.worker.idle?.()) ?? [];
      if (outputs.length > 0 && !this.isClosed) await this.#write(live, outputs, undefined);
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#lastWorkAt = performance.now();
    }
  }

  async #write(live: Live, outputs: readonly OutRecord[], next: number | undefined): Promise<boolean> {
    try {
      await live.log.commit(outputs, next);
      this.#failures = 0;
      this.#ports.outage.recovered({}, String(this.partition.partition));
      // Committed before somebody else could: it counts, and the next owner starts behind it.
      return true;
    } catch (error) {
      if (isTooLarge(error) || error instanceof RangeError) return this.#fail(error);
      if (this.isClosed) return false;
      this.#ports.outage.failed(error, { ...this.partition }, String(this.partition.partition));
      this.#drop();
      await this.#recover(error);
      return false;
    }
  }

  async #build(): Promise<void> {
    try {
      await this.#make();
    } catch (error) {
      await this.#recover(error);
    }
  }

  /** Until there is a worker, or the partition is not ours, or the reason does not pass. */
  async #recover(first: unknown): Promise<void> {
    let error = first;
    for (let wait = 50; !this.isClosed; wait = Math.min(wait * 2, MAX_WAIT_MS)) {
      const isPassing = error instanceof BusUnavailableError || isUnavailable(error);
      if (!isPassing && ++this.#failures > MAX_FAILURES) {
        this.#fail(error);
        return;
      }
      try {
        if (!(await this.#ports.ownedByUs(this.partition))) return this.close();
        await this.#make();
        return;
      } catch (again) {
        error = again;
      }
      await delay(wait, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    }
  }

  async #make(): Promise<void> {
    if (this.isClosed) return;
    const log = await this.#ports.openLog(this.partition);
    try {
      // In this order: a transaction of the old owner that was committed after we were assigned but before it was fenced has to count.
      const stored = await this.#ports.committed(this.partition);
      const bounds = await this.#ports.bounds(this.partition);
      const committed = this.#tellGone(stored, bounds);
      const worker = await this.#createWorker(committed);
      if (worker === undefined || this.isClosed) {
        worker?.close?.();
        await log.close();
        return;
      }
      if (worker.startOffset > committed) throw new WorkerError(`starts at ${worker.startOffset}, after the committed ${committed}`);
      // Records before `first` are gone; asking for them would make kafkajs overwrite the committed offset.
      const position = Math.max(worker.startOffset, bounds.first);
      this.#live = { worker, log, committed, position };
      this.#missing = undefined;
      this.#highWatermark = bounds.next;
      this.#ports.seek(this.partition, position);
    } catch (error) {
      await log.close().catch(() => undefined);
      if (error instanceof WorkerError) this.#fail(error);
      else throw error;
    }
  }

  /** Where the group stands in the log as it is. */
  #tellGone(stored: number, { first, next }: PartitionBounds): number {
    const { log } = this.#ports;
    const missing = this.#missing;
    if (missing !== undefined) tellGone(log, { ...this.partition, offset: missing }, first);
    else if (stored > 0 && first > stored) tellGone(log, { ...this.partition, offset: stored }, first);
    // A broker that has just become leader may know less of the end than its followers: only where it has refused an offset is it believed that the log ends before what is committed.
    return missing === undefined ? stored : Math.min(stored, Math.max(first, next));
  }

  async #createWorker(committed: number): Promise<PartitionWorker | undefined> {
    try {
      return await this.#options.createWorker(this.partition, committed);
    } catch (error) {
      // The snapshot is read from the same broker that has just been away: to end the process for it would only move the waiting to whoever starts it again.
      if (error instanceof BusUnavailableError) throw error;
      this.#fail(error);
      return undefined;
    }
  }

  #drop(): void {
    const live = this.#live;
    this.#live = undefined;
    if (live === undefined) return;
    live.worker.close?.();
    // After the transaction in progress, if there is one: a connection cut off in the middle leaves readers waiting for its time-out.
    void this.#turn.then(() => live.log.close()).catch(() => undefined);
  }

  #fail(reason: unknown): false {
    this.#ports.fail(reason);
    this.close();
    return false;
  }

  /** One at a time, in order. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }
}

class WorkerError extends Error {
  override readonly name = 'WorkerError';
}
