/** A matcher in a process of its own, for matcher.integration.test.ts to kill. */
import { TOPICS } from '@messtrack/proto/topics.ts';
import { reached } from '@messtrack/testing/child-points.ts';
import { fixedWorkspaces } from '@messtrack/workspace/registry.ts';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { startMatcher } from '../src/service.ts';
import { openStores, type Stores } from './support/stores.ts';

const { stores, clockMs }: { readonly stores: Stores; readonly clockMs: number } = JSON.parse(process.argv[2] ?? '');
const { bus, joins, close } = await openStores(stores, (phase) => reached(phase));
const groupId = 'matcher';
const matcher = await startMatcher({
  app: fastify(),
  bus: {
    ...bus,
    process: (options) =>
      bus.process({
        ...options,
        createWorker: async (partition, committed) => {
          const worker = await options.createWorker(partition, committed);
          reached('worker', JSON.stringify({ startOffset: worker.startOffset, committed }));
          return worker;
        },
      }),
  },
  joins,
  workspaces: fixedWorkspaces([]),
  settings: { groupId, maxBatchRecords: 25, snapshotPolicy: { everyRecords: 60, recordsPerItem: 1, mostRecords: 1_000 }, maxWaiting: 1 },
  log: pino({ level: 'silent' }),
  registry: new Registry(),
  // A clock that stands still before anything is due: no ticks, so that the log is what the test has written.
  clock: () => clockMs,
});

for (;;) {
  const [ends, done] = await Promise.all([bus.offsets(TOPICS.touchpoints.name), bus.committed(groupId, TOPICS.touchpoints.name)]);
  if (ends.every(({ partition, next }) => next === 0 || done.some((each) => each.partition === partition && each.offset >= next))) break;
  await Promise.race([matcher.failed, new Promise((resolve) => setTimeout(resolve, 50))]);
}
reached('done');
await matcher.close?.();
await close();
