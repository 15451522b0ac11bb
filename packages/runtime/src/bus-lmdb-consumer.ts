import { setImmediate } from 'node:timers/promises';
import { type Batch, type ConsumeOptions, type Consumer, FencedError, type RecordPosition } from './bus.ts';
import { type Assignment, assertNotStale, type Claim, type Group, type Member } from './bus-lmdb-group.ts';
import type { LogStore } from './bus-lmdb-store.ts';
import { FOREIGN_WRITES_POLL_MS, openTail } from './bus-lmdb-tail.ts';

export const DEFAULT_BATCH_RECORDS = 2_000;

/** A member of a group that hands batches to a handler; nothing is committed but by `commit`. */
export async function startConsumer(store: LogStore, group: Group, options: ConsumeOptions): Promise<Consumer> {
  const { groupId, onBatch, maxBatchRecords = DEFAULT_BATCH_RECORDS, startAt = 'earliest' } = options;
  const crashed = Promise.withResolvers<never>();
  // Whoever runs the consumer races it against the rest of the process; one that is closed before anybody looks must not count as unhandled.
  crashed.promise.catch(() => undefined);
  let current: Assignment | undefined;
  let leaving: Promise<void> | undefined;

  async function commit(assignment: Assignment | undefined, positions: readonly RecordPosition[]): Promise<void> {
    const owned = positions.map(({ topic, partition, offset }) => {
      const claim = assignment?.claims.find((each) => each.topic === topic && each.partition === partition);
      if (claim === undefined) throw new FencedError(`${topic}/${partition} is not owned by this member of ${groupId}`);
      return { claim, offset };
    });
    if (assignment === undefined || owned.length === 0) return;
    assertNotStale(assignment, groupId);
    await store.transact((txn) => {
      for (const { claim } of owned) txn.assertOwner(groupId, claim.of, claim.partition, claim.epoch);
      for (const { claim, offset } of owned) txn.setOffset(groupId, claim.of, claim.partition, offset);
    });
  }

  function leave(): Promise<void> {
    leaving ??= group.leave(member);
    return leaving;
  }

  async function follow(claim: Claim, assignment: Assignment, self: Consumer): Promise<void> {
    const tail = openTail(store, claim, assignment, maxBatchRecords);
    let offset = claim.committed >= 0 ? claim.committed : startAt === 'latest' ? claim.endAtStart : 0;
    try {
      while (!assignment.isRevoked()) {
        const { records, highWatermark } = tail.fetch(offset, Number.MAX_SAFE_INTEGER);
        if (records.length === 0) {
          await tail.wait(FOREIGN_WRITES_POLL_MS);
          continue;
        }
        assignment.sign();
        const batch: Batch = {
          topic: claim.topic,
          partition: claim.partition,
          records,
          highWatermark,
          isStale: () => assignment.isStale() || store.group(groupId, claim.of, claim.partition).epoch !== claim.epoch,
          heartbeat: async () => assignment.sign(),
        };
        await onBatch(batch, self);
        offset = records[records.length - 1]!.offset + 1;
        // A handler that never waits for I/O would otherwise keep everything else of the process waiting.
        await setImmediate();
      }
    } catch (error) {
      // The handler of a batch that was taken away failed to commit it, as it must.
      if (error instanceof FencedError && assignment.isStale()) return;
      crashed.reject(error);
      void leave();
    } finally {
      tail.close();
    }
  }

  const member: Member = {
    topics: options.topics.map((name) => store.topic(name)),
    async run(assignment) {
      current = assignment;
      const partitions = assignment.claims.map(({ topic, partition }) => ({ topic, partition }));
      // Bound to this assignment: a handler that outlives it cannot commit by the right of the next one.
      const self: Consumer = { ...consumer, commit: (positions) => commit(assignment, positions) };
      try {
        options.onAssigned?.(partitions);
        await Promise.all(assignment.claims.map((claim) => follow(claim, assignment, self)));
        options.onRevoked?.(partitions);
      } catch (error) {
        crashed.reject(error);
        void leave();
      }
    },
  };

  const consumer: Consumer = { commit: (positions) => commit(current, positions), close: leave, crashed: crashed.promise };
  await group.join(member);
  return consumer;
}
