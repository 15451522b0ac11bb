import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLmdbBus } from '../src/bus-lmdb.ts';

const log = pino({ level: 'silent' });
const TOPIC = { name: 'in.v1', partitions: 3, cleanup: 'delete', retentionMs: 86_400_000, maxRecordBytes: 1_048_576 } as const;

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'messtrack-environment-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('loses, doubles and disturbs nothing when the log lets go of its pages all the time', async () => {
  const bus = await openLmdbBus({ path: folder, log });
  await bus.ensureTopics([TOPIC, { ...TOPIC, name: 'out.v1', cleanup: 'compact' }]);
  let isOver = false;
  let releases = 0;
  const releasing = (async () => {
    while (!isOver) {
      await bus.releasePages();
      releases += 1;
      await delay(1);
    }
  })();

  const COUNT = 6_000;
  const folded: string[] = [];
  const processor = await bus.process({
    groupId: 'fold',
    topic: TOPIC.name,
    createWorker: async (_, committed) => ({
      startOffset: committed,
      async process(batch) {
        for (const { value } of batch.records) folded.push(value.toString());
        return batch.records.map(({ value }) => ({ topic: 'out.v1', key: `k${Number(value) % 100}`, value, headers: {} }));
      },
    }),
  });
  const consumed = new Set<string>();
  const allConsumed = Promise.withResolvers<void>();
  const consumer = await bus.consume({
    groupId: 'read',
    topics: ['out.v1'],
    async onBatch({ topic, partition, records }, self) {
      for (const { value } of records) consumed.add(value.toString());
      await self.commit([{ topic, partition, offset: records.at(-1)!.offset + 1 }]);
      if (consumed.size === COUNT) allConsumed.resolve();
    },
  });
  const producer = await bus.producer();
  await Promise.all(
    Array.from({ length: 4 }, async (_, sender) => {
      for (let at = sender; at < COUNT; at += 4) {
        await producer.send([{ topic: TOPIC.name, key: String(at), value: Buffer.from(String(at)), headers: {} }]);
      }
    }),
  );
  await allConsumed.promise;
  isOver = true;
  await releasing;
  expect(releases).toBeGreaterThan(20);
  const all = Array.from({ length: COUNT }, (_, at) => String(at));
  expect(folded.toSorted(byNumber)).toEqual(all);
  expect([...consumed].toSorted(byNumber)).toEqual(all);
  expect((await bus.lag('fold', TOPIC.name)).map(({ lag }) => lag)).toEqual([0, 0, 0]);
  await consumer.close();
  await processor.close();
  await producer.close();
  await bus.close();
});

function byNumber(a: string, b: string): number {
  return Number(a) - Number(b);
}

it('unmaps what was read', async () => {
  const bus = await openLmdbBus({ path: folder, log });
  await bus.ensureTopics([TOPIC]);
  const producer = await bus.producer();
  const value = Buffer.alloc(500_000, 7);
  for (let at = 0; at < 40; at += 1) await producer.send([{ topic: TOPIC.name, partition: 0, key: 'k', value, headers: {} }]);
  for await (const records of bus.read({ topic: TOPIC.name, partition: 0 }, 0)) expect(records.length).toBeGreaterThan(0);
  const before = await mappedBytes();
  await bus.releasePages();
  expect(before).toBeGreaterThan(20_000_000);
  expect(await mappedBytes()).toBeLessThan(1_000_000);
  await producer.close();
  await bus.close();
});

/** Resident bytes of the log's file in this process. */
async function mappedBytes(): Promise<number> {
  let isOurs = false;
  let kb = 0;
  for (const line of (await readFile('/proc/self/smaps', 'utf8')).split('\n')) {
    if (/^[0-9a-f]+-[0-9a-f]+ /.test(line)) isOurs = line.includes(`${folder}/data.mdb`);
    else if (isOurs && line.startsWith('Rss:')) kb += Number(/(\d+) kB/.exec(line)?.[1]);
  }
  return kb * 1_024;
}

it('writes what waited for it, and closes while it is under way', async () => {
  const bus = await openLmdbBus({ path: folder, log });
  await bus.ensureTopics([TOPIC]);
  const producer = await bus.producer();
  const releasing = bus.releasePages();
  const sent = producer.send([{ topic: TOPIC.name, partition: 1, key: 'k', value: Buffer.from('v'), headers: {} }]);
  await expect(sent).resolves.toEqual([{ topic: TOPIC.name, partition: 1, offset: 0 }]);
  await releasing;
  const again = bus.releasePages();
  await producer.close();
  await bus.close();
  await again;
  await bus.releasePages();
});
