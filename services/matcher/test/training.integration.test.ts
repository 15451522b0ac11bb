import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelRecord } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import { Touchpoint } from '@messtrack/proto/gen/messtrack/v1/touchpoint.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus } from '@messtrack/runtime/bus.ts';
import { type Child, startChild } from '@messtrack/testing/child.ts';
import { assertBalanced } from '@messtrack/testing/ledger.ts';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { foldedLog, leadsOf, ledger, readAll, touchpoints } from './support/log-ledger.ts';
import { openStores, PARTITIONS, type Stores } from './support/stores.ts';

const HOUR = 3_600_000;

let dir: string;
const cleanup: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'messtrack-training-'));
});
afterEach(async () => {
  for (const each of cleanup.splice(0).reverse()) await each();
  await rm(dir, { recursive: true, force: true });
});

/** Where a trainer dies: with a model made and nothing sent, and behind each step of the transaction that carries it. */
const BEFORE_COMMIT = ['trained', 'training/outputs_sent', 'training/offsets_sent'];
const AFTER_COMMIT = 'training/committed';

const START_MS = Date.now() - 40 * HOUR;
/** Before anything written here is due by the clock: time moves by the log alone. */
const CLOCK_MS = START_MS;

function stretch(number: number) {
  return touchpoints(400, START_MS + number * 12 * HOUR, (index) => index % 4 === 1);
}

describe('training', () => {
  it('on the embedded log gives each version once, whatever phase its trainer is killed in, and the same leads when folded again', async () => {
    const stores: Stores = { kind: 'embedded', path: dir };
    await write(stores, 0);
    for (const point of [...BEFORE_COMMIT, AFTER_COMMIT]) await killed(await start(stores, { isEndless: true, killAt: point }));
    await finish(stores);
    await write(stores, 1);
    await finish(stores);
    await check(stores);
  }, 180_000);

  it('on Kafka does so with two matchers at a time, the other of which takes over', async () => {
    const stores: Stores = { kind: 'cluster', brokers: inject('kafkaBrokers'), redisUrl: inject('redisUrl'), prefix: `${randomUUID()}.` };
    await write(stores, 0);
    // Whichever trains dies of it, and the next one trains the same again: nothing was committed.
    const doomed = [...BEFORE_COMMIT];
    const running = new Map<string, Child>();
    while (doomed.length > 0 || running.size > 0) {
      while (running.size < 2 && doomed.length > 0) {
        const point = doomed.shift()!;
        running.set(point, await start(stores, { isEndless: true, killAt: point }));
      }
      const died = await Promise.race([...running].map(([point, child]) => child.exited.then(() => point)));
      await killed(running.get(died)!);
      running.delete(died);
    }
    await killed(await start(stores, { isEndless: true, killAt: AFTER_COMMIT }));
    const pair = [await start(stores, { isEndless: true }), await start(stores, { isEndless: true })];
    await write(stores, 1);
    await Promise.race(pair.map((child) => child.reached('training/committed')));
    await pair[0]!.kill();
    await pair[1]!.stop();
    await finish(stores);
    await check(stores);
  }, 300_000);
});

async function start(stores: Stores, { isEndless, killAt }: { isEndless: boolean; killAt?: string }): Promise<Child> {
  const child = await startChild({
    script: new URL('./matcher-child.ts', import.meta.url),
    args: [JSON.stringify({ stores, clockMs: CLOCK_MS, isEndless })],
    ...(killAt === undefined ? {} : { killAt: { point: killAt } }),
  });
  cleanup.push(() => child.kill());
  return child;
}

async function killed(child: Child): Promise<void> {
  const exit = await child.exited;
  expect(exit.signal, child.output()).toBe('SIGKILL');
}

/** One matcher folds what is left, until no partition has anything to read. */
async function finish(stores: Stores): Promise<void> {
  const child = await start(stores, { isEndless: false });
  await child.reached('done');
  const exit = await child.exited;
  expect(exit.code, child.output()).toBe(0);
}

async function write(stores: Stores, number: number): Promise<void> {
  const { bus, close } = await openStores(stores);
  const producer = await bus.producer();
  await producer.send(stretch(number));
  await producer.close();
  await close();
}

async function check(stores: Stores): Promise<void> {
  const { bus, close } = await openStores(stores);
  cleanup.push(close);
  const versions = await versionsOf(bus);
  expect(versions.length).toBeGreaterThanOrEqual(2);
  expect(versions).toEqual(versions.map((_, index) => index + 1));
  for (let partition = 0; partition < PARTITIONS; partition += 1) expect(await epochsOf(bus, partition)).toEqual(versions);

  const leads = await leadsOf(bus);
  const named = [...new Set(leads.map(({ modelVersion }) => modelVersion))].sort((a, b) => a - b);
  expect(named[0]).toBe(0);
  expect(named.length).toBeGreaterThan(1);
  for (const version of named.slice(1)) expect(versions).toContain(version);
  expect(leads.filter(({ method }) => method === 'probabilistic').length).toBeGreaterThan(50);

  const expected = await foldedLog(bus);
  expect(expected.length).toBeGreaterThan(1_000);
  assertBalanced(expected, await ledger(bus));
}

/** Version records as committed, in order. */
async function versionsOf(bus: Bus): Promise<readonly number[]> {
  return (await readAll(bus, TOPICS.model.name, 1)).flatMap(({ value }) => {
    const { kind } = ModelRecord.decode(value);
    return kind?.$case === 'model' ? [kind.value.version] : [];
  });
}

async function epochsOf(bus: Bus, partition: number): Promise<readonly number[]> {
  const versions: number[] = [];
  for await (const records of bus.read({ topic: TOPICS.touchpoints.name, partition }, 0)) {
    for (const { value } of records) {
      const { kind } = Touchpoint.decode(value);
      if (kind?.$case === 'epoch') versions.push(kind.value.modelVersion);
    }
  }
  return versions;
}
