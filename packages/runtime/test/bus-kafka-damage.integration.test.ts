import { randomUUID } from 'node:crypto';
import { type KafkaBehindProxy, startKafkaBehindProxy } from '@messtrack/testing/kafka-behind-proxy.ts';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Batch, Bus, RecordPosition } from '../src/bus.ts';
import { openKafkaBus } from '../src/bus-kafka.ts';
import { DamagedBatchError } from '../src/bus-kafka-damage.ts';
import { memoryLog } from './memory-log.ts';

/** In the value of the record that is damaged on its way; the flipped byte makes an X of its R. */
const MARK = 'Rotten';

let kafka: KafkaBehindProxy['kafka'];
let proxy: KafkaBehindProxy['proxy'];
let stop: KafkaBehindProxy['stop'] | undefined;

beforeAll(async () => {
  ({ kafka, proxy, stop } = await startKafkaBehindProxy());
}, 60_000);
afterAll(async () => {
  await stop?.();
});

/** Flips a byte of every answer that holds the mark, or of so many. */
function spoil(times = Number.POSITIVE_INFINITY): () => number {
  let spoilt = 0;
  proxy.alter((chunk) => {
    const at = chunk.indexOf(MARK);
    if (at === -1 || spoilt >= times) return chunk;
    spoilt += 1;
    return Buffer.from(chunk.with(at, 'X'.charCodeAt(0)));
  });
  onTestFinished(() => proxy.heal());
  return () => spoilt;
}

interface World {
  readonly bus: Bus;
  readonly topic: string;
  readonly lines: () => Record<string, unknown>[];
  /** One batch for each: a request of its own. */
  send(partition: number, ...values: string[]): Promise<void>;
}

async function open(): Promise<World> {
  const { log, lines } = memoryLog('info');
  const bus = await openKafkaBus({ brokers: kafka.brokers, clientId: 'damage', log, sessionTimeoutMs: 6_000 });
  onTestFinished(() => bus.close());
  const topic = `damage-${randomUUID()}`;
  const definition = { partitions: 2, cleanup: 'delete', retentionMs: 600_000, maxRecordBytes: 100_000 } as const;
  await bus.ensureTopics([
    { name: topic, ...definition },
    { name: `${topic}-out`, ...definition },
  ]);
  const producer = await bus.producer();
  return {
    bus,
    topic,
    lines,
    async send(partition, ...values) {
      for (const value of values) await producer.send([{ topic, partition, key: 'k', value: Buffer.from(value), headers: {} }]);
    },
  };
}

const texts = ({ records }: Pick<Batch, 'records'>) => records.map(({ value }) => Buffer.from(value).toString());

async function readAll(bus: Bus, topic: string, onDamaged?: (position: RecordPosition) => void): Promise<string[]> {
  const read: string[] = [];
  for await (const records of bus.read({ topic, partition: 0 }, 0, { onDamaged })) read.push(...texts({ records }));
  return read;
}

describe('a byte that flips', () => {
  it('twice on the wire is fetched again: every record comes as it was written, once, and two lines tell of it', async () => {
    const { bus, topic, send, lines } = await open();
    await send(0, 'a', `${MARK} b`, 'c');
    // The first time the fetch also brings what stands before.
    const spoilt = spoil(2);
    const read: string[] = [];
    const consumer = await bus.consume({ groupId: topic, topics: [topic], onBatch: async (batch) => void read.push(...texts(batch)) });
    await expect.poll(() => read.length, { timeout: 20_000 }).toBe(3);
    expect(read).toEqual(['a', `${MARK} b`, 'c']);
    expect(spoilt()).toBe(2);
    expect(lines().filter(({ level }) => level !== 'info')).toMatchObject([{ topic, partition: 0, offset: 1 }, { attempts: 1 }]);
    bus.assertIntact();
    await consumer.close();
  }, 60_000);

  it('for good holds up its partition before the record and no other, and nobody loses the group; it goes on where the record is right again', async () => {
    const { bus, topic, send, lines } = await open();
    await send(0, 'a', `${MARK} b`, 'c');
    spoil();
    const read: string[] = [];
    let lost = 0;
    const consumer = await bus.consume({
      groupId: topic,
      topics: [topic],
      onBatch: async (batch) => void read.push(...texts(batch)),
      onRevoked: () => void lost++,
    });
    const healthDetail = `${topic}/0 from offset 1 on is not what was written`;
    await expect.poll(() => assertionOf(bus), { timeout: 20_000 }).toMatchObject({ healthDetail });
    // So many fetches of the other partition: whatever was to come of the first has come.
    for (let round = 0; round < 10; round++) {
      await send(1, `round ${round}`);
      await expect.poll(() => read, { timeout: 10_000 }).toContain(`round ${round}`);
    }
    expect(read).toEqual(['a', ...Array.from({ length: 10 }, (_, round) => `round ${round}`)]);
    expect(assertionOf(bus)).toBeInstanceOf(DamagedBatchError);
    expect(lost).toBe(0);
    await proxy.heal();
    await expect.poll(() => read, { timeout: 20_000 }).toContain('c');
    expect(read.slice(-2)).toEqual([`${MARK} b`, 'c']);
    bus.assertIntact();
    expect(lines().filter(({ level }) => level !== 'info')).toHaveLength(2);
    await consumer.close();
  }, 90_000);

  it('holds up a processor’s transactions and its time, and then each record is worked off once', async () => {
    const { bus, topic, send } = await open();
    await send(0, 'a');
    const idle = new Map<number, number>();
    const processor = await bus.process({
      groupId: topic,
      topic,
      createWorker: async ({ partition }, committed) => ({
        startOffset: committed,
        process: async (batch) =>
          texts(batch).map((text) => ({ topic: `${topic}-out`, partition: 0, key: 'k', value: Buffer.from(text), headers: {} })),
        async idle() {
          idle.set(partition, (idle.get(partition) ?? 0) + 1);
          return [];
        },
      }),
    });
    await expect.poll(() => readAll(bus, `${topic}-out`), { timeout: 20_000 }).toEqual(['a']);
    spoil();
    await send(0, `${MARK} b`, 'c');
    await expect.poll(() => assertionOf(bus), { timeout: 20_000 }).toBeInstanceOf(DamagedBatchError);
    // Both had been read to their ends; the other one still is, and is told the time.
    const [first, second] = [0, 1].map((partition) => idle.get(partition) ?? 0);
    await expect.poll(() => (idle.get(1) ?? 0) - second!, { timeout: 20_000 }).toBeGreaterThan(1);
    expect(idle.get(0) ?? 0).toBe(first);
    await proxy.heal();
    await expect.poll(async () => (await readAll(bus, `${topic}-out`)).length, { timeout: 20_000 }).toBe(3);
    expect(await readAll(bus, `${topic}-out`)).toEqual(['a', `${MARK} b`, 'c']);
    await processor.close();
  }, 90_000);

  it('is passed over by who can do without the record and says so, and by nobody else', async () => {
    const { bus, topic, send } = await open();
    await send(0, 'a', `${MARK} b`, 'c');
    spoil();
    const damaged: RecordPosition[] = [];
    expect(await readAll(bus, topic, (position) => void damaged.push(position))).toEqual(['a', 'c']);
    expect(damaged).toEqual([{ topic, partition: 0, offset: 1 }]);
    bus.assertIntact();

    const reading = readAll(bus, topic);
    await expect.poll(() => assertionOf(bus), { timeout: 20_000 }).toBeInstanceOf(DamagedBatchError);
    await proxy.heal();
    expect(await reading).toEqual(['a', `${MARK} b`, 'c']);
    bus.assertIntact();
  }, 60_000);
});

function assertionOf(bus: Bus): unknown {
  try {
    bus.assertIntact();
    return undefined;
  } catch (error) {
    return error;
  }
}
