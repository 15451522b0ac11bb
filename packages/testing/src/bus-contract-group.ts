import { FencedError, type TopicPartition } from '@messtrack/runtime/bus.ts';
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
  sendAll,
  uniqueName,
} from './bus-harness.ts';

export function groupContract(harness: BusHarness): void {
  it('keeps the ledger exact when a second processor joins in the middle of a batch', async () => {
    const bus = await openForTest(harness);
    const [input, output, groupId] = [await newTopic(bus, 4), await newTopic(bus, 4), uniqueName('group')];
    const partitions = [0, 1, 2, 3];
    await sendAll(
      bus,
      partitions.flatMap((partition) => numbered(input, partition, 400)),
    );
    const [inBatch, release] = [gate(), gate()];
    const member = async (wait: boolean) =>
      closing(
        await bus.process({
          groupId,
          topic: input,
          maxBatchRecords: 40,
          createWorker: async (_, committed) => {
            return copyWorker(output, committed, {
              process: async (batch) => {
                if (wait && batch.records.some((each) => each.offset >= 80)) {
                  inBatch.open();
                  await release.opened;
                }
                return copies(output, batch);
              },
            });
          },
        }),
      );
    const first = await member(true);
    await alive(inBatch.opened, first);
    const joining = member(false);
    release.open();
    const second = await alive(joining, first);
    await alive(
      eventually(() => first.assigned().length === 2 && second.assigned().length === 2),
      first,
      second,
    );
    await sendAll(
      bus,
      partitions.flatMap((partition) => numbered(input, partition, 100, 400)),
    );
    await caughtUp(bus, groupId, input, first, second);
    await Promise.all([first.close(), second.close()]);
    expect(await origins(bus, output)).toEqual(
      partitions.flatMap((partition) => Array.from({ length: 500 }, (_, index) => `${partition}:${index}`)),
    );
  });

  it('hands partitions over when a processor leaves', async () => {
    const bus = await openForTest(harness);
    const [input, output, groupId] = [await newTopic(bus, 2), await newTopic(bus, 2), uniqueName('group')];
    const member = async () =>
      closing(
        await bus.process({
          groupId,
          topic: input,
          createWorker: async (_, committed) => copyWorker(output, committed),
        }),
      );
    const [first, second] = [await member(), await member()];
    await alive(
      eventually(() => first.assigned().length === 1 && second.assigned().length === 1),
      first,
      second,
    );
    await sendAll(
      bus,
      [0, 1].flatMap((partition) => numbered(input, partition, 50)),
    );
    await first.close();
    await alive(
      eventually(() => second.assigned().length === 2),
      second,
    );
    await sendAll(
      bus,
      [0, 1].flatMap((partition) => numbered(input, partition, 50, 50)),
    );
    await caughtUp(bus, groupId, input, second);
    expect(await origins(bus, output)).toEqual(
      [0, 1].flatMap((partition) => Array.from({ length: 100 }, (_, index) => `${partition}:${index}`)),
    );
  });

  it('fences an owner that stands still: what it writes afterwards fails and is never seen', async () => {
    const bus = await openForTest(harness);
    const [input, output, groupId] = [await newTopic(bus, 1), await newTopic(bus, 1), uniqueName('group')];
    await sendAll(bus, numbered(input, 0, 60));
    const [stalled, release] = [gate(), gate()];
    const closed: string[] = [];
    let stalledTransactions = 0;
    const old = closing(
      await bus.process({
        groupId,
        topic: input,
        maxBatchRecords: 20,
        createWorker: async (_, committed) =>
          copyWorker(output, committed, {
            process: async (batch) => {
              if (!batch.records.some((each) => each.offset === 20) || stalledTransactions > 0) return copies(output, batch);
              stalledTransactions++;
              stalled.open();
              await release.opened;
              return copies(output, batch).map((each) => ({ ...each, headers: { ...each.headers, by: 'old owner' } }));
            },
            close: () => closed.push('old'),
          }),
      }),
    );
    await alive(stalled.opened, old);
    const owned: TopicPartition[] = [];
    const starting = bus.process({
      groupId,
      topic: input,
      maxBatchRecords: 20,
      createWorker: async (partition, committed) => {
        owned.push(partition);
        return copyWorker(output, committed);
      },
    });
    if (harness.stalledOwnerLosesPartition) {
      const next = closing(await alive(starting, old));
      await caughtUp(bus, groupId, input, old, next);
      expect(owned).toHaveLength(1);
      release.open();
      await alive(
        eventually(() => closed.length > 0),
        old,
        next,
      );
      await sendAll(bus, numbered(input, 0, 10, 60));
      await caughtUp(bus, groupId, input, old, next);
      const written = await readTopic(bus, output);
      expect(written.filter((each) => each.headers['by'] === 'old owner')).toEqual([]);
    } else {
      release.open();
      const next = closing(await alive(starting, old));
      await sendAll(bus, numbered(input, 0, 10, 60));
      await caughtUp(bus, groupId, input, old, next);
    }
    expect(await origins(bus, output)).toEqual(Array.from({ length: 70 }, (_, index) => `0:${index}`));
  });

  it('commits the work of consumers exactly when a second one joins in the middle of a batch', async () => {
    const bus = await openForTest(harness);
    const [topic, groupId] = [await newTopic(bus, 4), uniqueName('group')];
    const partitions = [0, 1, 2, 3];
    await sendAll(
      bus,
      partitions.flatMap((partition) => numbered(topic, partition, 200)),
    );
    const [inBatch, release] = [gate(), gate()];
    const done: string[] = [];
    const owned = [new Set<number>(), new Set<number>()];
    const member = async (index: 0 | 1, wait: boolean) =>
      closing(
        await bus.consume({
          groupId,
          topics: [topic],
          maxBatchRecords: 40,
          onAssigned: (given) => {
            for (const { partition } of given) owned[index]?.add(partition);
          },
          onRevoked: (taken) => {
            for (const { partition } of taken) owned[index]?.delete(partition);
          },
          onBatch: async (batch, self) => {
            if (wait && batch.records.some((each) => each.offset >= 80)) {
              inBatch.open();
              await release.opened;
            }
            const next = (batch.records.at(-1)?.offset ?? 0) + 1;
            try {
              await self.commit([{ topic, partition: batch.partition, offset: next }]);
            } catch (error) {
              // Somebody else will get the batch: it is not done.
              if (error instanceof FencedError) return;
              throw error;
            }
            done.push(...batch.records.map((each) => `${each.partition}:${each.offset}`));
          },
        }),
      );
    const first = await member(0, true);
    await alive(inBatch.opened, first);
    const joining = member(1, false);
    release.open();
    const second = await alive(joining, first);
    await alive(
      eventually(() => owned.every((each) => each.size === 2)),
      first,
      second,
    );
    await sendAll(
      bus,
      partitions.flatMap((partition) => numbered(topic, partition, 100, 200)),
    );
    await caughtUp(bus, groupId, topic, first, second);
    await Promise.all([first.close(), second.close()]);
    const expected = partitions.flatMap((partition) => Array.from({ length: 300 }, (_, index) => `${partition}:${index}`));
    expect(done.toSorted()).toEqual(expected.toSorted());
  });

  it('rejects a commit for a partition the consumer does not own', async () => {
    const bus = await openForTest(harness);
    const [topic, other] = [await newTopic(bus, 1), await newTopic(bus, 1)];
    await sendAll(bus, numbered(topic, 0, 1));
    const outcome = Promise.withResolvers<unknown>();
    const consumer = closing(
      await bus.consume({
        groupId: uniqueName('group'),
        topics: [topic],
        onBatch: async (_, self) => self.commit([{ topic: other, partition: 0, offset: 1 }]).then(outcome.resolve, outcome.resolve),
      }),
    );
    expect(await alive(outcome.promise, consumer)).toBeInstanceOf(FencedError);
  });
}

async function origins(bus: Awaited<ReturnType<typeof openForTest>>, topic: string): Promise<(string | undefined)[]> {
  return (await readTopic(bus, topic)).map((each) => each.headers['origin']);
}
