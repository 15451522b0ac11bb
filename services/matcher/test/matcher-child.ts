/** A matcher in a process of its own, for integration tests to kill. */
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { OutRecord, PartitionWorker, Producer } from '@messtrack/runtime/bus.ts';
import { reached } from '@messtrack/testing/child-points.ts';
import { fixedWorkspaces } from '@messtrack/workspace/registry.ts';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { startMatcher } from '../src/service.ts';
import { TRAINING_PARTITION } from '../src/trainer.ts';
import { openStores, PARTITIONS, type Stores } from './support/stores.ts';

interface ChildSettings {
  readonly stores: Stores;
  readonly clockMs: number;
  /** Goes on until it is stopped; otherwise it ends when all partitions are its own and have nothing to read. */
  readonly isEndless: boolean;
  /** Before the first record of a snapshot whose key ends so (`/place/chunk`) the process stops, as one that the machine has forgotten, until it gets SIGCONT. */
  readonly freezesAt?: string;
  /** Every snapshot is written with a bit of its bytes turned, as memory or a disk may do it. */
  readonly spoilsSnapshots?: boolean;
}

const { stores, clockMs, isEndless, freezesAt, spoilsSnapshots }: ChildSettings = JSON.parse(process.argv[2] ?? '');
/** Whether the transaction under way carries a new model version. */
let isTraining = false;
const quiet = new Set<number>();
const { bus, joins, close } = await openStores(stores, (phase, { partition }) => {
  reached(phase);
  if (isTraining && partition === TRAINING_PARTITION) reached(`training/${phase}`);
});

let hasFrozen = false;
async function watchedProducer(): Promise<Producer> {
  const producer = await bus.producer();
  return {
    ...producer,
    send(records) {
      const [first] = records;
      if (first?.topic === TOPICS.snapshots.name && freezesAt !== undefined && !hasFrozen && String(first.key).endsWith(freezesAt)) {
        hasFrozen = true;
        reached('frozen');
        process.kill(process.pid, 'SIGSTOP');
      }
      return producer.send(spoilsSnapshots ? records.map(spoilt) : records);
    },
  };
}

function spoilt(record: OutRecord): OutRecord {
  if (record.topic !== TOPICS.snapshots.name) return record;
  const value = Uint8Array.from(record.value);
  value[value.length >> 1]! ^= 1;
  return { ...record, value };
}

function watched(worker: PartitionWorker, partition: number): PartitionWorker {
  function seen(output: readonly OutRecord[]): readonly OutRecord[] {
    if (partition === TRAINING_PARTITION)
      isTraining = output.some(({ topic, key }) => topic === TOPICS.model.name && String(key).startsWith('model/'));
    // What is written without input goes through the phases of the bus from `outputs_sent` on.
    if (isTraining && partition === TRAINING_PARTITION) reached('trained');
    return output;
  }
  return {
    ...worker,
    async process(batch, replay) {
      quiet.delete(partition);
      return seen(await worker.process(batch, replay));
    },
    async idle() {
      const output = seen((await worker.idle?.()) ?? []);
      if (output.length === 0) quiet.add(partition);
      else quiet.delete(partition);
      return output;
    },
  };
}

const matcher = await startMatcher({
  app: fastify(),
  bus: {
    ...bus,
    producer: watchedProducer,
    process: (options) =>
      bus.process({
        ...options,
        createWorker: async (of, committed) => {
          quiet.delete(of.partition);
          const worker = await options.createWorker(of, committed);
          reached('worker', JSON.stringify({ startOffset: worker.startOffset, committed }));
          return watched(worker, of.partition);
        },
      }),
  },
  joins,
  workspaces: fixedWorkspaces([]),
  settings: {
    groupId: 'matcher',
    maxBatchRecords: 25,
    snapshotPolicy: { everyRecords: 60, recordsPerItem: 1, restMsPerItem: 60_000, mostRecords: 1_000, chunkBytes: 2_000 },
    maxWaiting: 1,
    lookEveryMs: 0,
    stopPatienceMs: 5_000,
  },
  log: pino({ level: 'silent' }),
  registry: new Registry(),
  // A clock that stands still before anything is due: no ticks, so that the log is what the test and the trainer have written.
  clock: () => clockMs,
});

let isStopping = false;
process.once('SIGTERM', () => {
  isStopping = true;
});
while (!isStopping && (isEndless || quiet.size < PARTITIONS || matcher.value.assigned().length < PARTITIONS)) {
  await Promise.race([matcher.failed, new Promise((resolve) => setTimeout(resolve, 50))]);
}
reached('done');
await matcher.close?.();
await close();
