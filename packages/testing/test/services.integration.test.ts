import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { startFaultProxy } from '../src/fault-proxy.ts';
import { freePort } from '../src/free-port.ts';
import { startKafka, startRedis, startServices } from '../src/services.ts';

const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

function kafkaClient(brokers: string[]): Kafka {
  return new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { initialRetryTime: 50, retries: 20 } });
}

async function roundTrip(brokers: string[], topic: string, from: number, to: number): Promise<readonly string[]> {
  const kafka = kafkaClient(brokers);
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
  await admin.disconnect();
  const producer = kafka.producer({ idempotent: true });
  await producer.connect();
  await producer.send({ topic, acks: -1, messages: Array.from({ length: to - from }, (_, i) => ({ value: `v${from + i}` })) });
  await producer.disconnect();
  const consumer = kafka.consumer({ groupId: `${topic}-${from}` });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const values: string[] = [];
  await new Promise<void>((resolve, reject) => {
    // A fresh broker is still loading its coordinator; kafkajs reports that as a crash it recovers from.
    consumer.on('consumer.crash', ({ payload }) => payload.restart || reject(payload.error));
    consumer
      .run({
        eachMessage: async ({ message }) => {
          values.push(String(message.value));
          if (values.length === to) resolve();
        },
      })
      .catch(reject);
  });
  await consumer.disconnect();
  return values;
}

const names = (count: number) => Array.from({ length: count }, (_, i) => `v${i}`);

describe('the services of the run', () => {
  test('kafka takes and gives records', async () => {
    expect(await roundTrip(inject('kafkaBrokers'), `testing-${crypto.randomUUID()}`, 0, 100)).toEqual(names(100));
  });

  test('redis keeps a value', async () => {
    const redis = new Redis(inject('redisUrl'));
    const key = `testing/${crypto.randomUUID()}`;
    await redis.set(key, 'here');
    expect(await redis.getdel(key)).toBe('here');
    redis.disconnect();
  });
});

describe('services of one’s own', () => {
  test('a killed broker comes back at its address with what it had acknowledged', async () => {
    const kafka = await startKafka();
    stops.push(kafka.stop);
    const topic = 'kept';
    await roundTrip(kafka.brokers, topic, 0, 50);
    await kafka.kill();
    const admin = new Kafka({ brokers: kafka.brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 } }).admin();
    await expect(admin.connect()).rejects.toThrow(/ECONNREFUSED/);
    await kafka.restart();
    expect(await roundTrip(kafka.brokers, topic, 50, 80)).toEqual(names(80));
    await kafka.stop();
    await expect(admin.connect()).rejects.toThrow(/ECONNREFUSED/);
  });

  test('a broker behind a fault proxy is reached through it only', async () => {
    const [port, advertisedPort] = [await freePort(), await freePort()];
    const proxy = await startFaultProxy({ targetPort: port, port: advertisedPort });
    stops.push(proxy.close);
    const kafka = await startKafka({ port, advertisedPort });
    stops.push(kafka.stop);
    expect(kafka.brokers).toEqual([`127.0.0.1:${advertisedPort}`]);
    expect(await roundTrip([`127.0.0.1:${port}`], 'proxied', 0, 10)).toEqual(names(10));
    await proxy.refuse();
    // The seed address is the broker's own; it names the proxy, and there the client ends.
    const producer = new Kafka({ brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING, retry: { retries: 0 } }).producer();
    await producer.connect();
    await expect(producer.send({ topic: 'proxied', messages: [{ value: 'lost way' }] })).rejects.toThrow();
    await producer.disconnect();
    await proxy.heal();
    expect(await roundTrip(kafka.brokers, 'proxied', 10, 20)).toEqual(names(20));
  });

  test('a killed redis comes back at its address with what it had answered for', async () => {
    const redis = await startRedis();
    stops.push(redis.stop);
    const client = new Redis(redis.url, { retryStrategy: () => 50, maxRetriesPerRequest: null });
    client.on('error', () => {});
    stops.push(async () => client.disconnect());
    await Promise.all(Array.from({ length: 1_000 }, (_, i) => client.set(`k${i}`, String(i))));
    await redis.kill();
    await redis.restart();
    expect(await client.dbsize()).toBe(1_000);
    expect(await client.get('k999')).toBe('999');
  });

  test('a data folder that was named is kept and used again', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'messtrack-kept-'));
    stops.push(() => rm(dataDir, { recursive: true, force: true }));
    const first = await startServices({ redis: true, kafka: true }, { dataDir, env: {} });
    await roundTrip(first.kafkaBrokers, 'kept', 0, 5);
    await first.stop();
    expect((await readdir(dataDir)).sort()).toEqual(['kafka', 'redis']);
    const second = await startServices({ kafka: true }, { dataDir, env: {} });
    stops.push(second.stop);
    expect(second.origins).toEqual({ kafka: 'native' });
    expect(await roundTrip(second.kafkaBrokers, 'kept', 5, 6)).toEqual(names(6));
  });

  test('a given address is used as it is, and one that does not answer is named', async () => {
    const brokers = inject('kafkaBrokers');
    const services = await startServices({ kafka: true }, { env: { MESSTRACK_TEST_KAFKA: brokers.join(',') } });
    expect(services.kafkaBrokers).toEqual(brokers);
    expect(services.origins).toEqual({ kafka: 'given' });
    await services.stop();
    expect(await roundTrip(brokers, `testing-${crypto.randomUUID()}`, 0, 1)).toEqual(['v0']);

    const dead = `redis://127.0.0.1:${await freePort()}`;
    await expect(startServices({ redis: true }, { env: { MESSTRACK_TEST_REDIS: dead } })).rejects.toThrow(
      /MESSTRACK_TEST_REDIS is set, but nothing answers there/,
    );
  });
});
