import { expect, it } from 'vitest';
import {
  type BusHarness,
  caughtUp,
  closing,
  copyWorker,
  newTopic,
  numbered,
  openForTest,
  readValues,
  record,
  sendAll,
  text,
  uniqueName,
} from './bus-harness.ts';

export function readerContract(harness: BusHarness): void {
  it('reads one partition from an offset to its end, in order', async () => {
    const bus = await openForTest(harness);
    const topic = await newTopic(bus, 2);
    await sendAll(bus, [...numbered(topic, 0, 500), ...numbered(topic, 1, 5_000)]);
    const offsets: number[] = [];
    const values: string[] = [];
    for await (const records of bus.read({ topic, partition: 1 }, 1_234)) {
      expect(records.length).toBeGreaterThan(0);
      for (const each of records) {
        offsets.push(each.offset);
        values.push(text(each.value));
      }
    }
    expect(offsets).toEqual(Array.from({ length: 3_766 }, (_, index) => 1_234 + index));
    expect(values).toEqual(offsets.map((offset) => `1:${offset}`));
  });

  it('ends at once where there is nothing to read', async () => {
    const bus = await openForTest(harness);
    const topic = await newTopic(bus, 2);
    await sendAll(bus, numbered(topic, 1, 10));
    const counts = [0, 0];
    for await (const records of bus.read({ topic, partition: 0 }, 0)) counts[0] = (counts[0] ?? 0) + records.length;
    for await (const records of bus.read({ topic, partition: 1 }, 10)) counts[1] = (counts[1] ?? 0) + records.length;
    expect(counts).toEqual([0, 0]);
  });

  it('ends although records keep coming', async () => {
    const bus = await openForTest(harness);
    const topic = await newTopic(bus, 1);
    await sendAll(bus, numbered(topic, 0, 3_000));
    const producer = await bus.producer();
    let read = 0;
    // Each batch adds a record: a reader that follows the end would never stop.
    for await (const records of bus.read({ topic, partition: 0 }, 0)) {
      read += records.length;
      await producer.send([record(topic, 'later', 0)]);
    }
    await producer.close();
    expect(read).toBe(3_000);
  });

  it('can be left in the middle and started again, also side by side', async () => {
    const bus = await openForTest(harness);
    const topic = await newTopic(bus, 3);
    await sendAll(
      bus,
      [0, 1, 2].flatMap((partition) => numbered(topic, partition, 2_000)),
    );
    for await (const records of bus.read({ topic, partition: 0 }, 0)) {
      expect(text(records[0]?.value ?? null)).toBe('0:0');
      break;
    }
    const sums = await Promise.all(
      [0, 1, 2].map(async (partition) => {
        let sum = 0;
        for await (const records of bus.read({ topic, partition }, 0)) sum += records.length;
        return sum;
      }),
    );
    expect(sums).toEqual([2_000, 2_000, 2_000]);
  });

  it('reads to the end of a partition whose tail is the end of a transaction', async () => {
    const bus = await openForTest(harness);
    const [input, output, groupId] = [await newTopic(bus, 1), await newTopic(bus, 1), uniqueName('group')];
    await sendAll(bus, numbered(input, 0, 95));
    const processor = closing(
      await bus.process({
        groupId,
        topic: input,
        maxBatchRecords: 10,
        createWorker: async (_, committed) => copyWorker(output, committed),
      }),
    );
    await caughtUp(bus, groupId, input, processor);
    expect(await readValues(bus, output)).toEqual(Array.from({ length: 95 }, (_, index) => `0:${index}`));
  });

  it('tells first and next offset, committed position and lag of every partition', async () => {
    const bus = await openForTest(harness);
    const [topic, groupId] = [await newTopic(bus, 3), uniqueName('group')];
    await sendAll(bus, [...numbered(topic, 0, 7), ...numbered(topic, 2, 4)]);
    expect((await bus.offsets(topic)).map(({ partition, first, next }) => [partition, first, next])).toEqual([
      [0, 0, 7],
      [1, 0, 0],
      [2, 0, 4],
    ]);
    expect((await bus.committed(groupId, topic)).map((each) => each.offset)).toEqual([0, 0, 0]);
    expect((await bus.lag(groupId, topic)).map((each) => each.lag)).toEqual([7, 0, 4]);

    const consumer = closing(
      await bus.consume({
        groupId,
        topics: [topic],
        onBatch: async (batch, self) => {
          if (batch.partition === 0) await self.commit([{ topic, partition: 0, offset: 5 }]);
        },
      }),
    );
    await consumerCommitted(bus.committed.bind(bus, groupId, topic), 5);
    await consumer.close();
    expect((await bus.committed(groupId, topic)).map((each) => each.offset)).toEqual([5, 0, 0]);
    expect((await bus.lag(groupId, topic)).map((each) => each.lag)).toEqual([2, 0, 4]);
  });

  it('answers a ping', async () => {
    const bus = await openForTest(harness);
    await expect(bus.ping()).resolves.toBeUndefined();
  });
}

async function consumerCommitted(read: () => Promise<readonly { readonly offset: number }[]>, offset: number): Promise<void> {
  while ((await read())[0]?.offset !== offset) await new Promise((resolve) => setTimeout(resolve, 20));
}
