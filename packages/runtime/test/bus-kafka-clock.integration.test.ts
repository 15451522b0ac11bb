import { setTimeout as delay } from 'node:timers/promises';
import pino from 'pino';
import { afterEach, expect, inject, it, vi } from 'vitest';
import type { TopicDefinition } from '../src/bus.ts';
import { openKafkaBus } from '../src/bus-kafka.ts';

const HOUR_MS = 3_600_000;

afterEach(() => vi.useRealTimers());

/** The clock on the wall of this process, set; everything else goes on. */
function setClock(byMs: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + byMs });
}

it('writes, folds and reads on while the clock of the machine is set, and stamps records with that of the broker', async () => {
  const realMs = Date.now();
  const bus = await openKafkaBus({
    brokers: inject('kafkaBrokers'),
    clientId: 'clock',
    log: pino({ level: 'silent' }),
    sessionTimeoutMs: 6_000,
    rebalanceTimeoutMs: 6_000,
  });
  const run = `clock-${process.pid}-${realMs}`;
  const topic = (name: string): TopicDefinition => ({
    name: `${run}-${name}`,
    partitions: 1,
    cleanup: 'delete',
    retentionMs: 24 * HOUR_MS,
    maxRecordBytes: 10_000,
  });
  await bus.ensureTopics([topic('in'), topic('out')]);
  const processor = await bus.process({
    groupId: run,
    topic: `${run}-in`,
    createWorker: async (_, committed) => ({
      startOffset: committed,
      process: async ({ records }) => records.map(({ value }) => ({ topic: `${run}-out`, key: 'k', value, headers: {} })),
    }),
  });
  const read: string[] = [];
  const consumer = await bus.consume({
    groupId: `${run}-read`,
    topics: [`${run}-out`],
    onBatch: async ({ topic: from, partition, records }, self) => {
      // As far from the machine's clock as ours from the broker's: by the producer's clock they would be equal.
      for (const { value, timestampMs } of records) read.push(`${value} ${Math.abs(timestampMs - realMs) < HOUR_MS / 2}`);
      await self.commit([{ topic: from, partition, offset: records.at(-1)!.offset + 1 }]);
    },
  });
  const producer = await bus.producer();
  const steps = [2 * HOUR_MS, -4 * HOUR_MS, 0];
  try {
    for (const [index, step] of steps.entries()) {
      setClock(step);
      // Longer than the session: a member that is silent meanwhile is put out of its group, and its commit is refused.
      await delay(index === 1 ? 7_500 : 100);
      await producer.send([{ topic: `${run}-in`, key: 'k', value: Buffer.from(`step ${index}`), headers: {} }]);
      await expect.poll(() => read.length, { timeout: 20_000 }).toBe(index + 1);
    }
    expect(read).toEqual(steps.map((_, index) => `step ${index} true`));
    expect((await bus.committed(run, `${run}-in`))[0]?.offset).toBeGreaterThanOrEqual(steps.length);
  } finally {
    vi.useRealTimers();
    await consumer.close();
    await processor.close();
    await bus.close();
  }
}, 60_000);
