import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import pino from 'pino';
import { expect, inject, it, onTestFinished } from 'vitest';
import { type Batch, FencedError, type TopicPartition } from '../src/bus.ts';
import { openKafkaBus } from '../src/bus-kafka.ts';

const PARTITIONS = 4;
const KEYS = Array.from({ length: 3 * PARTITIONS }, (_, index) => `key-${index}`);
/** In each the group is joined anew twice, with commits on their way: one was enough to stop the member that stays. */
const ROUNDS = 3;

it('a member whose commit crosses a join of its group goes on reading, because the refusal is of the membership before', async () => {
  const open = async () => {
    const bus = await openKafkaBus({ brokers: inject('kafkaBrokers'), clientId: 'rejoin', log: pino({ level: 'silent' }) });
    onTestFinished(() => bus.close());
    return bus;
  };
  const bus = await open();
  const topic = `rejoin-${randomUUID()}`;
  await bus.ensureTopics([{ name: topic, partitions: PARTITIONS, cleanup: 'delete', retentionMs: 600_000, maxRecordBytes: 100_000 }]);

  const read = new Set<string>();
  const onBatch = async ({ records }: Batch) => {
    for (const { value } of records) read.add(Buffer.from(value).toString());
  };
  let mine: readonly TopicPartition[] = [];
  const stays = await bus.consume({
    groupId: topic,
    topics: [topic],
    onBatch,
    onAssigned: (given) => {
      mine = [...mine, ...given];
    },
    onRevoked: (taken) => {
      mine = mine.filter(({ partition }) => !taken.some((each) => each.partition === partition));
    },
  });
  let isOver = false;
  let refused = 0;
  const committing = Array.from({ length: 4 }, async () => {
    while (!isOver) {
      await setImmediate();
      try {
        await stays.commit(mine.map((each) => ({ ...each, offset: 0 })));
      } catch (error) {
        if (!(error instanceof FencedError)) throw error;
        refused += 1;
      }
    }
  });

  const producer = await bus.producer();
  for (let round = 0; round < ROUNDS; round += 1) {
    const other = await open();
    const comes = await other.consume({ groupId: topic, topics: [topic], onBatch });
    await comes.close();
    const sent = KEYS.map((key) => `${round} ${key}`);
    await producer.send(KEYS.map((key, index) => ({ topic, key, value: Buffer.from(sent[index]!), headers: {} })));
    await expect.poll(() => sent.filter((each) => !read.has(each))).toEqual([]);
  }
  isOver = true;
  await Promise.all(committing);
  // Or no commit was on its way at a join, and nothing has been tested.
  expect(refused).toBeGreaterThan(0);
  await producer.close();
  await stays.close();
});
