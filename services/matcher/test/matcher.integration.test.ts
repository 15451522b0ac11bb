import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeadLetter } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus, OutRecord } from '@messtrack/runtime/bus.ts';
import type { JoinStore } from '@messtrack/sessions/join-store.ts';
import { openRebuiltRedisJoinStore, openRedisJoinStore } from '@messtrack/sessions/join-store-redis.ts';
import { type Child, startChild } from '@messtrack/testing/child.ts';
import { assertBalanced } from '@messtrack/testing/ledger.ts';
import { startNativeRedis } from '@messtrack/testing/redis.ts';
import { contactKey } from '@messtrack/workspace/contact-key.ts';
import { fixedWorkspaces } from '@messtrack/workspace/registry.ts';
import { type FastifyInstance, fastify } from 'fastify';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { leadIdOf } from '../src/adapters/lead-id.ts';
import { openModelDirectory } from '../src/adapters/model-directory.ts';
import { modelSource } from '../src/adapters/model-source.ts';
import { DEFAULT_MATCHER_SETTINGS, type MatcherSettings } from '../src/config.ts';
import { createMatcherMetrics } from '../src/metrics.ts';
import { rebuildSessions } from '../src/rebuild.ts';
import { startMatcher } from '../src/service.ts';
import { ACME, TOKEN } from './support/acme.ts';
import { epochRecord, foldedLog, leadsOf, ledger, messageRecord, readAll, touchpoints } from './support/log-ledger.ts';
import { openStores, PARTITIONS, type Stores } from './support/stores.ts';

const HOUR = 3_600_000;

let dir: string;
const cleanup: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'messtrack-matcher-'));
});
afterEach(async () => {
  for (const each of cleanup.splice(0).reverse()) await each();
  await rm(dir, { recursive: true, force: true });
});

const PLACES: readonly (readonly [name: string, stores: () => Stores])[] = [
  ['the embedded log', () => ({ kind: 'embedded', path: dir })],
  [
    'Kafka and Redis',
    () => ({ kind: 'cluster', brokers: inject('kafkaBrokers'), redisUrl: inject('redisUrl'), prefix: `${randomUUID()}.` }),
  ],
];

describe.each(PLACES)('the matcher on %s', (_, where) => {
  it('loses and doubles no revision when it is killed in every phase of a transaction, and starts again from a snapshot', async () => {
    const stores = where();
    const startMs = Date.now() - 12 * HOUR;
    const opened = await openStores(stores);
    const written = touchpoints(400, startMs);
    const producer = await opened.bus.producer();
    await producer.send(written);
    await producer.close();
    // The log of the embedded stores belongs to one process at a time.
    if (stores.kind === 'embedded') await opened.close();

    const workers: { startOffset: number; committed: number }[] = [];
    const kills = [
      { point: 'processed', occurrence: 4 },
      { point: 'outputs_sent', occurrence: 3 },
      { point: 'offsets_sent', occurrence: 5 },
      { point: 'committed', occurrence: 4 },
    ];
    for (const killAt of kills) {
      const child = await startMatcherChild(stores, startMs, killAt);
      const exit = await child.exited;
      expect(exit.signal, child.output()).toBe('SIGKILL');
    }
    const last = await startMatcherChild(stores, startMs);
    for (let index = 1; index <= PARTITIONS; index += 1) workers.push(JSON.parse(await last.reached('worker', index)));
    await last.reached('done');
    await last.exited;

    const { bus, close } = stores.kind === 'embedded' ? await openStores(stores) : opened;
    cleanup.push(close);
    const [expected, actual] = [await foldedLog(bus), await ledger(bus)];
    expect(expected.length).toBeGreaterThan(300);
    assertBalanced(expected, actual);
    expect(workers.some(({ startOffset }) => startOffset > 0)).toBe(true);
    for (const { startOffset, committed } of workers) expect(startOffset).toBeLessThanOrEqual(committed);
  }, 180_000);
});

it('writes exact leads and keeps a whole snapshot when an owner stands still in the middle of one, is fenced, and goes on with it', async () => {
  const stores = PLACES[1]![1]();
  const startMs = Date.now() - 12 * HOUR;
  const { bus, close } = await openStores(stores);
  cleanup.push(close);
  const written = touchpoints(600, startMs);
  await send(bus, written.slice(0, 420));
  const frozen = await startMatcherChild(stores, startMs, undefined, { isEndless: true, freezesAt: '/1/2' });
  // Two records of its second snapshot are written, and more are to come.
  await frozen.reached('frozen');

  // The group gives its partitions away when its session has run out.
  const next = await startMatcherChild(stores, startMs, undefined, { isEndless: true });
  for (let index = 1; index <= PARTITIONS; index += 1) await next.reached('worker', index);
  process.kill(frozen.pid, 'SIGCONT');
  await send(bus, written.slice(420));
  // A transaction's marker stands at the end and counts as one.
  while ((await bus.lag('matcher', TOPICS.touchpoints.name)).some(({ lag }) => lag > 1))
    await new Promise((resolve) => setTimeout(resolve, 50));
  for (const each of [frozen, next]) await each.kill();

  const last = await startMatcherChild(stores, startMs);
  const workers: { startOffset: number }[] = [];
  for (let index = 1; index <= PARTITIONS; index += 1) workers.push(JSON.parse(await last.reached('worker', index)));
  await last.reached('done');
  await last.exited;
  assertBalanced(await foldedLog(bus), await ledger(bus));
  for (const { startOffset } of workers) expect(startOffset).toBeGreaterThan(0);
}, 120_000);

it('writes exact leads when snapshots are spoilt, from an older one where there is one and else from the beginning of the log', async () => {
  const stores = PLACES[1]![1]();
  const startMs = Date.now() - 12 * HOUR;
  const { bus, close } = await openStores(stores);
  cleanup.push(close);
  const written = touchpoints(600, startMs);
  const starts: number[][] = [];
  const parts = [
    { records: written.slice(0, 420), spoilsSnapshots: true },
    { records: written.slice(420, 840), spoilsSnapshots: false },
    { records: written.slice(840, 1_100), spoilsSnapshots: true },
    { records: written.slice(1_100), spoilsSnapshots: false },
  ];
  for (const { records, spoilsSnapshots } of parts) {
    await send(bus, records);
    const child = await startMatcherChild(stores, startMs, undefined, { spoilsSnapshots });
    const workers: { startOffset: number }[] = [];
    for (let index = 1; index <= PARTITIONS; index += 1) workers.push(JSON.parse(await child.reached('worker', index)));
    await child.reached('done');
    await child.exited;
    starts.push(workers.map(({ startOffset }) => startOffset));
  }
  assertBalanced(await foldedLog(bus), await ledger(bus));
  // After the first owner none is whole; after the third those of the second are.
  expect(starts[1]).toEqual(Array.from({ length: PARTITIONS }, () => 0));
  for (const startOffset of starts[3]!) expect(startOffset).toBeGreaterThan(0);
}, 120_000);

it('waits on a Redis that was emptied while it was away, decides nothing, and goes on exactly when it is filled anew', async () => {
  const dataDir = join(dir, 'redis');
  const redis = await startNativeRedis({ dataDir });
  cleanup.push(() => redis.stop());
  const prefix = `${randomUUID()}.`;
  const startMs = Date.now() - 12 * HOUR;
  const { bus, close } = await openStores({ kind: 'cluster', redisUrl: redis.url, prefix, brokers: inject('kafkaBrokers') });
  cleanup.push(close);
  const refusals: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void refusals.push(JSON.parse(line).err?.type) });
  const start = async () => {
    const joins = await openRedisJoinStore({ url: redis.url, prefix, log });
    cleanup.push(() => joins.close());
    return { joins, ...(await startOn(bus, joins, () => startMs)) };
  };
  const written = touchpoints(240, startMs);
  // An epoch alone writes no entry; who comes next must not take that for a loss.
  const first = await start();
  await send(bus, [epochRecord('wa-1', startMs)]);
  await until(async () => (await bus.lag('matcher', TOPICS.touchpoints.name)).every(({ lag }) => lag <= 1));
  await first.stop();
  const second = await start();
  await send(bus, written.slice(0, 300));
  const before = await foldedLog(bus);
  await until(async () => (await ledger(bus)).length === before.length);
  await second.stop();

  await second.joins.close();
  await redis.kill();
  for (const file of await readdir(dataDir)) await rm(join(dataDir, file), { recursive: true });
  await redis.restart();
  const third = await start();
  await send(bus, written.slice(300));
  await until(async () => refusals.includes('JoinEntriesLostError'));
  await expect(third.service.ping()).rejects.toMatchObject({ name: 'JoinEntriesLostError' });
  expect((await bus.lag('matcher', TOPICS.touchpoints.name)).some(({ lag }) => lag > 1)).toBe(true);
  expect((await ledger(bus)).length).toBe(before.length);
  // What waits for a store ends with it.
  third.failed.catch(() => undefined);
  await third.joins.close();
  await third.stop();

  const rebuilt = await openRebuiltRedisJoinStore({ url: redis.url, prefix });
  await rebuilt.begin();
  await rebuildSessions(bus, rebuilt, DEFAULT_MATCHER_SETTINGS.groupId, rebuildParts(bus));
  await rebuilt.finish();
  await rebuilt.close();
  await start();
  const expected = await foldedLog(bus);
  await until(async () => (await ledger(bus)).length === expected.length);
  assertBalanced(expected, await ledger(bus));
}, 120_000);

describe.each(PLACES)('a matcher on %s that waits for its join store', (_, where) => {
  it('stops all the same, having failed in nobody’s eyes, and the next one decides what it has left', async () => {
    const { bus, joins, close } = await openStores(where());
    cleanup.push(close);
    const asked = Promise.withResolvers<void>();
    const away: JoinStore = {
      ...joins,
      read: () => {
        asked.resolve();
        return new Promise<never>(() => undefined);
      },
    };
    const nowMs = Date.now();
    const waiting = await startOn(bus, away, () => nowMs, { stopPatienceMs: 100 });
    let failure: unknown;
    waiting.failed.catch((error: unknown) => {
      failure = error;
    });
    await send(bus, [messageRecord('wa-1', 'm1', 'ann', nowMs)]);
    await asked.promise;
    await waiting.stop();
    expect(failure).toBeUndefined();
    expect(await leadsOf(bus)).toEqual([]);
    await startOn(bus, joins, () => nowMs);
    await until(async () => (await leadsOf(bus)).length === 1);
    assertBalanced(await foldedLog(bus), await ledger(bus));
  }, 60_000);
});

describe('the matcher', () => {
  it('writes a tick when something is due on a quiet partition, and the lead becomes final by it', async () => {
    const { bus, start } = await embedded();
    let nowMs = Date.now();
    await start(() => nowMs);
    await send(bus, [messageRecord('wa-1', 'm1', 'ann', nowMs)]);
    await until(async () => (await leadsOf(bus)).length === 1);
    nowMs += HOUR + 60_000;
    await until(async () => (await leadsOf(bus)).length === 2);
    expect((await leadsOf(bus)).map(({ revision, state }) => [revision, state])).toEqual([
      [1, 'provisional'],
      [2, 'final'],
    ]);
    assertBalanced(await foldedLog(bus), await ledger(bus));
  });

  it('dead-letters what it cannot read, with its bytes and place, and goes on', async () => {
    const { bus, start } = await embedded();
    const nowMs = Date.now();
    await start(() => nowMs);
    const bad = { ...messageRecord('wa-1', 'm0', 'ann', nowMs), value: Uint8Array.of(0xff, 0xff, 0xff) };
    const ahead = messageRecord('wa-1', 'm0', 'ann', nowMs + 40 * HOUR);
    const nobody = messageRecord('wa-1', 'm0', '', nowMs);
    await send(bus, [bad, ahead, nobody, messageRecord('wa-1', 'm1', 'ann', nowMs)]);
    await until(async () => (await leadsOf(bus)).length === 1);
    const letters = (await readAll(bus, TOPICS.touchpointsDlq.name, 1)).map(({ value }) => DeadLetter.decode(value));
    expect(letters.map(({ reason, sourceTopic }) => [reason, sourceTopic])).toEqual([
      ['undecodable', 'touchpoints.v1'],
      ['timestamp_out_of_range', 'touchpoints.v1'],
      ['missing_field', 'touchpoints.v1'],
    ]);
    expect(Uint8Array.from(letters[0]!.raw)).toEqual(Uint8Array.of(0xff, 0xff, 0xff));
  });

  it('answers bots by id and by contact, at once and when the lead comes', async () => {
    const { bus, start } = await embedded();
    const nowMs = Date.now();
    const { app } = await start(() => nowMs);
    const waiting = ask(app, '/v1/leads?account=wa-1&contact=%2B1%20415%20555-0199&wait=20s');
    const key = contactKey('acme', 'whatsapp', 'wa_id', '14155550199');
    await send(bus, [messageRecord('wa-1', 'm1', key, nowMs)]);
    const found = await waiting;
    expect(found.statusCode).toBe(200);
    const { lead } = found.json();
    expect(lead).toMatchObject({ account: 'wa-1', contact: key, method: 'none', resolved_to: 'none', state: 'provisional', revision: 1 });
    const explained = await ask(app, `/v1/leads/${lead.lead_id}/explain`);
    expect(explained.json().sentences[0]).toBe('No tracked click led to this message (certain in practice, 100.00 %).');
    expect((await ask(app, `/v1/leads/${lead.lead_id}`)).json()).toEqual({ lead });

    expect((await ask(app, '/v1/leads?account=wa-1&contact=nobody')).statusCode).toBe(404);
    expect((await ask(app, `/v1/leads/${lead.lead_id}`, 'wrong')).statusCode).toBe(401);
    const bad = await ask(app, '/v1/leads?wait=1h&accounts=x');
    expect(bad.statusCode).toBe(400);
    expect(bad.json().problems.map(({ field }: { field: string }) => field)).toEqual(['account', 'contact', 'wait', 'accounts']);
  });

  it('writes what a join store that fell with it has lost of the last minutes again when it starts', async () => {
    const { bus, joins, start } = await embedded();
    const startMs = Date.now() - 12 * HOUR;
    const first = await start(() => startMs);
    await send(bus, touchpoints(120, startMs));
    const expected = await foldedLog(bus);
    await until(async () => (await ledger(bus)).length === expected.length);
    await first.stop();
    const leadIds = [...new Set((await leadsOf(bus)).map(({ leadId }) => leadId))];
    const keys = leadIds.map((leadId) => ({ key: `lead/acme/${leadId}`, before: Number.MAX_SAFE_INTEGER }));
    const before = await joins.read(keys);
    expect(await joins.clear('')).toBeGreaterThan(keys.length);
    await start(() => startMs);
    await expect.poll(() => joins.read(keys)).toEqual(before);
    expect((await ledger(bus)).length).toBe(expected.length);
  });

  it('fills an emptied join store from the log with the entries it had', async () => {
    const { bus, joins, start } = await embedded();
    const startMs = Date.now() - 12 * HOUR;
    const matcher = await start(() => startMs);
    await send(bus, touchpoints(120, startMs));
    const expected = await foldedLog(bus);
    await until(async () => (await ledger(bus)).length === expected.length);
    await matcher.stop();
    const keys = [...new Set((await leadsOf(bus)).map(({ leadId }) => `lead/acme/${leadId}`))].map((key) => ({
      key,
      before: Number.MAX_SAFE_INTEGER,
    }));
    const before = await joins.read(keys);
    const rebuilt = await rebuildSessions(bus, joins, DEFAULT_MATCHER_SETTINGS.groupId, rebuildParts(bus));
    expect(rebuilt.cleared).toBeGreaterThan(keys.length);
    expect(rebuilt.leadRevisions).toBe(expected.length);
    expect(await joins.read(keys)).toEqual(before);
  });
});

async function embedded() {
  const { bus, joins, close } = await openStores({ kind: 'embedded', path: dir });
  cleanup.push(close);
  return {
    bus,
    joins,
    start: (clock: () => number) => startOn(bus, joins, clock),
  };
}

async function startOn(bus: Bus, joins: JoinStore, clock: () => number, more: Partial<MatcherSettings> = {}) {
  const app = fastify();
  const running = await startMatcher({
    app,
    bus,
    joins,
    workspaces: fixedWorkspaces([ACME]),
    settings: { ...DEFAULT_MATCHER_SETTINGS, ...more },
    log: pino({ level: 'silent' }),
    registry: new Registry(),
    clock,
  });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    await running.close?.();
  };
  cleanup.push(stop);
  await app.ready();
  return { app, service: running.value, failed: Promise.race([running.failed ?? []]), stop };
}

function rebuildParts(bus: Bus) {
  const metrics = createMatcherMetrics(new Registry(), Date.now);
  return {
    tools: { leadId: leadIdOf },
    models: modelSource(openModelDirectory(bus), metrics, pino({ level: 'silent' })),
    listener: { committed: () => undefined },
    metrics,
    clock: Date.now,
    snapshotPolicy: DEFAULT_MATCHER_SETTINGS.snapshotPolicy,
  };
}

function ask(app: FastifyInstance, url: string, token = TOKEN) {
  return app.inject({ url, headers: { authorization: `Bearer ${token}` } });
}

async function startMatcherChild(
  stores: Stores,
  clockMs: number,
  killAt?: { point: string; occurrence: number },
  more: { readonly isEndless?: boolean; readonly freezesAt?: string; readonly spoilsSnapshots?: boolean } = {},
): Promise<Child> {
  const child = await startChild({
    script: new URL('./matcher-child.ts', import.meta.url),
    args: [JSON.stringify({ stores, clockMs, isEndless: false, ...more })],
    ...(killAt === undefined ? {} : { killAt }),
  });
  cleanup.push(() => child.kill());
  return child;
}

async function send(bus: Bus, records: readonly OutRecord[]): Promise<void> {
  const producer = await bus.producer();
  await producer.send(records);
  await producer.close();
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 30_000; !(await condition()); ) {
    if (Date.now() > deadline) throw new Error('what the test waits for has not come within 30 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
