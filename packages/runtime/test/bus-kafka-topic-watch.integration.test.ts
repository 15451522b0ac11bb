import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { expect, inject, it, onTestFinished } from 'vitest';
import type { TopicDefinition } from '../src/bus.ts';
import { openKafkaBus } from '../src/bus-kafka.ts';
import { memoryLog } from './memory-log.ts';

const brokers = inject('kafkaBrokers');

it('a bus whose topic is deleted under it says which until it is made again, and then reads and writes it', async () => {
  const { log, lines } = memoryLog('error');
  const bus = await openKafkaBus({ brokers, clientId: 'watch', log, sessionTimeoutMs: 6_000 });
  onTestFinished(() => bus.close());
  const admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  onTestFinished(() => admin.disconnect());
  const [read, processed, written] = ['read', 'processed', 'written'].map((use) => `watch-${use}-${randomUUID()}`) as [
    string,
    string,
    string,
  ];
  const definition = { partitions: 1, cleanup: 'delete', retentionMs: 600_000, maxRecordBytes: 100_000 } as const;
  const definitions = [read, processed, written].map((name): TopicDefinition => ({ name, ...definition }));
  await bus.ensureTopics(definitions);
  const seen = { read: [] as string[], processed: [] as string[] };
  const text = (value: Uint8Array) => Buffer.from(value).toString();
  await bus.consume({
    groupId: read,
    topics: [read],
    onBatch: async ({ records }) => void seen.read.push(...records.map(({ value }) => text(value))),
  });
  await bus.process({
    groupId: processed,
    topic: processed,
    createWorker: async (_, startOffset) => ({
      startOffset,
      process: async ({ records }) => {
        seen.processed.push(...records.map(({ value }) => text(value)));
        return [];
      },
    }),
  });
  const producer = await bus.producer();
  const send = (value: string) =>
    producer.send([read, processed, written].map((topic) => ({ topic, key: 'k', value: Buffer.from(value), headers: {} })));
  await send('before');
  await expect.poll(() => seen).toEqual({ read: ['before'], processed: ['before'] });
  await bus.ping();

  const detail = () =>
    bus.ping().then(
      () => '',
      (error: unknown) => (error instanceof Error && 'healthDetail' in error ? error.healthDetail : String(error)),
    );
  await admin.deleteTopics({ topics: [read, processed, written] });
  await expect.poll(detail).toBe(`${read}, ${processed}, ${written} do not exist`);
  expect(lines().map(({ topic }) => topic)).toEqual([read, processed, written]);

  await bus.ensureTopics(definitions);
  await expect.poll(detail).toBe('');
  expect(lines()).toHaveLength(6);
  // A topic that has just been made again is not known everywhere at once.
  await expect.poll(() => send('after').then(({ length }) => length)).toBe(3);
  await expect.poll(() => [seen.read.at(-1), seen.processed.at(-1)]).toEqual(['after', 'after']);
}, 120_000);
