import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open as openFile, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { type Bus, FencedError, type OutRecord, type TopicDefinition } from '../src/bus.ts';
import { type LmdbBusOptions, openLmdbBus } from '../src/bus-lmdb.ts';
import { createLogger } from '../src/logger.ts';

const FOREIGN = fileURLToPath(new URL('./bus-lmdb-foreign.ts', import.meta.url));
const run = promisify(execFile);

let path: string;
beforeEach(async () => {
  path = await mkdtemp(join(tmpdir(), 'messtrack-log-'));
});
afterEach(() => rm(path, { recursive: true, force: true }));

async function open(more: Partial<LmdbBusOptions> = {}): Promise<Bus> {
  const bus = await openLmdbBus({ path, log: createLogger('test', 'silent'), retentionIntervalMs: 10, ...more });
  onTestFinished(() => bus.close());
  return bus;
}

const TOPIC: TopicDefinition = { name: 't', partitions: 2, cleanup: 'delete', retentionMs: 1_000, maxRecordBytes: 10_000 };

function records(count: number, key = 'k', partition = 0): OutRecord[] {
  return Array.from({ length: count }, (_, index) => ({ topic: 't', key, value: Buffer.from(`${key}${index}`), headers: {}, partition }));
}

async function send(bus: Bus, batch: readonly OutRecord[]) {
  const producer = await bus.producer();
  const positions = await producer.send(batch);
  await producer.close();
  return positions;
}

async function read(bus: Bus, partition = 0): Promise<[offset: number, value: string][]> {
  const all: [number, string][] = [];
  for await (const batch of bus.read({ topic: 't', partition }, 0)) {
    for (const each of batch) all.push([each.offset, Buffer.from(each.value).toString()]);
  }
  return all;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

it('forgets records of a delete topic after their retention, and never gives an offset twice', async () => {
  let nowMs = 1_000_000;
  const bus = await open({ now: () => nowMs });
  await bus.ensureTopics([TOPIC]);
  await send(bus, records(600));
  nowMs += 900;
  await send(bus, records(5, 'young'));
  nowMs += 200;
  await until(async () => (await bus.offsets('t'))[0]?.first === 600);
  expect(await read(bus)).toEqual(Array.from({ length: 5 }, (_, index) => [600 + index, `young${index}`]));
  expect((await bus.lag('g', 't'))[0]?.lag).toBe(5);
  nowMs += 10_000;
  await until(async () => (await bus.offsets('t'))[0]?.first === 605);
  // Empty, and over a restart: the next offset is remembered, not derived from what is there.
  await bus.close();
  const again = await open({ now: () => nowMs });
  expect((await send(again, records(1)))[0]?.offset).toBe(605);
});

it('names the record whose bytes were changed on the disk while the log was open, and hands out what stands before it', async () => {
  const bus = await open();
  await bus.ensureTopics([TOPIC]);
  await send(bus, [...records(3), ...records(1, 'precious'), ...records(3)]);
  const file = join(path, 'data.mdb');
  const at = (await readFile(file)).indexOf('precious0');
  const opened = await openFile(file, 'r+');
  await opened.write(Buffer.from('X'), 0, 1, at + 4);
  await opened.sync();
  await opened.close();
  const read: number[] = [];
  const reading = (async () => {
    for await (const batch of bus.read({ topic: 't', partition: 0 }, 0)) read.push(...batch.map(({ offset }) => offset));
  })();
  await expect(reading).rejects.toThrow(/data\.mdb is damaged: of t, partition 0, the first record from offset 3 on/);
  expect(read).toEqual([0, 1, 2]);
});

it('forgets nothing because the clock was set a year ahead', async () => {
  const bus = await open();
  await bus.ensureTopics([
    { ...TOPIC, retentionMs: 30 * 86_400_000 },
    { ...TOPIC, name: 'z', retentionMs: 300 },
  ]);
  await send(bus, records(3));
  await send(
    bus,
    records(1).map((each) => ({ ...each, topic: 'z' })),
  );
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 365 * 86_400_000 });
  try {
    // Due after the clock was set, and topics are gone over by name: when it is gone, the other's turn has been.
    await until(async () => (await bus.offsets('z'))[0]?.first === 1);
    expect((await bus.offsets('t'))[0]).toMatchObject({ first: 0 });
  } finally {
    vi.useRealTimers();
  }
});

it('starts a group whose position is forgotten at the oldest record there is', async () => {
  let nowMs = 1_000_000;
  const bus = await open({ now: () => nowMs });
  await bus.ensureTopics([TOPIC]);
  await send(bus, records(10, 'old'));
  nowMs += 2_000;
  await until(async () => (await bus.offsets('t'))[0]?.first === 10);
  await send(bus, records(2, 'new'));
  const seen: number[] = [];
  const consumer = await bus.consume({
    groupId: 'g',
    topics: ['t'],
    onBatch: async (batch) => {
      seen.push(...batch.records.map((each) => each.offset));
    },
  });
  await until(() => seen.length >= 2);
  await consumer.close();
  expect(seen).toEqual([10, 11]);
});

it('keeps the newest record per key of a compact topic, and replaced ones as long as the topic says', async () => {
  let nowMs = 1_000_000;
  const bus = await open({ now: () => nowMs });
  await bus.ensureTopics([{ ...TOPIC, cleanup: 'compact' }]);
  await send(bus, [...records(400, 'a'), ...records(400, 'b')]);
  nowMs += 900;
  await send(bus, records(1, 'a'));
  // A barrier: when the replaced records of before are gone, a pass has been over those of now as well.
  nowMs += 200;
  await until(async () => (await read(bus)).length === 3);
  expect(await read(bus)).toEqual([
    [399, 'a399'],
    [799, 'b399'],
    [800, 'a0'],
  ]);
  nowMs += 1_000;
  await until(async () => (await read(bus)).length === 2);
  nowMs += 1_000_000;
  await send(bus, records(1, 'c'));
  nowMs += 1_000_000;
  expect((await read(bus)).map(([offset]) => offset)).toEqual([799, 800, 801]);
  expect((await bus.offsets('t'))[0]).toMatchObject({ next: 802 });
});

it('lets go of a key of a compact topic whose newest value is empty, and of a later value not', async () => {
  let nowMs = 1_000_000;
  const bus = await open({ now: () => nowMs });
  await bus.ensureTopics([{ ...TOPIC, cleanup: 'compact' }]);
  const deletion = (key: string) => ({ ...records(1, key)[0]!, value: new Uint8Array(0) });
  await send(bus, [...records(1, 'a'), ...records(1, 'b'), deletion('a'), deletion('b'), ...records(1, 'b'), ...records(1, 'c')]);
  expect((await read(bus)).map(([offset]) => offset)).toEqual([0, 1, 2, 3, 4, 5]);
  nowMs += 2_000;
  await until(async () => (await read(bus)).length === 2);
  expect(await read(bus)).toEqual([
    [4, 'b0'],
    [5, 'c0'],
  ]);
});

it('shares one log and its groups between the buses of a process', async () => {
  const [one, other] = [await open(), await open()];
  await one.ensureTopics([TOPIC]);
  const seen: string[] = [];
  const options = {
    groupId: 'g',
    topics: ['t'],
    onBatch: async (batch: { readonly records: readonly { readonly value: Uint8Array }[] }) => {
      seen.push(...batch.records.map((each) => Buffer.from(each.value).toString()));
    },
  };
  const consumers = [await one.consume(options), await other.consume(options)];
  await send(one, [...records(3, 'x', 0), ...records(3, 'y', 1)]);
  await until(() => seen.length >= 6);
  for (const each of consumers) await each.close();
  expect(seen.toSorted()).toEqual(['x0', 'x1', 'x2', 'y0', 'y1', 'y2']);
  await one.close();
  expect((await other.offsets('t')).map((each) => each.next)).toEqual([3, 3]);
});

it('fences a consumer and a processor when another process has taken their partitions', { timeout: 60_000 }, async () => {
  const bus = await open();
  await bus.ensureTopics([
    { ...TOPIC, partitions: 1 },
    { ...TOPIC, name: 'out', partitions: 1 },
  ]);
  await send(bus, records(3));
  const reached = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const stale: boolean[] = [];
  const consumer = await bus.consume({
    groupId: 'consumers',
    topics: ['t'],
    onBatch: async (batch, self) => {
      reached.resolve();
      await release.promise;
      stale.push(batch.isStale());
      await self.commit([{ topic: 't', partition: 0, offset: 3 }]);
    },
  });
  const processing = Promise.withResolvers<void>();
  const processor = await bus.process({
    groupId: 'processors',
    topic: 't',
    createWorker: async (_, committed) => ({
      startOffset: committed,
      process: async () => {
        processing.resolve();
        await release.promise;
        return [{ topic: 'out', key: 'k', value: Buffer.from('stale'), headers: {} }];
      },
    }),
  });
  await Promise.all([reached.promise, processing.promise]);
  for (const groupId of ['consumers', 'processors']) await run(process.execPath, [FOREIGN, 'take-over', path, 't', groupId]);
  release.resolve();
  await expect(consumer.crashed).rejects.toBeInstanceOf(FencedError);
  await expect(processor.crashed).rejects.toBeInstanceOf(FencedError);
  expect(stale).toEqual([true]);
  expect((await bus.offsets('out'))[0]?.next).toBe(0);
  expect((await bus.committed('consumers', 't'))[0]?.offset).toBe(0);
});

it('says unavailable when the disk is full, keeps what it promised and nothing else, and goes on when there is room', {
  timeout: 60_000,
}, async () => {
  const bus = await open();
  await bus.ensureTopics([TOPIC]);
  await bus.close();
  // A limit on file size stands for the full disk: it needs no disk of its own. The signal that comes with it is ignored, as a service would get ENOSPC.
  const { stdout } = await run('sh', ['-c', `trap '' XFSZ; ulimit -f 4096; exec "$0" "$@"`, process.execPath, FOREIGN, 'fill', path, 't']);
  const answer: { durable: number; failure: string; ping: string; next: number } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  expect(answer).toMatchObject({ failure: 'BusUnavailableError', ping: 'BusUnavailableError' });
  expect(answer.durable).toBeGreaterThan(0);
  expect(answer.next).toBe(answer.durable);

  const again = await open({ retentionIntervalMs: 1_000_000 });
  expect((await send(again, records(1)))[0]?.offset).toBe(answer.durable);
  await expect(again.ping()).resolves.toBeUndefined();
  let count = 0;
  for await (const batch of again.read({ topic: 't', partition: 0 }, 0)) {
    for (const each of batch) expect(each.offset).toBe(count++);
  }
  expect(count).toBe(answer.durable + 1);
});

it('refuses before the disk is full, without an attempt and with one line for all, and what was taken is still worked off', async () => {
  const lines: string[] = [];
  const noting = createLogger('test', 'warn', { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  const setup = await open();
  await setup.ensureTopics([TOPIC, { ...TOPIC, name: 'out' }]);
  await send(setup, records(20));
  await setup.close();

  // No disk has so much: the same as one that is full, but for the numbers.
  const full = await openLmdbBus({ path, log: noting, reserve: { appendBytes: Number.MAX_SAFE_INTEGER, otherBytes: 0 } });
  const producer = await full.producer();
  const refusals = await Promise.allSettled(Array.from({ length: 50 }, () => producer.send(records(1))));
  for (const refusal of refusals) expect(refusal).toMatchObject({ status: 'rejected', reason: { name: 'BusUnavailableError' } });
  await expect(full.ping()).rejects.toMatchObject({ name: 'BusUnavailableError', code: 'ENOSPC' });
  const folded = Promise.withResolvers<void>();
  const processor = await full.process({
    groupId: 'g',
    topic: 't',
    createWorker: async (_, committed) => ({
      startOffset: committed,
      process: async (batch) => batch.records.map(({ value }) => ({ topic: 'out', key: 'k', value, headers: {} })),
      committed: (next) => {
        if (next === 20) folded.resolve();
      },
    }),
  });
  await folded.promise;
  await processor.close();
  expect(lines).toEqual(['the log cannot be written: records are refused, what was taken waits']);
  await full.close();

  const again = await open();
  expect((await again.offsets('t')).reduce((sum, { next }) => sum + next, 0)).toBe(20);
  expect((await again.offsets('out')).reduce((sum, { next }) => sum + next, 0)).toBe(20);
});

it('has every acknowledged record, in order and without gaps, however often its process is killed', { timeout: 60_000 }, async () => {
  const setup = await open();
  await setup.ensureTopics([{ ...TOPIC, retentionMs: 86_400_000 }]);
  await setup.close();
  let acknowledged = -1;
  for (const acknowledgements of [1, 5, 12, 3]) {
    const child = spawn(process.execPath, [FOREIGN, 'send', path, 't'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      // Somewhere inside the next commit, wherever that happens to be.
      if (output.split('\n').length > acknowledgements) child.kill('SIGKILL');
    });
    await once(child, 'close');
    const last = Number(output.split('\n').at(-2));
    expect(last).toBeGreaterThan(acknowledged);
    acknowledged = last;

    const bus = await open();
    const [one, other] = [await read(bus, 0), await read(bus, 1)];
    // A call is one transaction: both partitions have all of it or none.
    expect(one.length).toBe(other.length);
    expect(one.length % 10).toBe(0);
    expect(one.length).toBeGreaterThan(acknowledged);
    expect(one.map(([offset]) => offset)).toEqual(one.map((_, index) => index));
    await bus.close();
  }
});

it('names a topic and a partition that do not exist', async () => {
  const bus = await open();
  await bus.ensureTopics([TOPIC]);
  await expect(send(bus, [{ topic: 'none', key: 'k', value: Buffer.alloc(0), headers: {} }])).rejects.toThrow('topic none does not exist');
  await expect(send(bus, records(1, 'k', 2))).rejects.toThrow('t has no partition 2: it has 2');
});
