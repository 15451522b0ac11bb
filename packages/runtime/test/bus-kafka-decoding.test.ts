import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import fetch, { type FetchAnswer } from 'kafkajs/src/protocol/requests/fetch/index.js';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeFetch, installFetchDecoding } from '../src/bus-kafka-decoding.ts';
import { encodeProduce } from '../src/bus-kafka-encoding.ts';
import { toBusRecord } from '../src/bus-kafka-record.ts';

interface Encoder {
  readonly buffer: Buffer;
}
interface RecordOptions {
  readonly offsetDelta: number;
  readonly timestampDelta: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}
interface BatchOptions {
  readonly firstOffset: bigint;
  readonly firstTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly transactional: boolean;
  readonly producerId: bigint;
  readonly records: readonly Encoder[];
}
const require = createRequire(import.meta.url);
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0/index.js') as { RecordBatch(options: BatchOptions): Promise<Encoder> };
const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (options: RecordOptions) => Encoder;

const kafkajs = fetch.protocol;
const theirs = (bytes: Buffer) => kafkajs({ version: 11 })({ maxWaitTime: 1, topics: [] }).response.decode(bytes);

afterEach(() => {
  fetch.protocol = kafkajs;
});

/** The generator decides nothing but the numbers: the same seed, the same answers. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

/** Lengths around the places where a varint grows by a byte. */
const LENGTHS = [0, 1, 30, 63, 64, 65, 300, 8_191, 8_192];
const TEXTS = ['', 'event-id', 'é', 'Grüße aus Köln', '😀', '__proto__', 'constructor', 'x'.repeat(200)];
const ATTRIBUTES_AT = 21;
const APPEND_TIME = 8;
const CONTROL = 32;
const NOW = 1_790_000_000_000;

async function batch(
  next: (below: number) => number,
  firstOffset: number,
): Promise<{ readonly bytes: Buffer; readonly nextOffset: number }> {
  let offsetDelta = 0;
  const records = Array.from({ length: 1 + next(20) }, () => {
    // Compaction leaves holes.
    offsetDelta += 1 + (next(5) === 0 ? next(10_000) : 0);
    return encodeRecord({
      offsetDelta,
      timestampDelta: [0, 0, 0, 1, -1, 40, -70, 100_000, -4_000_000_000, 5_000_000_000][next(10)]!,
      key: next(8) === 0 ? null : Buffer.alloc(LENGTHS[next(7)]!, next(256)),
      value: next(8) === 0 ? null : Buffer.alloc(LENGTHS[next(LENGTHS.length)]!, next(256)),
      headers: Object.fromEntries(
        Array.from({ length: next(5) }, (_, index) => {
          const values = [TEXTS[next(TEXTS.length)]!, TEXTS[next(TEXTS.length)]!];
          return [next(4) === 0 ? TEXTS[next(TEXTS.length)]! : `name-${index}`, next(6) === 0 ? values : values[0]!];
        }),
      ),
    });
  });
  const made = await RecordBatch({
    firstOffset: BigInt(firstOffset),
    firstTimestamp: BigInt(NOW + next(1_000)),
    maxTimestamp: BigInt(NOW + 5_000_000_000),
    transactional: next(2) === 0,
    producerId: [-1n, 0n, 4_001n, 9_007_199_254_740_993n][next(4)]!,
    records,
  });
  const bytes = Buffer.from(made.buffer);
  const flags = (next(4) === 0 ? APPEND_TIME : 0) | (next(6) === 0 ? CONTROL : 0);
  bytes.writeInt16BE(bytes.readInt16BE(ATTRIBUTES_AT) | flags, ATTRIBUTES_AT);
  return { bytes, nextOffset: firstOffset + offsetDelta + 1 };
}

type Partition = FetchAnswer['responses'][number]['partitions'][number];

/** The body of an answer, in the layout of version 11. */
function answer(
  topics: ReadonlyMap<string, readonly { readonly aborted: Partition['abortedTransactions']; readonly records: Buffer }[]>,
): Buffer {
  const parts: Buffer[] = [];
  const int16 = (value: number) => {
    const bytes = Buffer.alloc(2);
    bytes.writeInt16BE(value);
    parts.push(bytes);
  };
  const int32 = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    parts.push(bytes);
  };
  const int64 = (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(value);
    parts.push(bytes);
  };
  int32(17);
  int16(0);
  int32(1_234);
  int32(topics.size);
  for (const [topic, partitions] of topics) {
    int16(Buffer.byteLength(topic));
    parts.push(Buffer.from(topic));
    int32(partitions.length);
    for (const [partition, { aborted, records }] of partitions.entries()) {
      int32(partition);
      int16(partition === 1 ? 3 : 0);
      for (const value of [9_007_199_254_740_993n, -1n, 5n]) int64(value);
      int32(aborted.length === 0 ? -1 : aborted.length);
      for (const { producerId, firstOffset } of aborted) {
        int64(BigInt(producerId));
        int64(BigInt(firstOffset));
      }
      int32(-1);
      int32(records.length);
      parts.push(records);
    }
  }
  return Buffer.concat(parts);
}

async function randomAnswer(seed: number): Promise<Buffer> {
  const next = numbers(seed);
  const topics = new Map<string, { aborted: Partition['abortedTransactions']; records: Buffer }[]>();
  for (let topic = next(3); topic >= 0; topic--) {
    const partitions = [];
    for (let left = next(4); left > 0; left--) {
      const batches: Buffer[] = [];
      let offset = [0, 7, 4_294_967_300][next(3)]!;
      for (let more = next(4); more > 0; more--) {
        const { bytes, nextOffset } = await batch(next, offset);
        batches.push(bytes);
        offset = nextOffset;
      }
      const whole = Buffer.concat(batches);
      const aborted = Array.from({ length: next(3) }, () => ({ producerId: String(next(9)), firstOffset: String(next(99)) }));
      // An answer ends where its size does; what is shorter than this kafkajs cannot read.
      partitions.push({ aborted, records: next(4) === 0 ? whole.subarray(0, 17 + next(whole.length)) : whole });
    }
    topics.set(`topic-${topic}.ü`, partitions);
  }
  return answer(topics);
}

/** What this project reads of a message; kafkajs's copies of the batch and of attributes are read by nobody. */
function read(found: FetchAnswer | undefined) {
  return (
    found && {
      ...found,
      responses: found.responses.map(({ topicName, partitions }) => ({
        topicName,
        partitions: partitions.map(({ messages, ...rest }) => ({
          ...rest,
          messages: messages.map((message) => ({
            ...toBusRecord({ topic: topicName, partition: rest.partition }, message),
            value: message.value,
            timestamp: message.timestamp,
            isControlRecord: message.isControlRecord,
            producerId: message.batchContext.producerId,
            inTransaction: message.batchContext.inTransaction,
          })),
        })),
      })),
    }
  );
}

const plain = (bytes: Buffer) => new Map([['topic', [{ aborted: [], records: bytes }]]]);
const messagesOf = (found: FetchAnswer | undefined) =>
  found?.responses.flatMap(({ partitions }) => partitions.flatMap(({ messages }) => messages));

describe('the decoding of a fetch', () => {
  it('finds what kafkajs finds', async () => {
    let records = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const bytes = await randomAnswer(seed);
      const ours = decodeFetch(bytes);
      expect(read(ours), `seed ${seed}`).toEqual(read(await theirs(bytes)));
      records += messagesOf(ours)?.length ?? 0;
    }
    expect(records).toBeGreaterThan(1_000);
  });

  it('reads a header without a value as none, where kafkajs has null', async () => {
    const record = encodeRecord({ offsetDelta: 0, timestampDelta: 0, key: null, value: null, headers: { a: '12', b: '3' } });
    const { buffer } = await RecordBatch({
      firstOffset: 5n,
      firstTimestamp: 9n,
      maxTimestamp: 9n,
      transactional: false,
      producerId: -1n,
      records: [record],
    });
    const bytes = Buffer.from(buffer);
    // The value of `a`, two bytes: its length becomes -1, and what it was the rest of a longer name.
    const at = bytes.indexOf('a\u000412\u0002b');
    Buffer.from([6, 0x61, 0x31, 0x32, 1, 2]).copy(bytes, at - 1);
    const body = answer(plain(bytes));
    const [ours] = messagesOf(decodeFetch(body)) ?? [];
    const [kept] = messagesOf(await theirs(body)) ?? [];
    for (const message of [ours, kept]) expect({ ...toBusRecord({ topic: 't', partition: 0 }, message!).headers }).toEqual({ b: '3' });
  });

  it('leaves what it does not know to kafkajs: compressed records, the format before batches, a record that ends elsewhere', async () => {
    const { bytes } = await batch(numbers(3), 5);
    const compressed = Buffer.concat([bytes.subarray(0, 61), gzipSync(bytes.subarray(61))]);
    compressed.writeInt32BE(compressed.length - 12, 8);
    compressed.writeInt16BE(1, ATTRIBUTES_AT);
    const old = Buffer.from(bytes);
    old[16] = 1;
    // Of a value of two bytes the second, a zero, becomes the number of headers.
    const record = encodeRecord({ offsetDelta: 0, timestampDelta: 0, key: null, value: Buffer.from('1\0'), headers: {} });
    const made = await RecordBatch({
      firstOffset: 5n,
      firstTimestamp: 9n,
      maxTimestamp: 9n,
      transactional: false,
      producerId: -1n,
      records: [record],
    });
    const wrong = Buffer.from(made.buffer);
    expect(wrong.subarray(-4)).toEqual(Buffer.from([4, 0x31, 0, 0]));
    wrong[wrong.length - 4] = 2;
    for (const each of [compressed, old, wrong]) expect(decodeFetch(answer(plain(each)))).toBeUndefined();

    installFetchDecoding();
    const body = answer(plain(compressed));
    const installed = await fetch.protocol({ version: 11 })({ maxWaitTime: 1, topics: [] }).response.decode(body);
    expect(read(installed)).toEqual(read(await theirs(body)));
    expect(messagesOf(installed)?.length).toBeGreaterThan(0);
  });

  it('is that of every client once installed, in version 11 alone', async () => {
    installFetchDecoding();
    const made = encodeProduce(
      {
        acks: -1,
        timeout: 1,
        topicData: [
          {
            topic: 't',
            partitions: [{ partition: 0, messages: [{ key: Buffer.from('k'), value: Buffer.from('v'), headers: { a: 'b' } }] }],
          },
        ],
      },
      NOW,
    );
    const records = made.subarray(made.length - 61 - 13);
    const body = answer(plain(records));
    const of = async (version: number) => fetch.protocol({ version })({ maxWaitTime: 1, topics: [] });
    const [message] = messagesOf(await (await of(11)).response.decode(body)) ?? [];
    expect(message?.headers).toEqual({ a: 'b' });
    expect((await of(10)).response.decode).toBe(kafkajs({ version: 10 })({ maxWaitTime: 1, topics: [] }).response.decode);
    // The second partition says that it is not there.
    const [first, second] = [records, Buffer.alloc(0)].map((each) => ({ aborted: [], records: each }));
    const refused = decodeFetch(answer(new Map([['topic', [first!, second!]]])))!;
    await expect((await of(11)).response.parse(refused)).rejects.toMatchObject({ type: 'UNKNOWN_TOPIC_OR_PARTITION' });
  });
});
