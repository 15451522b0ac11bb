import { setImmediate } from 'node:timers/promises';
import { type Batch, type Consumer, FencedError, type RecordPosition } from '@messtrack/runtime/bus.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { ok } from '@messtrack/runtime/outcome.ts';
import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { createExporterMetrics } from '../src/metrics.ts';
import { ExportPipeline } from '../src/pipeline.ts';
import type { RowSink } from '../src/ports.ts';

const LIMITS = { maxRows: 10_000, maxBytes: 1_000_000, maxAgeMs: 60_000, maxBufferedRows: 20_000, maxBufferedBytes: 2_000_000 };

function pipeline(insert: RowSink['insert'] = async () => ({ kind: 'confirmed' }), signal = new AbortController().signal): ExportPipeline {
  return new ExportPipeline({
    toRow: () => ok({ table: 'lead_revisions', json: Buffer.from('{}') }),
    sink: { insert },
    deadLetters: { send: async () => undefined },
    limits: { ...LIMITS, maxRetryDelayMs: 1 },
    metrics: createExporterMetrics(new Registry(), { bufferedRows: () => 0, bufferedBytes: () => 0, lag: async () => new Map() }),
    log: createLogger('test', 'silent'),
    now: () => 0,
    elapsed: () => 0,
    signal,
  });
}

function batch(partition: number, count: number, firstOffset = 0): Batch {
  const records = Array.from({ length: count }, (_, index) => ({
    topic: 'leads.v1',
    partition,
    offset: firstOffset + index,
    key: null,
    value: new Uint8Array(1),
    headers: {},
    timestampMs: 0,
  }));
  return { topic: 'leads.v1', partition, records, highWatermark: count, isStale: () => false, heartbeat: async () => undefined };
}

/** Keeps what was committed, call by call; a partition of `fenced` belongs to somebody else. */
function consumer(fenced: ReadonlySet<number> = new Set()): Consumer & { readonly calls: (readonly RecordPosition[])[] } {
  const calls: (readonly RecordPosition[])[] = [];
  return {
    calls,
    async commit(positions) {
      if (positions.some(({ partition }) => fenced.has(partition))) throw new FencedError('not ours');
      calls.push(positions);
    },
    close: async () => undefined,
    crashed: new Promise(() => undefined),
  };
}

const at = (partition: number, offset: number) => ({ topic: 'leads.v1', partition, offset });

it('lets the event loop turn while it decodes', async () => {
  const exporter = pipeline();
  let isHandled = false;
  const handled = exporter.handle(batch(0, 2_000), consumer()).then(() => {
    isHandled = true;
  });
  let turns = 0;
  for (; !isHandled; turns++) await setImmediate();
  await handled;
  expect(turns).toBeGreaterThanOrEqual(100);
  await exporter.drain();
});

it('commits all partitions of an insert at once, and only what is confirmed', async () => {
  const gate = Promise.withResolvers<void>();
  const exporter = pipeline(async () => {
    await gate.promise;
    return { kind: 'confirmed' };
  });
  const target = consumer();
  await exporter.handle(batch(0, 3), target);
  await exporter.handle(batch(1, 5), target);
  const drained = exporter.drain();
  await setImmediate();
  expect(target.calls).toEqual([]);
  gate.resolve();
  await drained;
  expect(target.calls).toEqual([[at(0, 3), at(1, 5)]]);
});

it('commits the other partitions when one has a new owner, and follows that one again when it comes back', async () => {
  const exporter = pipeline();
  const fenced = new Set([1]);
  const target = consumer(fenced);
  for (const partition of [0, 1, 2]) await exporter.handle(batch(partition, 4), target);
  await exporter.drain();
  expect(target.calls).toEqual([[at(0, 4)], [at(2, 4)]]);
  fenced.clear();
  exporter.revoke([{ topic: 'leads.v1', partition: 1 }]);
  await exporter.handle(batch(1, 2), target);
  await exporter.drain();
  expect(target.calls.slice(2)).toEqual([[at(1, 2)]]);
});

it('waits at its end for a commit that nobody answers until the signal says so', async () => {
  const stop = new AbortController();
  const asked = Promise.withResolvers<void>();
  const exporter = pipeline(undefined, stop.signal);
  const never = new Promise<never>(() => undefined);
  const commit = () => {
    asked.resolve();
    return never;
  };
  await exporter.handle(batch(0, 3), { commit, close: async () => undefined, crashed: never });
  let isDrained = false;
  const drained = exporter.drain().then(() => {
    isDrained = true;
  });
  await asked.promise;
  await setImmediate();
  expect(isDrained).toBe(false);
  stop.abort();
  await drained;
});
