import { join } from 'node:path';
import { type BusRecord, BusUnavailableError, type OutRecord, type RecordPosition, type TopicDefinition } from './bus.ts';
import { DamagedRecordError, type LoadedRecord } from './bus-lmdb-codec.ts';
import { type GroupPosition, type Head, openTables, type Replaced, readGroup, readHead, recordKey, type Topic } from './bus-lmdb-tables.ts';
import { type Prepared, prepare, type WriteTxn, writeTxn } from './bus-lmdb-txn.ts';
import { createDiskGuard, DiskFullError } from './disk-guard.ts';
import { openEnvironment } from './lmdb-environment.ts';
import { isStorageFailure } from './lmdb-failure.ts';
import type { MappedStore } from './mapped-memory.ts';
import type { OutageLog } from './outage-log.ts';

/** The log of one folder: what the bus, its groups and its retention stand on. */
export interface LogStore extends MappedStore {
  ensureTopics(topics: readonly TopicDefinition[]): Promise<void>;
  /** @throws Error when the topic does not exist: topics are made by `ensureTopics`, never by writing */
  topic(name: string): Topic;
  topics(): readonly Topic[];
  /** @throws RecordTooLargeError, RangeError for a partition that does not exist, Error for an unknown topic */
  prepare(records: readonly OutRecord[]): Prepared[];
  /**
   * Appends together with what other calls wait at the time: one transaction and one sync for all of them.
   * @throws BusUnavailableError
   */
  append(records: readonly Prepared[]): Promise<RecordPosition[]>;
  /**
   * Runs `work` in a write transaction and resolves when it is on the disk. When `work` throws, nothing of it is written.
   * @throws what `work` throws; BusUnavailableError when the disk is full or fails
   */
  transact<T>(work: (txn: WriteTxn) => T): Promise<T>;
  head(topic: Topic, partition: number): Head;
  group(groupId: string, topic: Topic, partition: number): GroupPosition;
  /**
   * Records from `from` to before `end`: at least one where there is one, then as many as the bounds allow.
   *
   * @throws DamagedRecordError, which names the record
   */
  fetch(topic: Topic, partition: number, from: number, end: number, maxRecords: number): BusRecord[];
  /** Up to `limit` replaced records that may go at `nowMs`. */
  replacedUntil(nowMs: number, limit: number): Replaced[];
  /** Calls `listener` after each commit of this process that added records to the partition. Returns how to stop it. */
  onAppend(topic: Topic, partition: number, listener: () => void): () => void;
  /** False while a transaction would be refused without an attempt. */
  isWritable(): boolean;
  /** @throws BusUnavailableError */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** A batch holds at most about this many bytes of values: twelve slow partitions of large records stay under 50 MB. */
const MAX_FETCH_BYTES = 4 * 1_048_576;
/** Waiting sends go into one transaction up to about this many records: writing 2,000 takes 2 to 4 ms of the event loop. */
const MAX_MERGED_RECORDS = 2_000;

const PROBE_BYTES = 262_144;

interface WaitingSend {
  readonly records: readonly Prepared[];
  readonly answer: PromiseWithResolvers<RecordPosition[]>;
}

export interface LogStoreOptions {
  readonly path: string;
  /** Milliseconds since the Unix epoch, UTC. */
  readonly now: () => number;
  readonly reserve: DiskReserve;
  /** Told of writes that fail for the disk's sake, and of the first that succeeds again: everybody who writes shares one outage. */
  readonly outage: OutageLog;
}

/**
 * What has to stay free on the disk, in bytes; 0: nothing. Appends stop first: what has been taken before can then still be worked off, and a disk that
 * runs full ends in refusals instead of half-written files.
 */
export interface DiskReserve {
  readonly appendBytes: number;
  /** Transactions of processors, commits of offsets, retention. */
  readonly otherBytes: number;
}

export function openLogStore({ path, now, reserve, outage }: LogStoreOptions): LogStore {
  const disk = createDiskGuard({ path, reserveBytes: reserve.otherBytes });
  const environment = openEnvironment(() => openTables(path), disk);
  const topicsByName = new Map<string, Topic>();
  const listeners = new Map<string, Set<() => void>>();
  const waiting: WaitingSend[] = [];
  let isFlushing = false;
  let closed = false;
  let failure: BusUnavailableError | undefined;

  function assertOpen(): void {
    if (closed) throw new BusUnavailableError('the log is closed');
  }

  function loadTopics(): void {
    for (const { key, value } of environment.tables.topics.getRange({})) topicsByName.set(key, value);
  }

  function topic(name: string): Topic {
    assertOpen();
    // Another process may have made it since.
    if (!topicsByName.has(name)) loadTopics();
    const found = topicsByName.get(name);
    if (found === undefined) throw new Error(`topic ${name} does not exist: ensureTopics makes topics, writing and reading do not`);
    return found;
  }

  async function transact<T>(work: (txn: WriteTxn) => T, reserveBytes = reserve.otherBytes): Promise<T> {
    assertOpen();
    const appended = new Set<string>();
    let value: T;
    try {
      value = await environment.transact(
        (tables) => work(writeTxn(tables, now(), (to, partition) => appended.add(`${to.id}/${partition}`))),
        reserveBytes,
      );
    } catch (error) {
      if (!isStorageFailure(error)) throw error;
      const isFull = error instanceof DiskFullError;
      // A write that was not tried says nothing of the disk but its size, which `ping` asks for itself.
      const unavailable = isFull
        ? fullError(error)
        : new BusUnavailableError('the log cannot write: the disk is full or fails', { cause: error });
      if (!isFull) failure = unavailable;
      outage.failed(unavailable, {}, kindOf(reserveBytes));
      throw unavailable;
    }
    failure = undefined;
    outage.recovered({}, kindOf(reserveBytes));
    for (const place of appended) for (const listener of listeners.get(place) ?? []) listener();
    return value;
  }

  /** One transaction at a time: what arrives while one is being synced waits and shares the next. */
  async function flush(): Promise<void> {
    isFlushing = true;
    while (waiting.length > 0) {
      const taken: WaitingSend[] = [];
      try {
        const positions = await transact((txn) => {
          let count = 0;
          while (waiting.length > 0 && count < MAX_MERGED_RECORDS) {
            const send = waiting.shift()!;
            taken.push(send);
            count += send.records.length;
          }
          return txn.append(taken.flatMap((send) => send.records));
        }, reserve.appendBytes);
        let at = 0;
        for (const { records, answer } of taken) {
          answer.resolve(positions.slice(at, at + records.length));
          at += records.length;
        }
      } catch (error) {
        // A transaction that never began took nobody: everyone waiting gets its error, or the loop would spin.
        for (const { answer } of taken.length > 0 ? taken : waiting.splice(0)) answer.reject(error);
      }
    }
    isFlushing = false;
  }

  loadTopics();

  return {
    topic,
    transact,
    topics: () => [...topicsByName.values()],
    prepare: (records) => prepare(records, topic),

    async ensureTopics(definitions) {
      await transact(() => {
        const { topics } = environment.tables;
        let lastId = 0;
        for (const { value } of topics.getRange({})) lastId = Math.max(lastId, value.id);
        for (const { name, partitions, cleanup, retentionMs, maxRecordBytes } of definitions) {
          if (topics.get(name) !== undefined) continue;
          lastId++;
          topics.put(name, { id: lastId, name, partitions, cleanup, retentionMs, maxRecordBytes });
        }
      });
      loadTopics();
    },

    append(records) {
      const answer = Promise.withResolvers<RecordPosition[]>();
      waiting.push({ records, answer });
      if (!isFlushing) void flush();
      return answer.promise;
    },

    head(of, partition) {
      assertOpen();
      return readHead(environment.tables, of, partition);
    },

    group(groupId, of, partition) {
      assertOpen();
      return readGroup(environment.tables, groupId, of, partition);
    },

    fetch(from, partition, start, end, maxRecords) {
      assertOpen();
      const records: BusRecord[] = [];
      let bytes = 0;
      const range = environment.tables.records.getRange({
        start: recordKey(from.id, partition, start),
        end: recordKey(from.id, partition, end),
        limit: maxRecords,
      });
      try {
        for (const entry of range) {
          const { key, value, headers, timestampMs } = entry.value as LoadedRecord;
          records.push({ topic: from.name, partition, offset: entry.key, key, value, headers, timestampMs });
          bytes += value.length;
          if (bytes >= MAX_FETCH_BYTES) break;
        }
      } catch (error) {
        if (!(error instanceof DamagedRecordError)) throw error;
        // What stands before it is handed out first: the next call begins with the damaged one.
        if (records.length > 0) return records;
        throw new DamagedRecordError(
          `${join(path, 'data.mdb')} is damaged: of ${from.name}, partition ${partition}, the first record from offset ${start} on is not what was written. Restore the whole data folder from a backup; what came before the record has been worked off.`,
          { cause: error },
        );
      }
      return records;
    },

    replacedUntil(nowMs, limit) {
      assertOpen();
      return [...environment.tables.replaced.getKeys({ end: [nowMs, Number.MAX_SAFE_INTEGER, 0, 0], limit })];
    },

    onAppend(to, partition, listener) {
      const place = `${to.id}/${partition}`;
      const set = listeners.get(place) ?? new Set();
      listeners.set(place, set.add(listener));
      return () => {
        set.delete(listener);
      };
    },

    isWritable() {
      try {
        disk.assertWritable();
        return true;
      } catch {
        return false;
      }
    },

    async releasePages() {
      if (!closed) await environment.release();
    },

    async ping() {
      assertOpen();
      try {
        disk.assertWritable(reserve.appendBytes);
      } catch (error) {
        throw error instanceof DiskFullError ? fullError(error) : (failure ?? error);
      }
      // After a failed write only a write can tell that the disk is back, and only one that needs new space: a small one fits into freed pages.
      if (failure !== undefined) await transact(() => environment.tables.probe.put('disk', Buffer.alloc(PROBE_BYTES)), reserve.appendBytes);
      environment.tables.topics.get('');
      // Nobody may append for hours after the disk has room again.
      outage.recovered({}, kindOf(reserve.appendBytes));
    },

    async close() {
      if (closed) return;
      closed = true;
      await environment.close();
    },
  };
}

/** Appends are refused while the rest goes on: each has its own end of an outage. */
function kindOf(reserveBytes: number): string {
  return String(reserveBytes);
}

function fullError(cause: DiskFullError): BusUnavailableError {
  return Object.assign(new BusUnavailableError(cause.message, { cause }), { code: cause.code, healthDetail: cause.healthDetail });
}
