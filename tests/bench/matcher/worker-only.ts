/**
 * The matcher's own CPU time, without log and network: `node --cpu-prof tests/bench/matcher/worker-only.ts`, for profiles.
 * One worker, batches of 2,000, a join store that forgets all and finds nothing.
 */

import { leadIdOf } from '@messtrack/matcher/adapters/lead-id.ts';
import { packing } from '@messtrack/matcher/adapters/packing.ts';
import { DEFAULT_SNAPSHOT_POLICY } from '@messtrack/matcher/domain/snapshot-policy.ts';
import { emptyState } from '@messtrack/matcher/domain/state.ts';
import { createMatcherMetrics } from '@messtrack/matcher/metrics.ts';
import { createWorker } from '@messtrack/matcher/pipeline.ts';
import { NO_TEACHING } from '@messtrack/matcher/trainer.ts';
import type { BusRecord } from '@messtrack/runtime/bus.ts';
import type { JoinStore } from '@messtrack/sessions/join-store.ts';
import { Registry } from 'prom-client';
import { BASE_MIX } from './mixes.ts';
import { cpuSeconds } from './raw-loop.ts';
import { recordOf } from './records.ts';
import { trafficUntil } from './traffic.ts';

const [touchpoints = 200_000, passes = 3] = process.argv.slice(2).map(Number);
const BATCH_RECORDS = 2_000;

const records = trafficUntil(BASE_MIX.traffic, touchpoints, Date.now())
  .map(recordOf)
  .map(
    ({ topic, key, value, headers }, offset): BusRecord => ({
      topic,
      partition: 0,
      offset,
      key: Buffer.from(key),
      value,
      headers,
      timestampMs: Date.now(),
    }),
  );
const joins: JoinStore = {
  read: async (reads) => reads.map(() => null),
  write: async () => undefined,
  clear: async () => 0,
  ping: async () => undefined,
  close: async () => undefined,
};

for (let pass = 1; pass <= passes; pass += 1) {
  const metrics = createMatcherMetrics(new Registry(), Date.now);
  const state = emptyState(0, packing);
  const tools = { leadId: leadIdOf };
  const models = { find: async () => undefined };
  const listener = { committed: () => undefined };
  // Made and dropped: what they cost is the worker's, where they go is the log's.
  const snapshots = { send: async () => undefined };
  const snapshotPolicy = DEFAULT_SNAPSHOT_POLICY;
  const worker = createWorker(
    { state, nextOffset: 0, slot: undefined },
    { joins, tools, models, teaching: NO_TEACHING, listener, snapshots, metrics, clock: Date.now, snapshotPolicy },
  );
  const startedAt = cpuSeconds();
  let written = 0;
  for (let at = 0; at < records.length; at += BATCH_RECORDS) {
    const batch = records.slice(at, at + BATCH_RECORDS);
    const out = await worker.process(
      {
        topic: 'touchpoints.v1',
        partition: 0,
        records: batch,
        highWatermark: records.length,
        isStale: () => false,
        heartbeat: async () => undefined,
      },
      false,
    );
    written += out.length;
    worker.committed?.(at + batch.length);
  }
  const each = ((cpuSeconds() - startedAt) / records.length) * 1e6;
  globalThis.gc?.();
  const heapMb = Math.round(process.memoryUsage().heapUsed / 2 ** 20);
  console.log(
    `pass ${pass}: ${each.toFixed(2)} µs CPU per touchpoint, ${(written / records.length).toFixed(3)} records out each, ${heapMb} MB heap`,
  );
}
