import { BusUnavailableError, type OutRecord, type RecordPosition, RecordTooLargeError } from '@messtrack/runtime/bus.ts';
import { expect, it } from 'vitest';
import { type BusHarness, newTopic, openForTest, readTopic, readValues, record, sendAll, text, uniqueName } from './bus-harness.ts';

/**
 * Key, and partition of twelve as Kafka's Java client chooses it (murmur2, sign bit dropped, modulo). The hashes are those of Kafka's own
 * UtilsTest: 'foobar' -790332482, '21' -973932308, 'abc' 479470107 and so on; a second adapter with its own hash would split accounts.
 */
const JAVA_PARTITIONS_OF_12: readonly (readonly [key: string, hash: number])[] = [
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
  ['abc', 479470107],
];

export function producerContract(harness: BusHarness): void {
  it('keeps the order of every key', async () => {
    const bus = await openForTest(harness);
    const topic = await newTopic(bus, 6);
    const producer = await bus.producer();
    const keys = Array.from({ length: 24 }, (_, index) => `account-${index}`);
    await Promise.all(
      keys.map(async (key) => {
        for (let round = 0; round < 5; round++) {
          await producer.send(Array.from({ length: 20 }, (_, index) => record(topic, String(round * 20 + index), undefined, key)));
        }
      }),
    );
    await producer.close();
    const orders = new Map<string, string[]>();
    for (const each of await readTopic(bus, topic)) orders.set(text(each.key), [...(orders.get(text(each.key)) ?? []), text(each.value)]);
    const expected = Array.from({ length: 100 }, (_, index) => String(index));
    expect(orders).toEqual(new Map(keys.toSorted().map((key) => [key, expected])));
  });

  it('puts a key where the Java client puts it', async () => {
    const bus = await openForTest(harness);
    const topic = await newTopic(bus, 12);
    const producer = await bus.producer();
    const positions = await producer.send(JAVA_PARTITIONS_OF_12.map(([key]) => record(topic, 'v', undefined, key)));
    await producer.close();
    expect(positions.map((each) => each.partition)).toEqual(JAVA_PARTITIONS_OF_12.map(([, hash]) => (hash & 0x7fffffff) % 12));
  });

  it('hashes the bytes of a key, whichever way it is given, and obeys an explicit partition', async () => {
    const bus = await openForTest(harness);
    const topic = await newTopic(bus, 12);
    const producer = await bus.producer();
    const key = 'shop/ключ-٣';
    const [asText, asBytes, explicit] = await producer.send([
      record(topic, 'a', undefined, key),
      { ...record(topic, 'b'), key: new TextEncoder().encode(key) },
      record(topic, 'c', 11, key),
    ]);
    await producer.close();
    expect(asBytes?.partition).toBe(asText?.partition);
    expect(explicit?.partition).toBe(11);
  });

  it('returns positions in the order of the records, over topics and partitions', async () => {
    const bus = await openForTest(harness);
    const topics = [await newTopic(bus, 3), await newTopic(bus, 2)];
    const producer = await bus.producer();
    const batches = Array.from({ length: 30 }, (_, call) =>
      Array.from({ length: 7 }, (_, index): OutRecord => record(topics[(call + index) % 2] ?? '', `${call}/${index}`, index % 2)),
    );
    const answers = await Promise.all(batches.map((batch) => producer.send(batch)));
    await producer.close();
    const stored = new Map<string, string>();
    for (const topic of topics) for (const each of await readTopic(bus, topic)) stored.set(place(each), text(each.value));
    const claimed = batches.flatMap((batch, call) =>
      batch.map((each, index): [string, string] => [place(answers[call]?.[index]), text(each.value)]),
    );
    expect(new Map(claimed)).toEqual(stored);
    expect(stored.size).toBe(210);
  });

  it('stores key, value and headers as they were, empty value included, with a time of append', async () => {
    const bus = await openForTest(harness);
    const topic = await newTopic(bus, 1);
    const value = Uint8Array.from({ length: 256 }, (_, index) => index);
    const before = Date.now();
    await sendAll(bus, [
      { topic, key: Uint8Array.of(0, 255, 128), value, headers: { 'event-id': 'é/1', traceparent: '' } },
      { topic, key: 'k', value: new Uint8Array(0), headers: {} },
    ]);
    const [first, second] = await readTopic(bus, topic);
    expect(Uint8Array.from(first?.key ?? [])).toEqual(Uint8Array.of(0, 255, 128));
    expect(Uint8Array.from(first?.value ?? [])).toEqual(value);
    expect({ ...first?.headers }).toEqual({ 'event-id': 'é/1', traceparent: '' });
    expect(second?.value.length).toBe(0);
    // The bus's clock and ours are the same machine's; a wrong unit is off by a factor of a thousand.
    expect(Math.abs((first?.timestampMs ?? 0) - before)).toBeLessThan(60_000);
  });

  it('rejects a record larger than its topic takes, alone, and goes on', async () => {
    const bus = await openForTest(harness);
    const topic = await newTopic(bus, 1, { maxRecordBytes: 20_000 });
    const producer = await bus.producer();
    const outcomes = await Promise.allSettled([
      producer.send([record(topic, 'before')]),
      producer.send([record(topic, 'x'.repeat(30_000))]),
      // Small records that together are larger than the limit: it is a limit per record.
      producer.send(Array.from({ length: 10 }, (_, index) => record(topic, String(index).padEnd(5_000, '.'), 0, 'k'))),
      producer.send([record(topic, 'after')]),
    ]);
    await producer.send([record(topic, 'later')]);
    await producer.close();
    expect(outcomes.map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({ reason: expect.any(RecordTooLargeError) });
    const numbers = Array.from({ length: 10 }, (_, index) => String(index));
    expect((await readValues(bus, topic)).map((each) => each.replace(/\.+$/, ''))).toEqual(['before', ...numbers, 'after', 'later']);
  });

  it('takes an empty call, and rejects after it is closed', async () => {
    const bus = await openForTest(harness);
    const topic = await newTopic(bus, 1);
    const producer = await bus.producer();
    expect(await producer.send([])).toEqual([]);
    const inFlight = producer.send([record(topic, 'in flight')]);
    await producer.close();
    expect((await inFlight)[0]).toMatchObject({ topic, partition: 0, offset: 0 });
    await expect(producer.send([record(topic, 'late')])).rejects.toBeInstanceOf(BusUnavailableError);
    expect(await readValues(bus, topic)).toEqual(['in flight']);
  });

  it('creates topics from several callers at once, and never changes one that exists', async () => {
    const bus = await openForTest(harness);
    const names = Array.from({ length: 5 }, () => uniqueName('topic'));
    const definitions = names.map((name) => ({
      name,
      partitions: 3,
      cleanup: 'delete' as const,
      retentionMs: 60_000,
      maxRecordBytes: 100_000,
    }));
    const others = harness.sharedLog ? [await openForTest(harness), await openForTest(harness)] : [bus, bus];
    await Promise.all([bus, ...others].map((each) => each.ensureTopics(definitions)));
    await bus.ensureTopics(definitions.map((each) => ({ ...each, partitions: 9 })));
    for (const name of names) expect((await bus.offsets(name)).map((each) => each.partition)).toEqual([0, 1, 2]);
  });

  it('keeps the newest record of every key of a compacted topic', async () => {
    const bus = await openForTest(harness);
    const topic = await newTopic(bus, 1, { cleanup: 'compact', retentionMs: 0 });
    const rounds = Array.from({ length: 50 }, (_, round) => ['a', 'b', 'c'].map((key) => record(topic, `${key}${round}`, 0, key)));
    await sendAll(bus, rounds.flat());
    const newest = new Map((await readTopic(bus, topic)).map((each) => [text(each.key), text(each.value)]));
    expect(newest).toEqual(
      new Map([
        ['a', 'a49'],
        ['b', 'b49'],
        ['c', 'c49'],
      ]),
    );
  });
}

function place(position: RecordPosition | undefined): string {
  return position === undefined ? 'nowhere' : `${position.topic}/${position.partition}/${position.offset}`;
}
