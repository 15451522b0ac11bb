import { setTimeout as delay, setImmediate } from 'node:timers/promises';
import type { Logger } from 'pino';
import {
  type Batch,
  BusUnavailableError,
  FencedError,
  type OutRecord,
  type PartitionWorker,
  type ProcessOptions,
  type Processor,
} from './bus.ts';
import { DEFAULT_BATCH_RECORDS } from './bus-lmdb-consumer.ts';
import { type Assignment, assertNotStale, type Claim, type Group, type Member } from './bus-lmdb-group.ts';
import type { LogStore } from './bus-lmdb-store.ts';
import { FOREIGN_WRITES_POLL_MS, openTail, type Tail } from './bus-lmdb-tail.ts';
import type { OnPhase } from './bus-phase.ts';

const IDLE_MS = 1_000;
/** A disk that is full stays full for a while, and every new worker folds its tail of the log again: none is made before it could write. */
const REBUILD_MS = 1_000;

/** A member of a group whose output and offsets are written in one transaction. */
export async function startProcessor(
  store: LogStore,
  group: Group,
  options: ProcessOptions,
  log: Logger,
  onPhase?: OnPhase,
): Promise<Processor> {
  const { groupId, createWorker, maxBatchRecords = DEFAULT_BATCH_RECORDS } = options;
  const crashed = Promise.withResolvers<never>();
  // As for a consumer: closed before anybody looks is not unhandled.
  crashed.promise.catch(() => undefined);
  const live = new Set<Claim>();
  let leaving: Promise<void> | undefined;

  function leave(): Promise<void> {
    leaving ??= group.leave(member);
    return leaving;
  }

  /** Output and, when it moves, the offset: both or none, and none at all for a stale owner. */
  async function write(claim: Claim, assignment: Assignment, output: readonly OutRecord[], nextOffset?: number): Promise<void> {
    assertNotStale(assignment, groupId);
    const prepared = store.prepare(output);
    await store.transact((txn) => {
      txn.assertOwner(groupId, claim.of, claim.partition, claim.epoch);
      txn.append(prepared);
      if (nextOffset === undefined) return;
      onPhase?.('outputs_sent', claim);
      txn.setOffset(groupId, claim.of, claim.partition, nextOffset);
      onPhase?.('offsets_sent', claim);
    });
    if (nextOffset !== undefined) onPhase?.('committed', claim);
  }

  /** The life of one worker. Rejects when it has to be made anew, or when it failed. */
  async function work(claim: Claim, assignment: Assignment, tail: Tail): Promise<void> {
    const partition = { topic: claim.topic, partition: claim.partition };
    const committed = Math.max(0, store.group(groupId, claim.of, claim.partition).offset);
    const worker = await createWorker(partition, committed);
    live.add(claim);
    try {
      await fold(worker, committed, claim, assignment, tail);
    } finally {
      live.delete(claim);
      worker.close?.();
    }
  }

  async function fold(worker: PartitionWorker, committed: number, claim: Claim, assignment: Assignment, tail: Tail): Promise<void> {
    let offset = worker.startOffset;
    let quietSince = performance.now();
    while (!assignment.isRevoked()) {
      const isReplay = offset < committed;
      // A batch is either replayed or not: what was committed and what was not never come together.
      const { records, highWatermark } = tail.fetch(offset, isReplay ? committed : Number.MAX_SAFE_INTEGER);
      if (records.length > 0) {
        assignment.sign();
        const output = await worker.process(toBatch(claim, assignment, records, highWatermark), isReplay);
        offset = records[records.length - 1]!.offset + 1;
        if (!isReplay) {
          onPhase?.('processed', claim);
          await write(claim, assignment, output, offset);
          worker.committed?.(offset);
        }
        quietSince = performance.now();
        await setImmediate();
      } else if (isReplay) {
        // Retention or compaction took the last records before the committed offset.
        offset = committed;
      } else if (performance.now() - quietSince >= IDLE_MS && worker.idle !== undefined) {
        assignment.sign();
        const output = await worker.idle();
        if (output.length > 0) await write(claim, assignment, output);
        quietSince = performance.now();
      } else {
        await tail.wait(FOREIGN_WRITES_POLL_MS);
      }
    }
  }

  function toBatch(claim: Claim, assignment: Assignment, records: Batch['records'], highWatermark: number): Batch {
    return {
      topic: claim.topic,
      partition: claim.partition,
      records,
      highWatermark,
      isStale: () => assignment.isStale() || store.group(groupId, claim.of, claim.partition).epoch !== claim.epoch,
      heartbeat: async () => assignment.sign(),
    };
  }

  async function own(claim: Claim, assignment: Assignment): Promise<void> {
    const tail = openTail(store, claim, assignment, maxBatchRecords);
    try {
      while (!assignment.isRevoked()) {
        try {
          await work(claim, assignment, tail);
        } catch (error) {
          if (!(error instanceof BusUnavailableError)) throw error;
          // The worker is ahead of the log by a batch that was not written: it is gone, and the next one starts from the log.
          // That the log cannot be written is said by the log itself, once for all partitions.
          log.debug({ groupId, topic: claim.topic, partition: claim.partition, err: error }, 'transaction failed, worker is made anew');
          do await delay(REBUILD_MS);
          while (!assignment.isRevoked() && !store.isWritable());
        }
      }
    } catch (error) {
      // Out of the group in the middle of a batch: the worker is dropped without a word. An owner in another process, though, means that two
      // processes work in one folder, and this one has to end.
      if (error instanceof FencedError && assignment.isStale()) return;
      crashed.reject(error);
      void leave();
    } finally {
      tail.close();
    }
  }

  const member: Member = {
    topics: [store.topic(options.topic)],
    async run(assignment) {
      await Promise.all(assignment.claims.map((claim) => own(claim, assignment)));
    },
  };
  await group.join(member);
  return {
    close: leave,
    crashed: crashed.promise,
    assigned: () => [...live].map(({ topic, partition }) => ({ topic, partition })),
  };
}
