import { randomUUID } from 'node:crypto';
import { type KafkaBehindProxy, startKafkaBehindProxy } from '@messtrack/testing/kafka-behind-proxy.ts';
import pino from 'pino';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { Bus } from '../src/bus.ts';
import { openKafkaBus } from '../src/bus-kafka.ts';
import type { TransactionPhase } from '../src/bus-phase.ts';

let kafka: KafkaBehindProxy['kafka'];
let proxy: KafkaBehindProxy['proxy'];
let stop: KafkaBehindProxy['stop'] | undefined;

beforeAll(async () => {
  ({ kafka, proxy, stop } = await startKafkaBehindProxy());
}, 60_000);
afterAll(async () => {
  await stop?.();
});

const open = (onPhase?: (phase: TransactionPhase) => void) =>
  openKafkaBus({ brokers: kafka.brokers, clientId: 'goodbye', log: pino({ level: 'silent' }), sessionTimeoutMs: 6_000, onPhase });

function fold(bus: Bus, topic: string) {
  return bus.process({
    groupId: topic,
    topic,
    maxBatchRecords: 2,
    createWorker: async (_, committed) => ({
      startOffset: committed,
      process: async ({ records }) => records.map(({ value }) => ({ topic: `${topic}-out`, key: 'k', value, headers: {} })),
    }),
  });
}

async function folded(bus: Bus, topic: string): Promise<string[]> {
  const all: string[] = [];
  for await (const records of bus.read({ topic: `${topic}-out`, partition: 0 }, 0))
    all.push(...records.map(({ value }) => Buffer.from(value).toString()));
  return all;
}

it('a bus that is closed while Kafka answers leaves no connection, which would keep its process alive for ten minutes', async () => {
  const sockets = () => process.getActiveResourcesInfo().filter((each) => each === 'TCPSocketWrap').length;
  const [topic, before] = [`goodbye-${randomUUID()}`, sockets()];
  for (let round = 0; round < 3; round += 1) {
    const bus = await open();
    await bus.ensureTopics([{ name: topic, partitions: 1, cleanup: 'delete', retentionMs: 600_000, maxRecordBytes: 100_000 }]);
    const processor = await fold(bus, topic);
    await bus.offsets(topic);
    await processor.close();
    await bus.close();
  }
  await expect.poll(sockets).toBe(before);
});

it.each(['processed', 'outputs_sent', 'offsets_sent'] as const)(
  'a bus is closed while Kafka is silent, its processor at "%s" of a transaction, and whoever comes next works each record off once',
  async (at) => {
    const topic = `goodbye-${randomUUID()}`;
    const silent = Promise.withResolvers<void>();
    let transactions = 0;
    const bus = await open((phase) => {
      if (phase !== at || ++transactions !== 2) return;
      proxy.hold();
      silent.resolve();
    });
    onTestFinished(() => proxy.heal());
    const definition = { partitions: 1, cleanup: 'delete', retentionMs: 600_000, maxRecordBytes: 100_000 } as const;
    await bus.ensureTopics([topic, `${topic}-out`].map((name) => ({ name, ...definition })));
    const values = Array.from({ length: 7 }, (_, index) => `record ${index}`);
    const producer = await bus.producer();
    await producer.send(values.map((value) => ({ topic, key: 'k', value: Buffer.from(value), headers: {} })));
    await bus.consume({ groupId: `${topic}-read`, topics: [topic], onBatch: async () => undefined });
    await fold(bus, topic);
    await silent.promise;
    // The proxy holds every answer back until `heal`: no close that waits for one ends before, and none takes less than the thirty seconds of a request.
    await bus.close();
    await proxy.heal();

    const next = await open();
    onTestFinished(() => next.close());
    await fold(next, topic);
    await expect.poll(async () => (await folded(next, topic)).length, { timeout: 60_000 }).toBe(values.length);
    expect(await folded(next, topic)).toEqual(values);
  },
  90_000,
);
