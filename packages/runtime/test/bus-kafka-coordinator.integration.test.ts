import { randomUUID } from 'node:crypto';
import pino from 'pino';
import { expect, inject, it, onTestFinished } from 'vitest';
import { openKafkaBus } from '../src/bus-kafka.ts';
import { createKafkaClients } from '../src/bus-kafka-client.ts';
import { openTransactionLog } from '../src/bus-kafka-transaction.ts';

const TRANSACTIONS = 50;

it('asks Kafka with its first transaction who coordinates it and never again, and for metadata as rarely', async () => {
  const options = { brokers: inject('kafkaBrokers'), clientId: 'coordinator', log: pino({ level: 'silent' }) };
  const bus = await openKafkaBus(options);
  onTestFinished(() => bus.close());
  const topic = `coordinator-${randomUUID()}`;
  await bus.ensureTopics([{ name: topic, partitions: 1, cleanup: 'delete', retentionMs: 60_000, maxRecordBytes: 100_000 }]);

  const { transactional } = createKafkaClients(options);
  const requests = new Map<string, number>();
  const producer = transactional.producer.bind(transactional);
  transactional.producer = (wanted) => {
    const made = producer(wanted);
    made.on(made.events.REQUEST, ({ payload }) => void requests.set(payload.apiName, (requests.get(payload.apiName) ?? 0) + 1));
    return made;
  };
  const log = await openTransactionLog({
    kafka: transactional,
    groupId: topic,
    partition: { topic, partition: 0 },
    facts: () => ({ partitions: 1, maxBatchBytes: 100_000 }),
    onPhase: undefined,
  });
  onTestFinished(() => log.close());
  const commit = (offset: number) => log.commit([{ topic, key: 'k', value: Buffer.from(String(offset)), headers: {} }], offset);
  await commit(1);
  requests.clear();
  for (let offset = 2; offset <= TRANSACTIONS; offset += 1) await commit(offset);

  expect(requests.get('EndTxn')).toBe(TRANSACTIONS - 1);
  expect(requests.get('GroupCoordinator')).toBeUndefined();
  expect(requests.get('Metadata') ?? 0).toBeLessThan(10);
  expect((await bus.committed(topic, topic))[0]?.offset).toBe(TRANSACTIONS);
  const read: string[] = [];
  for await (const records of bus.read({ topic, partition: 0 }, 0)) read.push(...records.map(({ value }) => Buffer.from(value).toString()));
  expect(read).toEqual(Array.from({ length: TRANSACTIONS }, (_, index) => String(index + 1)));
}, 60_000);
