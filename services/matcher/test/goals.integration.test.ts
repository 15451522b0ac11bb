import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Goal } from '@messtrack/proto/gen/messtrack/v1/goal.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import { startNativeRedis } from '@messtrack/testing/redis.ts';
import { contactKey } from '@messtrack/workspace/contact-key.ts';
import { fixedWorkspaces } from '@messtrack/workspace/registry.ts';
import { fastify } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { DEFAULT_MATCHER_SETTINGS } from '../src/config.ts';
import { startMatcher } from '../src/service.ts';
import { ACME, TOKEN } from './support/acme.ts';
import { messageRecord, readAll } from './support/log-ledger.ts';
import { openStores, PARTITIONS, type Stores } from './support/stores.ts';

let dir: string;
const cleanup: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'messtrack-goals-'));
});
afterEach(async () => {
  for (const each of cleanup.splice(0).reverse()) await each();
  await rm(dir, { recursive: true, force: true });
});

const NUMBER = '+1 415 555-0199';
const PERSON = contactKey('acme', 'whatsapp', 'wa_id', '14155550199');
const cluster = (redisUrl: string): Stores => ({ kind: 'cluster', brokers: inject('kafkaBrokers'), redisUrl, prefix: `${randomUUID()}.` });

describe.each<readonly [name: string, stores: () => Stores]>([
  ['the embedded log', () => ({ kind: 'embedded', path: dir })],
  ['Kafka and Redis', () => cluster(inject('redisUrl'))],
])('POST /v1/goals on %s', (_, where) => {
  it('is answered once the goal of the person’s lead stands in the log, the same one however often it is told', async () => {
    const { bus, report, leadOf } = await reporting(where());
    const paid = {
      account: 'wa-1',
      contact: NUMBER,
      id: 'order-1',
      name: 'paid',
      time: new Date().toISOString(),
      value: 12.5,
      currency: 'EUR',
    };
    expect(await report(paid)).toMatchObject({ status: 404, body: { error: 'unknown_lead' } });
    const leadId = await leadOf();
    for (let times = 1; times <= 2; times += 1) {
      expect(await report(paid)).toMatchObject({ status: 202, body: { accepted: ['api/order-1'], lead_id: leadId } });
      const goals = await readAll(bus, TOPICS.goals.name);
      expect(goals).toHaveLength(times);
      expect(Goal.decode(goals[0]!.value)).toEqual({
        eventId: 'api/order-1',
        workspace: 'acme',
        leadId,
        name: 'paid',
        eventTimeMs: Date.parse(paid.time),
        valueMinor: 1_250,
        currency: 'EUR',
      });
      expect(goals.at(-1)!.value).toEqual(goals[0]!.value);
    }
  });
});

it('says 503 while Redis is away, stores nothing, and takes the same goal when it is back', async () => {
  const redis = await startNativeRedis({ dataDir: join(dir, 'redis') });
  cleanup.push(() => redis.stop());
  const { bus, report, leadOf } = await reporting(cluster(redis.url));
  const leadId = await leadOf();
  const paid = { lead_id: leadId, id: 'order-2', name: 'paid' };
  await redis.kill();
  expect(await report(paid)).toMatchObject({ status: 503, body: { error: 'unavailable' } });
  expect(await readAll(bus, TOPICS.goals.name)).toEqual([]);
  await redis.restart();
  await expect.poll(async () => (await report(paid)).status, { timeout: 30_000 }).toBe(202);
  expect((await readAll(bus, TOPICS.goals.name)).map(({ value }) => Goal.decode(value).eventId)).toEqual(['api/order-2']);
});

/** A matcher that nobody has written to yet. */
async function reporting(stores: Stores) {
  const { bus, joins, close } = await openStores(stores);
  cleanup.push(close);
  await bus.ensureTopics([{ ...TOPICS.goals, partitions: PARTITIONS }]);
  const app = fastify();
  const running = await startMatcher({
    app,
    bus,
    joins,
    workspaces: fixedWorkspaces([ACME]),
    settings: DEFAULT_MATCHER_SETTINGS,
    log: pino({ level: 'silent' }),
    registry: new Registry(),
  });
  cleanup.push(async () => running.close?.());
  const headers = { authorization: `Bearer ${TOKEN}` };
  return {
    bus,
    report: async (payload: object) => {
      const answer = await app.inject({ method: 'POST', url: '/v1/goals', headers, payload });
      return { status: answer.statusCode, body: answer.json() };
    },
    /** The person writes. */
    leadOf: async (): Promise<string> => {
      const producer = await bus.producer();
      await producer.send([messageRecord('wa-1', 'm1', PERSON, Date.now())]);
      await producer.close();
      const asked = await app.inject({ url: `/v1/leads?account=wa-1&contact=${encodeURIComponent(NUMBER)}&wait=20s`, headers });
      expect(asked.statusCode).toBe(200);
      return asked.json().lead.lead_id;
    },
  };
}
