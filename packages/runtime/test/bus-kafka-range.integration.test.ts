import { randomUUID } from 'node:crypto';
import kafkajs from 'kafkajs';
import { expect, inject, it, onTestFinished } from 'vitest';
import type { BusRecord, TopicDefinition } from '../src/bus.ts';
import { openKafkaBus } from '../src/bus-kafka.ts';
import { memoryLog } from './memory-log.ts';

const brokers = inject('kafkaBrokers');

async function open() {
  const { log, lines } = memoryLog('info');
  const bus = await openKafkaBus({ brokers, clientId: 'range', log, sessionTimeoutMs: 6_000 });
  onTestFinished(() => bus.close());
  const admin = new kafkajs.Kafka({ brokers, logLevel: kafkajs.logLevel.NOTHING }).admin();
  await admin.connect();
  onTestFinished(() => admin.disconnect());
  const topic = `range-${randomUUID()}`;
  const define = (name: string): TopicDefinition => ({
    name,
    partitions: 1,
    cleanup: 'delete',
    retentionMs: 600_000,
    maxRecordBytes: 100_000,
  });
  await bus.ensureTopics([define(topic), define(`${topic}-out`)]);
  const producer = await bus.producer();
  const send = async (...values: string[]) => {
    for (const value of values) {
      // A topic that has just been made again is not known everywhere at once.
      await expect
        .poll(async () => (await producer.send([{ topic, key: 'k', value: Buffer.from(value), headers: {} }])).length, { timeout: 20_000 })
        .toBe(1);
    }
  };
  const fold = () =>
    bus.process({
      groupId: topic,
      topic,
      createWorker: async (_, committed) => ({
        startOffset: committed,
        process: async ({ records }) => records.map(({ value }) => ({ topic: `${topic}-out`, key: 'k', value, headers: {} })),
      }),
    });
  return {
    bus,
    topic,
    send,
    fold,
    errors: () => lines().filter(({ level }) => level === 'error'),
    async folded() {
      const all: string[] = [];
      for await (const records of bus.read({ topic: `${topic}-out`, partition: 0 }, 0)) all.push(...texts(records));
      return all;
    },
    async makeAnew() {
      await admin.deleteTopics({ topics: [topic] });
      await expect.poll(async () => await admin.listTopics(), { timeout: 20_000 }).not.toContain(topic);
      await bus.ensureTopics([define(topic)]);
    },
    async removeUpTo(offset: number) {
      // kafkajs looks for the leader among the topics that it has been asked about.
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] });
    },
  };
}

const texts = (records: readonly BusRecord[]) => records.map(({ value }) => Buffer.from(value).toString());

it('a processor whose topic is deleted and made anew works off what the new one holds, from its beginning', async () => {
  const { topic, send, fold, folded, makeAnew, errors } = await open();
  const processor = await fold();
  await send('a', 'b', 'c', 'd', 'e');
  await expect.poll(folded, { timeout: 20_000 }).toEqual(['a', 'b', 'c', 'd', 'e']);
  await makeAnew();
  await send('f', 'g');
  await expect.poll(folded, { timeout: 40_000 }).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  expect(errors()).toMatchObject([{ topic, partition: 0, offset: 5 }]);
  await processor.close();
}, 120_000);

it('a consumer whose topic is deleted and made anew is given what the new one holds, from its beginning, and the log says so', async () => {
  const { bus, topic, send, makeAnew, errors } = await open();
  const read: string[] = [];
  const consumer = await bus.consume({
    groupId: topic,
    topics: [topic],
    async onBatch({ records, partition }, self) {
      read.push(...texts(records));
      await self.commit([{ topic, partition, offset: records.at(-1)!.offset + 1 }]);
    },
  });
  await send('a', 'b', 'c', 'd', 'e');
  await expect.poll(() => read, { timeout: 20_000 }).toEqual(['a', 'b', 'c', 'd', 'e']);
  await makeAnew();
  await send('f', 'g');
  await expect.poll(() => read, { timeout: 40_000 }).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'g']);
  expect(errors()).toMatchObject([{ topic, partition: 0, offset: 5 }]);
  await consumer.close();
}, 120_000);

it('records that retention has taken before they were worked off are counted in the log; the rest is worked off once', async () => {
  const { topic, send, fold, folded, removeUpTo, errors } = await open();
  await send('a', 'b');
  const first = await fold();
  await expect.poll(folded, { timeout: 20_000 }).toEqual(['a', 'b']);
  await first.close();
  await send('c', 'd', 'e');
  await removeUpTo(4);
  const second = await fold();
  await expect.poll(folded, { timeout: 20_000 }).toEqual(['a', 'b', 'e']);
  await second.close();
  expect(errors()).toMatchObject([{ topic, partition: 0, offset: 2, firstOffset: 4, lost: 2 }]);
}, 120_000);

it('records that retention has taken before they were read are counted in the log; the rest is read once', async () => {
  const { bus, topic, send, removeUpTo, errors } = await open();
  const read: string[] = [];
  const consume = () =>
    bus.consume({
      groupId: topic,
      topics: [topic],
      async onBatch({ records, partition }, self) {
        read.push(...texts(records));
        await self.commit([{ topic, partition, offset: records.at(-1)!.offset + 1 }]);
      },
    });
  await send('a', 'b');
  const first = await consume();
  await expect.poll(async () => (await bus.committed(topic, topic))[0]?.offset, { timeout: 20_000 }).toBe(2);
  await first.close();
  await send('c', 'd', 'e');
  await removeUpTo(4);
  const second = await consume();
  await expect.poll(() => read, { timeout: 20_000 }).toEqual(['a', 'b', 'e']);
  await second.close();
  expect(errors()).toMatchObject([{ topic, partition: 0, offset: 2, firstOffset: 4, lost: 2 }]);
}, 120_000);
