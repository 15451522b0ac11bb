import { DEFAULT_MATCHER_SETTINGS } from '@messtrack/matcher/config.ts';
import { startMatcher } from '@messtrack/matcher/service.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus, PartitionWorker } from '@messtrack/runtime/bus.ts';
import type { JoinStore } from '@messtrack/sessions/join-store.ts';
import { fixedWorkspaces } from '@messtrack/workspace/registry.ts';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { cpuSeconds } from './raw-loop.ts';
import type { Run } from './run.ts';

/** The matcher as it is deployed, with a watch on its workers. */
export async function runMatcher(bus: Bus, joins: JoinStore, groupId: string, records: number, batchRecords: number): Promise<Run> {
  const done = Promise.withResolvers<void>();
  let [startedMs, endedMs, handled, cpuStart, cpuEnd, outputs, outputBytes] = [0, 0, 0, 0, 0, 0, 0];
  const watched: Bus = {
    ...bus,
    process: (options) =>
      bus.process({
        ...options,
        createWorker: async (partition, committed): Promise<PartitionWorker> => {
          const worker = await options.createWorker(partition, committed);
          let pending = 0;
          return {
            ...worker,
            async process(batch, replay) {
              if (startedMs === 0) [startedMs, cpuStart] = [performance.now(), cpuSeconds()];
              pending = batch.records.length;
              const out = await worker.process(batch, replay);
              for (const record of out) {
                if (record.topic !== TOPICS.leads.name) continue;
                outputs += 1;
                outputBytes += record.value.length;
              }
              return out;
            },
            committed(next) {
              worker.committed?.(next);
              handled += pending;
              if (handled < records) return;
              [endedMs, cpuEnd] = [performance.now(), cpuSeconds()];
              done.resolve();
            },
          };
        },
      }),
  };
  const matcher = await startMatcher({
    app: fastify({ logger: false }),
    bus: watched,
    joins,
    workspaces: fixedWorkspaces([]),
    settings: { ...DEFAULT_MATCHER_SETTINGS, groupId, maxBatchRecords: batchRecords },
    log: pino({ level: 'warn' }),
    registry: new Registry(),
  });
  await Promise.race([done.promise, matcher.failed]);
  await matcher.close?.();
  return { seconds: (endedMs - startedMs) / 1_000, cpuSeconds: cpuEnd - cpuStart, outputs, outputBytes: Math.round(outputBytes / outputs) };
}
