import { leadIdOf } from '@messtrack/matcher/adapters/lead-id.ts';
import { modelEpochRecord } from '@messtrack/matcher/adapters/model-records.ts';
import { packing } from '@messtrack/matcher/adapters/packing.ts';
import { readSnapshot } from '@messtrack/matcher/adapters/snapshots.ts';
import { encodeStatistics } from '@messtrack/matcher/adapters/statistics-codec.ts';
import { fit } from '@messtrack/matcher/domain/model/fit.ts';
import { emptyState, type PartitionState, partitionStatistics } from '@messtrack/matcher/domain/state.ts';
import { createMatcherMetrics } from '@messtrack/matcher/metrics.ts';
import { createWorker } from '@messtrack/matcher/pipeline.ts';
import { NO_TEACHING } from '@messtrack/matcher/trainer.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { BusRecord, OutRecord, PartitionWorker } from '@messtrack/runtime/bus.ts';
import { partitionOf } from '@messtrack/runtime/murmur2.ts';
import type { JoinStore } from '@messtrack/sessions/join-store.ts';
import { Registry } from 'prom-client';
import { type Models, modelsOf } from '../../../scripts/replay/models.ts';
import { type Arrival, mulberry32 } from './log-maker.ts';
import { type MemoryLog, memoryLog } from './memory-log.ts';

/** What befell the matcher while it folded. */
export interface Befallen {
  batches: number;
  /** Died after it had written to the join store and before its transaction: the batch was folded again by the next owner. */
  diedBefore: number;
  /** Died, or lost the partition, after its transaction. */
  moved: number;
  /** New owners that began with a snapshot, and those that folded the log from its first record. */
  fromSnapshot: number;
  fromBeginning: number;
  /** Records folded a second time by a new owner. */
  foldedAgain: number;
  smallestBatch: number;
  largestBatch: number;
  models: number;
}

export interface LivePathOptions {
  readonly partitions: number;
  readonly joins: JoinStore;
  readonly seed: number;
  /** Records of all partitions between two models. */
  readonly modelEvery: number;
  /** Probability that an owner dies before the transaction of a batch; as often one dies, or loses its partition, after it. */
  readonly misfortune: number;
}

export interface LivePath {
  append(arrival: Arrival): void;
  /** Folds what has been appended and not folded. */
  catchUp(): Promise<void>;
  readonly log: MemoryLog;
  readonly models: Models;
  readonly befallen: Befallen;
}

interface Owner {
  readonly worker: PartitionWorker;
  readonly state: PartitionState;
}

/**
 * The data path of the live matcher on a log in memory: its own worker, join store and snapshots, in batches of 1 to 2,000 records, with
 * owners that die before and after their transaction and partitions that move. What a committed transaction holds is in the log, nothing else is.
 */
export function createLivePath({ partitions, joins, seed, modelEvery, misfortune }: LivePathOptions): LivePath {
  const log = memoryLog(partitions);
  const random = mulberry32(seed);
  const parameters = new Map<number, Uint8Array>();
  const models = modelsOf(parameters);
  const owners = new Map<number, Owner>();
  const befallen: Befallen = {
    batches: 0,
    diedBefore: 0,
    moved: 0,
    fromSnapshot: 0,
    fromBeginning: 0,
    foldedAgain: 0,
    smallestBatch: Number.POSITIVE_INFINITY,
    largestBatch: 0,
    models: 0,
  };
  let nowMs = 0;
  let sinceModel = 0;

  function batchSize(): number {
    const which = random();
    if (which < 0.1) return 1;
    return which < 0.5 ? 1 + Math.floor(random() * 50) : 50 + Math.floor(random() * 1_951);
  }

  async function ownerOf(partition: number): Promise<Owner> {
    const known = owners.get(partition);
    if (known !== undefined) return known;
    const committed = log.committedOf(partition);
    const restored = await readSnapshot({
      bus: log.bus,
      partition,
      committed,
      model: async (version) => models.model(version),
      onUnusable: ({ nextOffset, reason }) => {
        throw new Error(`the snapshot of ${nextOffset} is ${reason}`);
      },
    });
    if (restored === undefined) befallen.fromBeginning += 1;
    else befallen.fromSnapshot += 1;
    const state = restored?.state ?? emptyState(partition, packing);
    const worker = createWorker(
      { state, nextOffset: restored?.nextOffset ?? 0, slot: restored?.slot },
      {
        joins,
        tools: { leadId: leadIdOf },
        models: { find: async (version) => models.model(version) },
        teaching: NO_TEACHING,
        listener: { committed: () => undefined },
        // At once, whatever becomes of the batch: a crash may leave a snapshot of what was never committed, or the first chunks of one.
        snapshots: { send: async (chunk) => log.keepSnapshot(chunk) },
        metrics: createMatcherMetrics(new Registry(), () => nowMs),
        clock: () => nowMs,
        snapshotPolicy: { everyRecords: 1_500, recordsPerItem: 1, restMsPerItem: 0.5, mostRecords: 12_000 },
      },
    );
    for (let offset = worker.startOffset; offset < committed; ) {
      const records = log.fetch(partition, offset, Math.min(committed, offset + batchSize()));
      await worker.process(batchOf(partition, records), true);
      befallen.foldedAgain += records.length;
      offset += records.length;
    }
    const owner = { worker, state };
    owners.set(partition, owner);
    return owner;
  }

  async function step(partition: number): Promise<void> {
    const owner = await ownerOf(partition);
    const from = log.committedOf(partition);
    const records = log.fetch(partition, from, Math.min(log.endOf(partition), from + batchSize()));
    const output = await owner.worker.process(batchOf(partition, records), false);
    befallen.batches += 1;
    befallen.smallestBatch = Math.min(befallen.smallestBatch, records.length);
    befallen.largestBatch = Math.max(befallen.largestBatch, records.length);
    const fate = random();
    if (fate < misfortune) {
      owners.delete(partition);
      befallen.diedBefore += 1;
      return;
    }
    log.commit(partition, from + records.length, output);
    owner.worker.committed?.(from + records.length);
    if (fate < 2 * misfortune) {
      owner.worker.close?.();
      owners.delete(partition);
      befallen.moved += 1;
    }
  }

  /** What every partition has taught goes into one model, and its epoch into every partition. */
  async function train(): Promise<void> {
    const states: PartitionState[] = [];
    for (let partition = 0; partition < partitions; partition += 1) states.push((await ownerOf(partition)).state);
    befallen.models += 1;
    const { statistics } = fit(states.map(partitionStatistics), { version: befallen.models - 1 });
    parameters.set(befallen.models, encodeStatistics(statistics));
    for (let partition = 0; partition < partitions; partition += 1) {
      append(partition, modelEpochRecord(partition, befallen.models, nowMs), nowMs);
    }
  }

  function append(partition: number, { key, value, headers }: Pick<OutRecord, 'key' | 'value' | 'headers'>, timestampMs: number): void {
    log.append(partition, { key: Buffer.from(key), value, headers, timestampMs });
    sinceModel += 1;
  }

  return {
    append({ key, value, timestampMs }) {
      nowMs = timestampMs;
      append(partitionOf(Buffer.from(key), partitions), { key, value, headers: {} }, timestampMs);
    },
    async catchUp() {
      for (;;) {
        const behind = Array.from({ length: partitions }, (_, partition) => partition).filter(
          (each) => log.committedOf(each) < log.endOf(each),
        );
        if (behind.length === 0) break;
        await step(behind[Math.floor(random() * behind.length)]!);
      }
      if (sinceModel < modelEvery) return;
      sinceModel = 0;
      await train();
    },
    log,
    models,
    befallen,
  };
}

function batchOf(partition: number, records: readonly BusRecord[]) {
  const topic = TOPICS.touchpoints.name;
  return { topic, partition, records, highWatermark: 0, isStale: () => false, heartbeat: async () => undefined };
}
