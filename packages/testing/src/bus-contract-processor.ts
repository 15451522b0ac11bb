import type { TopicPartition } from '@messtrack/runtime/bus.ts';
import { expect, it } from 'vitest';
import {
  alive,
  type BusHarness,
  caughtUp,
  closing,
  copies,
  copyWorker,
  eventually,
  gate,
  newTopic,
  numbered,
  openForTest,
  readTopic,
  readValues,
  record,
  sendAll,
  text,
  uniqueName,
} from './bus-harness.ts';

export function processorContract(harness: BusHarness): void {
  it('writes the output of every batch once, in order, and tells the worker what is durable', async () => {
    const bus = await openForTest(harness);
    const [input, output, groupId] = [await newTopic(bus, 3), await newTopic(bus, 3), uniqueName('group')];
    await sendAll(
      bus,
      [0, 1, 2].flatMap((partition) => numbered(input, partition, 240)),
    );
    const sizes: number[] = [];
    const durable = new Map<number, number[]>();
    const processor = closing(
      await bus.process({
        groupId,
        topic: input,
        maxBatchRecords: 50,
        createWorker: async ({ partition }, committed) =>
          copyWorker(output, committed, {
            process: async (batch, replay) => {
              sizes.push(batch.records.length);
              expect(replay).toBe(false);
              return copies(output, batch);
            },
            committed: (next) => durable.set(partition, [...(durable.get(partition) ?? []), next]),
          }),
      }),
    );
    await caughtUp(bus, groupId, input, processor);
    await processor.close();
    const origins = (await readTopic(bus, output)).map((each) => each.headers['origin']);
    expect(origins).toEqual([0, 1, 2].flatMap((partition) => Array.from({ length: 240 }, (_, index) => `${partition}:${index}`)));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(50);
    for (const partition of [0, 1, 2]) {
      const positions = durable.get(partition) ?? [];
      expect(positions).toEqual(positions.toSorted((a, b) => a - b));
      expect(positions.at(-1)).toBe(240);
    }
  });

  it('gives every partition its worker before any record comes, and drops them all at the end', async () => {
    const bus = await openForTest(harness);
    const input = await newTopic(bus, 4);
    const events: string[] = [];
    const processor = closing(
      await bus.process({
        groupId: uniqueName('group'),
        topic: input,
        createWorker: async ({ partition }, committed) => {
          events.push(`created ${partition} at ${committed}`);
          return { startOffset: committed, process: async () => [], close: () => events.push(`closed ${partition}`) };
        },
      }),
    );
    await alive(
      eventually(() => processor.assigned().length === 4),
      processor,
    );
    expect(
      processor
        .assigned()
        .map((each) => each.partition)
        .toSorted(),
    ).toEqual([0, 1, 2, 3]);
    await processor.close();
    const expected = [0, 1, 2, 3].flatMap((partition) => [`closed ${partition}`, `created ${partition} at 0`]).toSorted();
    expect(events.toSorted()).toEqual(expected);
    expect(processor.assigned()).toEqual([]);
  });

  it('replays from the start offset up to what is committed, without writing it again', async () => {
    const bus = await openForTest(harness);
    const [input, output, groupId] = [await newTopic(bus, 1), await newTopic(bus, 1), uniqueName('group')];
    await sendAll(bus, numbered(input, 0, 137));
    const first = closing(
      await bus.process({
        groupId,
        topic: input,
        maxBatchRecords: 20,
        createWorker: async (_, committed) => copyWorker(output, committed),
      }),
    );
    await caughtUp(bus, groupId, input, first);
    await first.close();

    await sendAll(bus, numbered(input, 0, 63, 137));
    const seen: [offset: number, replay: boolean][] = [];
    const offered: number[] = [];
    const second = closing(
      await bus.process({
        groupId,
        topic: input,
        // 1,000 puts what was committed and what was not into one fetch: the batch has to be split at 137.
        maxBatchRecords: 1_000,
        createWorker: async (_, committed) => {
          offered.push(committed);
          return copyWorker(output, 25, {
            process: async (batch, replay) => {
              seen.push(...batch.records.map((each): [number, boolean] => [each.offset, replay]));
              return copies(output, batch);
            },
          });
        },
      }),
    );
    await caughtUp(bus, groupId, input, second);
    await second.close();
    expect(offered).toEqual([137]);
    expect(seen).toEqual(Array.from({ length: 175 }, (_, index) => [25 + index, 25 + index < 137]));
    expect(await readValues(bus, output)).toEqual(Array.from({ length: 200 }, (_, index) => `0:${index}`));
  });

  it('lets a quiet partition write what time brings, never beside `process`, without moving its offset', async () => {
    const bus = await openForTest(harness);
    const [input, output, groupId] = [await newTopic(bus, 1), await newTopic(bus, 1), uniqueName('group')];
    let [busy, ticks, overlaps] = [false, 0, 0];
    const exclusively = async <T>(work: () => T): Promise<T> => {
      if (busy) overlaps++;
      busy = true;
      await new Promise((resolve) => setTimeout(resolve, 5));
      busy = false;
      return work();
    };
    const processor = closing(
      await bus.process({
        groupId,
        topic: input,
        createWorker: async (_, committed) =>
          copyWorker(output, committed, {
            process: (batch) => exclusively(() => copies(output, batch)),
            idle: () => exclusively(() => [{ ...record(output, `tick ${ticks++}`), partition: 0 }]),
          }),
      }),
    );
    await alive(
      eventually(() => ticks >= 2),
      processor,
    );
    expect((await bus.committed(groupId, input))[0]?.offset).toBe(0);
    await sendAll(bus, numbered(input, 0, 40));
    await caughtUp(bus, groupId, input, processor);
    const before = ticks;
    await alive(
      eventually(() => ticks > before + 1),
      processor,
    );
    await processor.close();
    expect(overlaps).toBe(0);
    const written = await readValues(bus, output);
    expect(written.filter((each) => !each.startsWith('tick'))).toEqual(Array.from({ length: 40 }, (_, index) => `0:${index}`));
    expect(written.filter((each) => each.startsWith('tick'))).toEqual(Array.from({ length: ticks }, (_, index) => `tick ${index}`));
    expect((await bus.committed(groupId, input))[0]?.offset).toBe(40);
  });

  it('ends through `crashed` when a worker rejects, and nothing of its batch is to be seen', async () => {
    const bus = await openForTest(harness);
    const [input, output, groupId] = [await newTopic(bus, 1), await newTopic(bus, 1), uniqueName('group')];
    await sendAll(bus, numbered(input, 0, 30));
    const reason = new TypeError('the fold has a bug');
    const closed: TopicPartition[] = [];
    const processor = closing(
      await bus.process({
        groupId,
        topic: input,
        maxBatchRecords: 10,
        createWorker: async (partition, committed) =>
          copyWorker(output, committed, {
            process: async (batch) => {
              if (batch.records.some((each) => each.offset >= 10)) throw reason;
              return copies(output, batch);
            },
            close: () => closed.push(partition),
          }),
      }),
    );
    await expect(processor.crashed).rejects.toBe(reason);
    await processor.close();
    expect(closed).toHaveLength(1);
    expect(await readValues(bus, output)).toEqual(Array.from({ length: 10 }, (_, index) => `0:${index}`));
    expect((await bus.committed(groupId, input))[0]?.offset).toBe(10);
  });

  it.each(['createWorker', 'idle'] as const)('ends through `crashed` when %s rejects', async (where) => {
    const bus = await openForTest(harness);
    const input = await newTopic(bus, 1);
    const reason = new Error(`${where} failed`);
    const processor = closing(
      await bus.process({
        groupId: uniqueName('group'),
        topic: input,
        createWorker: async (_, committed) => {
          if (where === 'createWorker') throw reason;
          return { startOffset: committed, process: async () => [], idle: () => Promise.reject(reason) };
        },
      }),
    );
    await expect(processor.crashed).rejects.toBe(reason);
  });

  it('waits for the batch in progress when it is closed, and leaves output and offset in agreement', async () => {
    const bus = await openForTest(harness);
    const [input, output, groupId] = [await newTopic(bus, 1), await newTopic(bus, 1), uniqueName('group')];
    await sendAll(bus, numbered(input, 0, 10));
    const [started, release] = [gate(), gate()];
    const processor = closing(
      await bus.process({
        groupId,
        topic: input,
        createWorker: async (_, committed) =>
          copyWorker(output, committed, {
            process: async (batch) => {
              started.open();
              await release.opened;
              return copies(output, batch);
            },
          }),
      }),
    );
    await alive(started.opened, processor);
    const closed = processor.close();
    release.open();
    await closed;
    const committed = (await bus.committed(groupId, input))[0]?.offset ?? 0;
    // Whether the batch still counts is the adapter's choice; that output and offset agree is not.
    expect(await readValues(bus, output)).toEqual(Array.from({ length: committed }, (_, index) => `0:${index}`));
  });

  it('gives consumers of its output committed records only, in order', async () => {
    const bus = await openForTest(harness);
    const [input, output, groupId] = [await newTopic(bus, 1), await newTopic(bus, 1), uniqueName('group')];
    const received: string[] = [];
    const consumer = closing(
      await bus.consume({
        groupId: uniqueName('group'),
        topics: [output],
        onBatch: async (batch) => {
          received.push(...batch.records.map((each) => text(each.value)));
        },
      }),
    );
    await sendAll(bus, numbered(input, 0, 300));
    const processor = closing(
      await bus.process({
        groupId,
        topic: input,
        maxBatchRecords: 25,
        createWorker: async (_, committed) => copyWorker(output, committed),
      }),
    );
    await alive(
      eventually(() => received.length >= 300),
      consumer,
      processor,
    );
    expect(received).toEqual(Array.from({ length: 300 }, (_, index) => `0:${index}`));
  });
}
