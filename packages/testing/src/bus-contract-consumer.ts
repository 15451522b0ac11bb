import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Batch } from '@messtrack/runtime/bus.ts';
import { expect, it } from 'vitest';
import {
  alive,
  type BusHarness,
  closing,
  eventually,
  gate,
  newTopic,
  numbered,
  openForTest,
  record,
  sendAll,
  text,
  uniqueName,
} from './bus-harness.ts';

export function consumerContract(harness: BusHarness): void {
  it('hands over every record once, in order, in batches of bounded size', async () => {
    const bus = await openForTest(harness);
    const topics = [await newTopic(bus, 3), await newTopic(bus, 1)];
    await sendAll(
      bus,
      topics.flatMap((topic) => [...numbered(topic, 0, 1_500), ...(topic === topics[0] ? numbered(topic, 2, 700) : [])]),
    );
    const seen = new Map<string, string[]>();
    const sizes: number[] = [];
    const consumer = closing(
      await bus.consume({
        groupId: uniqueName('group'),
        topics,
        maxBatchRecords: 100,
        onBatch: async (batch) => {
          sizes.push(batch.records.length);
          expect(batch.highWatermark).toBe(batch.partition === 2 ? 700 : 1_500);
          const place = `${batch.topic}/${batch.partition}`;
          seen.set(place, [...(seen.get(place) ?? []), ...batch.records.map((each) => text(each.value))]);
        },
      }),
    );
    await alive(
      eventually(() => [...seen.values()].reduce((sum, each) => sum + each.length, 0) >= 3_700),
      consumer,
    );
    const expected = (partition: number, count: number) => Array.from({ length: count }, (_, index) => `${partition}:${index}`);
    expect(Object.fromEntries(seen)).toEqual({
      [`${topics[0]}/0`]: expected(0, 1_500),
      [`${topics[0]}/2`]: expected(2, 700),
      [`${topics[1]}/0`]: expected(0, 1_500),
    });
    expect(Math.min(...sizes)).toBeGreaterThan(0);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
  });

  it('commits nothing by returning, and everything before the offset by commit', async () => {
    const bus = await openForTest(harness);
    const [topic, groupId] = [await newTopic(bus, 1), uniqueName('group')];
    await sendAll(bus, numbered(topic, 0, 50));
    const first = await takeAll(bus, groupId, topic, 50, async () => undefined);
    expect(first).toEqual(first.toSorted((a, b) => a - b));
    const second = await takeAll(bus, groupId, topic, 50, async (batch, commit) => {
      if (batch.records.some((each) => each.offset === 29)) await commit(30);
    });
    expect(second).toEqual(first);
    const third = await takeAll(bus, groupId, topic, 20, async () => undefined);
    expect(third).toEqual(Array.from({ length: 20 }, (_, index) => 30 + index));
  });

  it('waits for the handler in progress when it is closed, and takes its commit', async () => {
    const bus = await openForTest(harness);
    const [topic, groupId] = [await newTopic(bus, 1), uniqueName('group')];
    await sendAll(bus, numbered(topic, 0, 10));
    const [started, release] = [gate(), gate()];
    const events: string[] = [];
    const consumer = closing(
      await bus.consume({
        groupId,
        topics: [topic],
        onBatch: async (batch, self) => {
          started.open();
          await release.opened;
          await self.commit([{ topic, partition: 0, offset: (batch.records.at(-1)?.offset ?? 0) + 1 }]);
          events.push('committed');
        },
      }),
    );
    await alive(started.opened, consumer);
    const closed = consumer.close().then(() => events.push('closed'));
    release.open();
    await closed;
    expect(events).toEqual(['committed', 'closed']);
    const [committed] = await bus.committed(groupId, topic);
    expect(committed?.offset).toBe(10);
  });

  it('starts at the end of the log where the options say so', async () => {
    const bus = await openForTest(harness);
    const [topic, groupId] = [await newTopic(bus, 1), uniqueName('group')];
    await sendAll(bus, numbered(topic, 0, 10));
    const values: string[] = [];
    const consumer = closing(
      await bus.consume({
        groupId,
        topics: [topic],
        startAt: 'latest',
        onBatch: async (batch) => {
          values.push(...batch.records.map((each) => text(each.value)));
        },
      }),
    );
    await sendAll(bus, numbered(topic, 0, 3, 10));
    await alive(
      eventually(() => values.length >= 3),
      consumer,
    );
    expect(values).toEqual(['0:10', '0:11', '0:12']);
  });

  it('tells which partitions it has been given and which were taken', async () => {
    const bus = await openForTest(harness);
    const topic = await newTopic(bus, 3);
    const events: string[] = [];
    const list = (partitions: readonly { readonly partition: number }[]) =>
      partitions
        .map((each) => each.partition)
        .toSorted()
        .join();
    const consumer = closing(
      await bus.consume({
        groupId: uniqueName('group'),
        topics: [topic],
        onBatch: async () => undefined,
        onAssigned: (partitions) => events.push(`assigned ${list(partitions)}`),
        onRevoked: (partitions) => events.push(`revoked ${list(partitions)}`),
      }),
    );
    await alive(
      eventually(() => events.length >= 1),
      consumer,
    );
    await consumer.close();
    expect(events).toEqual(['assigned 0,1,2', 'revoked 0,1,2']);
  });

  it('goes on after a poison message that its handler has dealt with', async () => {
    const bus = await openForTest(harness);
    const [topic, deadLetters, groupId] = [await newTopic(bus, 1), await newTopic(bus, 1), uniqueName('group')];
    await sendAll(bus, [record(topic, '{"n":1}'), record(topic, '{broken'), record(topic, '{"n":2}')]);
    const producer = await bus.producer();
    const parsed: unknown[] = [];
    const consumer = closing(
      await bus.consume({
        groupId,
        topics: [topic],
        onBatch: async (batch, self) => {
          for (const each of batch.records) {
            try {
              parsed.push(JSON.parse(text(each.value)));
            } catch {
              await producer.send([{ topic: deadLetters, key: `${each.topic}/${each.offset}`, value: each.value, headers: {} }]);
            }
          }
          await self.commit([{ topic, partition: 0, offset: (batch.records.at(-1)?.offset ?? 0) + 1 }]);
        },
      }),
    );
    await alive(
      eventually(async () => (await bus.committed(groupId, topic))[0]?.offset === 3),
      consumer,
    );
    await producer.close();
    const dead: string[] = [];
    for await (const records of bus.read({ topic: deadLetters, partition: 0 }, 0)) dead.push(...records.map((each) => text(each.value)));
    expect(parsed).toEqual([{ n: 1 }, { n: 2 }]);
    expect(dead).toEqual(['{broken']);
  });

  // An Error and a SyntaxError take different ways through a client library: one restarts for ever, the other dies without a word.
  it.each([new Error('the warehouse said no'), new SyntaxError('Unexpected token'), new TypeError('x is undefined')])(
    'ends through `crashed` when its handler rejects with %s',
    async (reason) => {
      const bus = await openForTest(harness);
      const [topic, groupId] = [await newTopic(bus, 1), uniqueName('group')];
      await sendAll(bus, numbered(topic, 0, 5));
      let calls = 0;
      const consumer = closing(
        await bus.consume({
          groupId,
          topics: [topic],
          onBatch: async () => {
            calls++;
            throw reason;
          },
        }),
      );
      await expect(consumer.crashed).rejects.toBe(reason);
      // Closing waits for whatever the consumer still does; a consumer that restarted would have called again.
      await consumer.close();
      expect(calls).toBe(1);
      expect((await bus.committed(groupId, topic))[0]?.offset).toBe(0);
    },
  );

  it('holds at most one batch per partition while the handler is slow, whatever is pending', { timeout: 180_000 }, async () => {
    const bus = await openForTest(harness);
    const [partitions, perPartition, valueBytes] = [4, 50_000, 500];
    const topic = await newTopic(bus, partitions);
    const producer = await bus.producer();
    const value = Buffer.alloc(valueBytes, 'x');
    for (let sent = 0; sent < perPartition; sent += 500) {
      const chunk = (partition: number) => Array.from({ length: 500 }, () => ({ topic, key: 'k', value, headers: {}, partition }));
      await producer.send(Array.from({ length: partitions }, (_, partition) => chunk(partition)).flat());
    }
    await producer.close();

    const slow = gate();
    const running = new Map<number, number>();
    let [records, outstanding, mostOutstanding] = [0, 0, 0];
    const before = memory();
    let peak = 0;
    const consumer = closing(
      await bus.consume({
        groupId: uniqueName('group'),
        topics: [topic],
        onBatch: async (batch) => {
          running.set(batch.partition, (running.get(batch.partition) ?? 0) + 1);
          outstanding++;
          mostOutstanding = Math.max(mostOutstanding, outstanding);
          expect(running.get(batch.partition)).toBe(1);
          await slow.opened;
          records += batch.records.length;
          peak = Math.max(peak, memory() - before);
          running.set(batch.partition, 0);
          outstanding--;
        },
      }),
    );
    await alive(
      eventually(() => outstanding > 0),
      consumer,
    );
    // Twenty round trips to the log while the handlers stand still: a consumer that reads ahead has all the time it needs.
    for (let turn = 0; turn < 20; turn++) {
      await bus.offsets(topic);
      peak = Math.max(peak, memory() - before);
    }
    slow.open();
    await alive(
      eventually(() => records >= partitions * perPartition),
      consumer,
    );
    expect(records).toBe(partitions * perPartition);
    expect(mostOutstanding).toBeLessThanOrEqual(partitions);
    // 100 MB are pending. A batch of 2,000 records is 1 MB of values and some 2 MB of objects, and a fetch may hold as much again per partition.
    expect(peak).toBeLessThan(32 * 1_048_576);
  });
}

/** Consumes until `count` records have come and closes; returns their offsets. */
async function takeAll(
  bus: Awaited<ReturnType<typeof openForTest>>,
  groupId: string,
  topic: string,
  count: number,
  handle: (batch: Batch, commit: (offset: number) => Promise<void>) => Promise<void>,
): Promise<number[]> {
  const offsets: number[] = [];
  const consumer = closing(
    await bus.consume({
      groupId,
      topics: [topic],
      onBatch: async (batch, self) => {
        offsets.push(...batch.records.map((each) => each.offset));
        await handle(batch, (offset) => self.commit([{ topic, partition: batch.partition, offset }]));
      },
    }),
  );
  await alive(
    eventually(() => offsets.length >= count),
    consumer,
  );
  await consumer.close();
  return offsets;
}

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

/** What is held, not what has been allocated: garbage is collected first. Buffers live outside the heap. Bytes. */
function memory(): number {
  if (typeof collectGarbage === 'function') collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
