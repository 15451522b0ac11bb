import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { BusUnavailableError } from './bus.ts';
import type { LogStore } from './bus-lmdb-store.ts';
import type { Topic } from './bus-lmdb-tables.ts';

export interface Retention {
  close(): Promise<void>;
}

/** Removing this many records takes under 2 ms of the event loop, whatever the backlog. */
const STEP_RECORDS = 250;
/** Between two steps the process does its own work. */
const PAUSE_MS = 5;

/**
 * Forgets what topics need not keep, in the background: the oldest records of `delete` topics after their retention, replaced records of `compact`
 * topics. Offsets of records that stay never change, and `first` only grows.
 */
export function startRetention(store: LogStore, now: () => number, intervalMs: number, log: Logger): Retention {
  const stop = new AbortController();
  const pause = (ms: number) => delay(ms, undefined, { signal: stop.signal, ref: false }).catch(() => undefined);

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        await pass();
      } catch (error) {
        if (!(error instanceof BusUnavailableError)) throw error;
        log.debug({ err: error }, 'retention could not remove records, trying again later');
      }
      await pause(intervalMs);
    }
  }

  async function pass(): Promise<void> {
    for (const topic of store.topics()) {
      if (topic.cleanup !== 'delete') continue;
      for (let partition = 0; partition < topic.partitions && !stop.signal.aborted; partition++) {
        while (!stop.signal.aborted && (await dropExpired(store, topic, partition, now()))) await pause(PAUSE_MS);
      }
    }
    while (!stop.signal.aborted && (await dropReplaced(store, now()))) await pause(PAUSE_MS);
  }

  const running = run();
  return {
    async close() {
      stop.abort();
      await running;
    },
  };
}

/** Stops at the first record that has to stay, as a broker does: order is by offset, and clocks may go back. */
async function dropExpired(store: LogStore, topic: Topic, partition: number, nowMs: number): Promise<boolean> {
  const { first, next } = store.head(topic, partition);
  if (first >= next) return false;
  const oldest = store.fetch(topic, partition, first, next, STEP_RECORDS);
  const keepFrom = oldest.findIndex((record) => record.timestampMs > nowMs - topic.retentionMs);
  const expired = keepFrom < 0 ? oldest : oldest.slice(0, keepFrom);
  const last = expired.at(-1);
  if (last === undefined) return false;
  await store.transact((txn) => {
    txn.dropUntil(
      topic,
      partition,
      expired.map((record) => record.offset),
      last.offset + 1,
    );
  });
  return keepFrom < 0;
}

async function dropReplaced(store: LogStore, nowMs: number): Promise<boolean> {
  const replaced = store.replacedUntil(nowMs, STEP_RECORDS);
  if (replaced.length === 0) return false;
  await store.transact((txn) => txn.dropReplaced(replaced));
  return replaced.length === STEP_RECORDS;
}
