/**
 * The bus port: an ordered, partitioned, durable log. Two adapters, `bus-kafka.ts` and `bus-lmdb.ts`, one contract suite.
 * Services know this file and no product. Offsets are plain numbers: 2^53 records per partition are out of reach.
 */

/** A record as read. Values are bytes: decoding is the reader's, so that what cannot be decoded can be dead-lettered as it was. */
export interface BusRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  /** When the record was appended or produced, by the bus's clock. Milliseconds since the Unix epoch, UTC. */
  readonly timestampMs: number;
}

/**
 * A record to write. Without `partition` the key decides, by murmur2 as Kafka's own default partitioner, on both adapters. An empty value deletes its
 * key from a compacted topic.
 */
export interface OutRecord {
  readonly topic: string;
  readonly key: string | Uint8Array;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly partition?: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface RecordPosition extends TopicPartition {
  readonly offset: number;
}

export interface Producer {
  /**
   * Resolves when every record is durable (acks=all, idempotent; LMDB: synced), with positions in the order of the records.
   * Rejects with `BusUnavailableError` when the log cannot take them now, `RecordTooLargeError` when it never will.
   * Records of one call and one partition keep their order. Concurrent calls are merged into larger requests.
   */
  send(records: readonly OutRecord[]): Promise<readonly RecordPosition[]>;
  close(): Promise<void>;
}

/** Records of one partition, in order, without gaps other than transaction markers and compacted records. Never empty. */
export interface Batch extends TopicPartition {
  readonly records: readonly BusRecord[];
  /** Offset after the last committed record of the partition at the time of the fetch. */
  readonly highWatermark: number;
  /** True once this consumer no longer owns the partition: what is not committed yet belongs to somebody else. */
  isStale(): boolean;
  /** Call during work longer than a few seconds, or the group takes the partition away. */
  heartbeat(): Promise<void>;
}

export interface Consumer {
  /** Commits "everything before `offset` is done". Rejects with `FencedError` when the partition is no longer ours. */
  commit(positions: readonly RecordPosition[]): Promise<void>;
  /** Stops fetching, waits for the handler in progress, leaves the group. */
  close(): Promise<void>;
  /** Settles only when the consumer ends by itself: rejects with the reason. The owner ends the process (runtime/lifecycle). */
  readonly crashed: Promise<never>;
}

export interface ConsumeOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /**
   * Called with batches of one partition at a time; batches of different partitions may be handled side by side.
   * The next batch of a partition is fetched only when this resolves: a slow handler holds at most one batch per partition.
   * Nothing is committed by returning; call `Consumer.commit`. A rejection ends the consumer (see `crashed`).
   */
  readonly onBatch: (batch: Batch, consumer: Consumer) => Promise<void>;
  readonly onAssigned?: (partitions: readonly TopicPartition[]) => void;
  readonly onRevoked?: (partitions: readonly TopicPartition[]) => void;
  /** Upper bound of a batch. Default 2,000 records. */
  readonly maxBatchRecords?: number;
  /** Where a partition without a committed offset starts. Default `earliest`. */
  readonly startAt?: 'earliest' | 'latest';
}

/**
 * One owner of one input partition. The runtime makes it after the old owner has been fenced and drops it, without a word,
 * when its transaction fails or the partition moves: its state is then ahead of the log and must be built anew.
 */
export interface PartitionWorker {
  /** First offset to read; at most `committed`. Records before `committed` are replayed: fold them, their output is discarded. */
  readonly startOffset: number;
  /**
   * Folds records in order and returns what to write. With `replay` true the records were processed by an earlier owner:
   * the runtime discards what is returned. Output and the input offsets are committed in one transaction, output in order.
   * A rejection ends the processor (see `Processor.crashed`).
   */
  process(batch: Batch, replay: boolean): Promise<readonly OutRecord[]>;
  /**
   * Called about once per second when the partition has nothing to read, never at the same time as `process`.
   * What it returns is written in a transaction without moving the offset. Leave it out when time means nothing.
   */
  idle?(): Promise<readonly OutRecord[]>;
  /** Called after the transaction with the batch's output is durable; position = next offset to read. */
  committed?(nextOffset: number): void;
  /** The partition moved or the processor stops. No writes from here on. */
  close?(): void;
}

export interface ProcessOptions {
  readonly groupId: string;
  readonly topic: string;
  /** Makes the worker of a partition; `committed` is the offset after the last committed transaction, 0 for a new partition. */
  readonly createWorker: (partition: TopicPartition, committed: number) => Promise<PartitionWorker>;
  /** Upper bound of a transaction's input. Default 2,000 records: see the measurement in docs/decisions on kafkajs. */
  readonly maxBatchRecords?: number;
}

/** Consume, transform, produce: each batch's output and offset are one atomic step. */
export interface Processor {
  close(): Promise<void>;
  readonly crashed: Promise<never>;
  /** Partitions with a live worker now. */
  assigned(): readonly TopicPartition[];
}

export interface TopicDefinition {
  readonly name: string;
  readonly partitions: number;
  readonly cleanup: 'delete' | 'compact';
  readonly retentionMs: number;
  readonly maxRecordBytes: number;
}

export interface ReadOptions {
  /**
   * For records that can be done without. Told where records are not what was written, also when they are read again; then they are passed over. Without it they are read again and again. The embedded log, which
   * has nobody to ask again, rejects in either case.
   */
  readonly onDamaged?: ((position: RecordPosition) => void) | undefined;
}

export interface Bus {
  /** Creates missing topics; never changes an existing one. Safe to call from several processes at once. */
  ensureTopics(topics: readonly TopicDefinition[]): Promise<void>;
  producer(): Promise<Producer>;
  consume(options: ConsumeOptions): Promise<Consumer>;
  process(options: ProcessOptions): Promise<Processor>;
  /**
   * Reads committed records of one partition from `fromOffset` up to the end as it was when the call was made, then ends.
   * No group, nothing committed. Records are handed over in batches in order. Rejects with `BusUnavailableError` when the log does not answer, or answers for a minute with what was not written.
   */
  read(partition: TopicPartition, fromOffset: number, options?: ReadOptions): AsyncIterable<readonly BusRecord[]>;
  /** First and next offset of every partition of a topic. */
  offsets(topic: string): Promise<readonly (TopicPartition & { readonly first: number; readonly next: number })[]>;
  /** Committed position of a group per partition of a topic; 0 where there is none. */
  committed(groupId: string, topic: string): Promise<readonly RecordPosition[]>;
  /** Records of a topic that a group has not committed yet, per partition. Transaction markers count on Kafka: an upper bound. */
  lag(groupId: string, topic: string): Promise<readonly (TopicPartition & { readonly lag: number })[]>;
  /** Resolves when the log answers and has the topics that are read and written here; rejects with `BusUnavailableError`, or with an error whose `healthDetail` says which topic is gone. For readiness. */
  ping(): Promise<void>;
  /** Throws while a partition that is read here waits before records that are not what was written; the error says which, in `healthDetail`. For the readiness of who reads. */
  assertIntact(): void;
  close(): Promise<void>;
}

/** The log cannot answer now; the same call may succeed later. */
export class BusUnavailableError extends Error {
  override readonly name = 'BusUnavailableError';
}

/** Another owner has taken over; whatever we hold is stale. */
export class FencedError extends Error {
  override readonly name = 'FencedError';
}

/** The record is larger than its topic accepts; it will never be accepted. */
export class RecordTooLargeError extends Error {
  override readonly name = 'RecordTooLargeError';
}
