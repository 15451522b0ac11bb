import { writeSync } from 'node:fs';
import { openLmdbBus } from '../src/bus-lmdb.ts';
import { createLogger } from '../src/logger.ts';

// A process beside the test's own on the same log. What to do: `take-over` a partition of a group, `fill` until the disk
// is full, or `send` until it is killed.
const [task = '', path = '', topic = '', groupId = ''] = process.argv.slice(2);
const bus = await openLmdbBus({ path, log: createLogger('foreign', 'silent') });

if (task === 'take-over') {
  const consumer = await bus.consume({ groupId, topics: [topic], startAt: 'latest', onBatch: async () => undefined });
  await consumer.close();
  await bus.close();
}

if (task === 'fill') {
  const producer = await bus.producer();
  let durable = 0;
  let failure = '';
  while (failure === '') {
    await producer
      .send(Array.from({ length: 50 }, () => ({ topic, key: 'k', value: Buffer.alloc(1_000, 1), headers: {}, partition: 0 })))
      .then(
        (positions) => {
          durable = (positions.at(-1)?.offset ?? 0) + 1;
        },
        (error: unknown) => {
          failure = error instanceof Error ? error.name : String(error);
        },
      );
  }
  const ping = await bus.ping().then(
    () => 'up',
    (error: unknown) => (error instanceof Error ? error.name : String(error)),
  );
  const [{ next } = { next: -1 }] = await bus.offsets(topic);
  console.log(JSON.stringify({ durable, failure, ping, next }));
  process.exit(0);
}

if (task === 'send') {
  const producer = await bus.producer();
  for (let round = 0; ; round++) {
    const positions = await producer.send(
      Array.from({ length: 20 }, (_, index) => ({
        topic,
        key: 'k',
        value: Buffer.from(`${round}/${index}`),
        headers: {},
        partition: index % 2,
      })),
    );
    // Past any buffer: what the parent has read was acknowledged.
    writeSync(1, `${positions.at(-1)?.offset}\n`);
  }
}
