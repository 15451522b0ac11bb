import { setTimeout as delay } from 'node:timers/promises';
import type { Producer } from '@messtrack/runtime/bus.ts';
import { BusUnavailableError } from '@messtrack/runtime/bus.ts';
import { createOutageLog } from '@messtrack/runtime/outage-log.ts';
import type { Logger } from 'pino';
import type { IngestMetrics } from '../metrics.ts';
import type { Durability, KeyedRecord, Outbox } from '../ports.ts';
import type { Spool } from './spool.ts';

export interface OutboxOptions {
  readonly producer: Producer;
  readonly spool: Spool;
  /** How long a record may wait for the broker before it goes to disk. Milliseconds. */
  readonly deadlineMs: number;
  /**
   * What must be in the log before any record: the settings' announcement. Called until it resolves; until then records are spooled.
   * Rejects with `BusUnavailableError` while the broker is away.
   */
  readonly prepare: () => Promise<void>;
  /** Pause between two attempts while the broker is away. Milliseconds. */
  readonly retryDelayMs: number;
  readonly log: Logger;
  readonly metrics: IngestMetrics;
}

export interface RunningOutbox extends Outbox {
  /** True while records go to the disk because the broker does not take them in time. */
  isAway(): boolean;
  /** Resolves when the broker takes records and the disk holds none. For tests and for a stop that wants to be tidy. */
  settled(): Promise<void>;
  /** Rejects when the producer fails in a way nobody foresaw. */
  readonly failed: Promise<never>;
  close(): Promise<void>;
}

class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/** Records on their way to the broker, whose sender waits. */
interface Attempt {
  readonly records: readonly KeyedRecord[];
  /** By `performance.now()`. */
  readonly expiresAt: number;
  readonly resolve: (durability: Durability) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * The broker when it answers in time, the disk when it does not.
 *
 * Once a record missed its deadline nothing is sent directly: new records go to the disk at once, which keeps the redirect fast, keeps the order and
 * bounds what the client library holds in memory. A loop offers the disk's records to the broker and switches back when it has taken them all.
 * A record that missed its deadline may still arrive at the broker: it is then there twice under one event id.
 */
export function createOutbox(options: OutboxOptions): RunningOutbox {
  const { producer, spool, deadlineMs, log, metrics } = options;
  const failure = Promise.withResolvers<never>();
  failure.promise.catch(() => undefined);
  const stop = new AbortController();
  let isPrepared = false;
  let isAway = false;
  let isReturning = false;
  let draining: Promise<void> = Promise.resolve();
  /** Oldest first, as sets keep the order. All have the same patience, so one timer serves them all. */
  const waiting = new Set<Attempt>();
  let timer: NodeJS.Timeout | undefined;

  const broker = createOutageLog(log, {
    away: 'records go to the local spool until the broker takes them again',
    back: 'the broker takes records again, the spool is drained',
  });
  const disk = createOutageLog(log, {
    away: 'records can be kept nowhere: beacons get 503, people of redirects are sent on without a code',
    back: 'records can be kept on the disk again',
  });

  async function keepOnDisk(records: readonly KeyedRecord[]): Promise<Durability> {
    try {
      await spool.append(records);
    } catch (error) {
      disk.failed(error);
      throw error;
    }
    disk.recovered();
    metrics.spooledRecords.inc(records.length);
    return 'spooled';
  }

  function leave(reason: unknown): void {
    if (isAway) return;
    broker.failed(reason);
    spoolUntilReady();
  }

  /** The first moments of every start are no outage: the spool is used until the settings are in the log, and nobody is warned. */
  function spoolUntilReady(): void {
    isAway = true;
    metrics.busAway.set(1);
    // A record may miss its deadline during the last pass of a loop: that loop goes on, a second one would drain the same files.
    if (!isReturning) draining = returnToBroker();
  }

  function fail(error: unknown): void {
    log.error({ err: error }, 'the producer failed for an unknown reason');
    failure.reject(error);
  }

  async function returnToBroker(): Promise<void> {
    isReturning = true;
    while (isAway && !stop.signal.aborted) {
      try {
        if (!isPrepared) await options.prepare();
        isPrepared = true;
        const drained = await drainSpool();
        // Back first, then once more over what came in during the pass: under load the disk is never seen empty from outside.
        isAway = false;
        const rest = await drainSpool();
        broker.recovered({ drainedRecords: drained + rest });
        // Whoever is refused tries again later, perhaps much later: with the broker back nobody is refused.
        disk.recovered();
      } catch (error) {
        isAway = true;
        if (broker.isAway) broker.failed(error);
        if (!(error instanceof BusUnavailableError)) {
          fail(error);
          break;
        }
        await delay(options.retryDelayMs, undefined, { signal: stop.signal }).catch(() => undefined);
      }
    }
    isReturning = false;
    metrics.busAway.set(isAway ? 1 : 0);
  }

  async function drainSpool(): Promise<number> {
    return spool.drain(async (records) => {
      if (stop.signal.aborted) throw new BusUnavailableError('stopping');
      await producer.send(records);
      metrics.drainedRecords.inc(records.length);
    });
  }

  function send(records: readonly KeyedRecord[]): Promise<Durability> {
    const { promise, resolve, reject } = Promise.withResolvers<Durability>();
    const attempt: Attempt = { records, expiresAt: performance.now() + deadlineMs, resolve, reject };
    waiting.add(attempt);
    timer ??= setTimeout(expire, deadlineMs);
    producer.send(records).then(
      () => {
        if (waiting.delete(attempt)) resolve('acknowledged');
      },
      (error: unknown) => {
        if (!(error instanceof BusUnavailableError)) fail(error);
        // Even when the process is about to end the record is kept: the next one drains it.
        if (waiting.has(attempt)) spoolInstead(attempt, error);
      },
    );
    return promise;
  }

  function spoolInstead(attempt: Attempt, reason: unknown): void {
    waiting.delete(attempt);
    // Appended before leaving: the loop must find the record when it looks.
    keepOnDisk(attempt.records).then(attempt.resolve, attempt.reject);
    leave(reason);
  }

  /** Looks again when the oldest that still waits runs out of time; a timer per record costs more than its code. */
  function expire(): void {
    timer = undefined;
    const now = performance.now();
    for (const attempt of waiting) {
      if (attempt.expiresAt > now) {
        timer = setTimeout(expire, Math.ceil(attempt.expiresAt - now));
        return;
      }
      spoolInstead(attempt, new DeadlineError(`the broker gave no answer within ${deadlineMs} ms`));
    }
  }

  if (spool.bytes() > 0) log.info({ bytes: spool.bytes() }, 'records of an earlier run are in the local spool');
  spoolUntilReady();

  return {
    put: (records) => (isAway ? keepOnDisk(records) : send(records)),
    isAway: () => isAway,
    settled: () => draining,
    failed: failure.promise,
    async close() {
      stop.abort();
      await draining;
      // Left over from records that were taken in time: it would keep the process for nothing. Those that still wait keep theirs.
      if (waiting.size === 0) clearTimeout(timer);
    },
  };
}
