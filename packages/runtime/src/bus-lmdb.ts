import { mkdir, realpath } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Bus, type BusRecord, BusUnavailableError, type Producer, type TopicPartition } from './bus.ts';
import { DEFAULT_BATCH_RECORDS, startConsumer } from './bus-lmdb-consumer.ts';
import { createGroup, type Group } from './bus-lmdb-group.ts';
import { startProcessor } from './bus-lmdb-processor.ts';
import { type Retention, startRetention } from './bus-lmdb-retention.ts';
import { type DiskReserve, type LogStore, openLogStore } from './bus-lmdb-store.ts';
import type { OnPhase } from './bus-phase.ts';
import { deletionClock } from './deletion-clock.ts';
import type { MappedStore } from './mapped-memory.ts';
import { createOutageLog } from './outage-log.ts';

export interface LmdbBusOptions {
  /** Folder of the log, made when missing. Take it with `lockDataFolder` first: consumer groups end at the process. */
  readonly path: string;
  readonly log: Logger;
  /** How long a rebalance waits for a batch in progress without a heartbeat. Milliseconds. Default 30,000, as Kafka's session timeout here. */
  readonly stalledAfterMs?: number;
  /** Pause between two passes of retention. Milliseconds. Default 30,000. */
  readonly retentionIntervalMs?: number;
  /** What has to stay free on the disk. Default: nothing, and it is written until the disk is full. */
  readonly reserve?: DiskReserve;
  /** The bus's clock: timestamps of records, and retention, which else has one that does not follow a clock set ahead. Milliseconds since the Unix epoch, UTC. */
  readonly now?: () => number;
  readonly onPhase?: OnPhase;
}

/** One log per folder and process, however often it is opened: groups span the buses of a process. */
interface SharedLog {
  readonly store: LogStore;
  readonly groups: Map<string, Group>;
  readonly retention: Retention;
  buses: number;
}

const openLogs = new Map<string, SharedLog>();

/** The embedded durable log: what Kafka is to the cluster, in one folder of one process. */
export async function openLmdbBus(options: LmdbBusOptions): Promise<Bus & MappedStore> {
  const { log, stalledAfterMs = 30_000, retentionIntervalMs = 30_000, now = Date.now, reserve = NO_RESERVE, onPhase } = options;
  const expiryNow = options.now ?? deletionClock();
  await mkdir(options.path, { recursive: true });
  const path = await realpath(options.path);
  const shared = openLogs.get(path) ?? openShared(path, log, now, expiryNow, retentionIntervalMs, reserve);
  openLogs.set(path, shared);
  shared.buses++;
  const { store } = shared;
  const running = new Set<{ close(): Promise<void> }>();
  let closing: Promise<void> | undefined;

  function assertOpen(): void {
    if (closing !== undefined) throw new BusUnavailableError('the bus is closed');
  }

  function group(groupId: string): Group {
    const found = shared.groups.get(groupId) ?? createGroup(groupId, store, log, stalledAfterMs);
    shared.groups.set(groupId, found);
    return found;
  }

  function track<T extends { close(): Promise<void> }>(started: T): T {
    running.add(started);
    return started;
  }

  function partitionsOf(topicName: string) {
    assertOpen();
    const topic = store.topic(topicName);
    return Array.from({ length: topic.partitions }, (_, partition) => ({ topic, partition }));
  }

  async function close(): Promise<void> {
    for (const each of running) await each.close();
    shared.buses--;
    if (shared.buses > 0) return;
    openLogs.delete(path);
    await shared.retention.close();
    await store.close();
  }

  return {
    async ensureTopics(topics) {
      assertOpen();
      await store.ensureTopics(topics);
    },

    async producer() {
      assertOpen();
      return track(createProducer(store));
    },

    async consume(consumeOptions) {
      assertOpen();
      return track(await startConsumer(store, group(consumeOptions.groupId), consumeOptions));
    },

    async process(processOptions) {
      assertOpen();
      return track(await startProcessor(store, group(processOptions.groupId), processOptions, log, onPhase));
    },

    read(partition, fromOffset) {
      assertOpen();
      return readToEnd(store, partition, fromOffset);
    },

    async offsets(topicName) {
      return partitionsOf(topicName).map(({ topic, partition }) => ({ topic: topicName, partition, ...store.head(topic, partition) }));
    },

    async committed(groupId, topicName) {
      return partitionsOf(topicName).map(({ topic, partition }) => ({
        topic: topicName,
        partition,
        offset: Math.max(0, store.group(groupId, topic, partition).offset),
      }));
    },

    async lag(groupId, topicName) {
      return partitionsOf(topicName).map(({ topic, partition }) => {
        const { first, next } = store.head(topic, partition);
        return { topic: topicName, partition, lag: next - Math.max(first, store.group(groupId, topic, partition).offset) };
      });
    },

    releasePages: () => store.releasePages(),

    async ping() {
      assertOpen();
      await store.ping();
    },

    // Whoever meets a damaged record here ends with it: nothing waits.
    assertIntact() {},

    close() {
      closing ??= close();
      return closing;
    },
  };
}

const NO_RESERVE: DiskReserve = { appendBytes: 0, otherBytes: 0 };

function openShared(
  path: string,
  log: Logger,
  now: () => number,
  expiryNow: () => number,
  retentionIntervalMs: number,
  reserve: DiskReserve,
): SharedLog {
  const outage = createOutageLog(log.child({ path }), {
    away: 'the log cannot be written: records are refused, what was taken waits',
    back: 'the log can be written again',
  });
  const store = openLogStore({ path, now, reserve, outage });
  return { store, groups: new Map(), retention: startRetention(store, expiryNow, retentionIntervalMs, log), buses: 0 };
}

function createProducer(store: LogStore): Producer {
  const inFlight = new Set<Promise<unknown>>();
  let closed = false;
  return {
    async send(records) {
      if (closed) throw new BusUnavailableError('the producer is closed');
      const prepared = store.prepare(records);
      if (prepared.length === 0) return [];
      const sending = store.append(prepared);
      inFlight.add(sending);
      try {
        return await sending;
      } finally {
        inFlight.delete(sending);
      }
    },
    async close() {
      closed = true;
      await Promise.allSettled(inFlight);
    },
  };
}

/** The end is taken now, not when the caller begins to iterate. */
function readToEnd(store: LogStore, { topic: name, partition }: TopicPartition, fromOffset: number): AsyncIterable<readonly BusRecord[]> {
  const topic = store.topic(name);
  const end = store.head(topic, partition).next;
  async function* batches() {
    let offset = fromOffset;
    while (offset < end) {
      const records = store.fetch(topic, partition, offset, end, DEFAULT_BATCH_RECORDS);
      const last = records.at(-1);
      if (last === undefined) return;
      yield records;
      offset = last.offset + 1;
      await setImmediate();
    }
  }
  return batches();
}
