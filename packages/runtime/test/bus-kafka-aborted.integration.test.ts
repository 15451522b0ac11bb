import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import pino from 'pino';
import { expect, inject, it, onTestFinished } from 'vitest';
import { openKafkaBus } from '../src/bus-kafka.ts';

const brokers = inject('kafkaBrokers');

it('shows neither consumers nor readers a record of interleaved aborted transactions', async () => {
  const bus = await openKafkaBus({ brokers, clientId: 'aborted', log: pino({ level: 'silent' }), sessionTimeoutMs: 6_000 });
  onTestFinished(() => bus.close());
  const topic = `aborted-${randomUUID()}`;
  await bus.ensureTopics([{ name: topic, partitions: 1, cleanup: 'delete', retentionMs: 60_000, maxRecordBytes: 100_000 }]);

  const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { initialRetryTime: 10, retries: 20 } });
  const producers = [0, 1, 2].map((index) =>
    kafka.producer({ transactionalId: `${topic}-${index}`, idempotent: true, maxInFlightRequests: 1 }),
  );
  onTestFinished(async () => {
    await Promise.all(producers.map((producer) => producer.disconnect()));
  });
  await Promise.all(producers.map((producer) => producer.connect()));
  const transactions = await Promise.all(producers.map((producer) => producer.transaction()));
  const send = async (index: number, value: string) => transactions[index]?.send({ topic, messages: [{ key: 'k', value, partition: 0 }] });
  // First offsets in the order 0, 1, 2; ends in the order 2, 1, 0. Transaction 1 is committed.
  for (const round of ['a', 'b']) for (const index of [0, 1, 2]) await send(index, `${round}${index}`);
  await transactions[2]?.abort();
  await transactions[1]?.commit();
  await send(0, 'c0');
  await transactions[0]?.abort();
  const producer = await bus.producer();
  // A barrier: whatever a consumer is shown before it, it has been shown by then.
  await producer.send([{ topic, key: 'k', value: Buffer.from('barrier'), headers: {} }]);

  const seen: string[] = [];
  const barrier = Promise.withResolvers<void>();
  const consumer = await bus.consume({
    groupId: topic,
    topics: [topic],
    onBatch: async (batch) => {
      seen.push(...batch.records.map((each) => Buffer.from(each.value).toString()));
      if (seen.includes('barrier')) barrier.resolve();
    },
  });
  await Promise.race([barrier.promise, consumer.crashed]);
  expect(seen).toEqual(['a1', 'b1', 'barrier']);
  for (const from of [0, 1, 2, 3]) {
    const read: string[] = [];
    for await (const records of bus.read({ topic, partition: 0 }, from))
      read.push(...records.map((each) => Buffer.from(each.value).toString()));
    expect(read).toEqual(from < 2 ? ['a1', 'b1', 'barrier'] : ['b1', 'barrier']);
  }
}, 60_000);
