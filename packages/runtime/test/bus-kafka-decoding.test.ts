import { createRequire } from 'node:module';
import { crc32, gzipSync } from 'node:zlib';
import fetch, { type FetchAnswer } from 'kafkajs/src/protocol/requests/fetch/index.js';
import { afterEach, describe, expect, it } from 'vitest';
import { decodeFetch, installFetchDecoding, UnreadableAnswerError } from '../src/bus-kafka-decoding.ts';
import { encodeProduce } from '../src/bus-kafka-encoding.ts';
import { toBusRecord } from '../src/bus-kafka-record.ts';
import { crc32c } from '../src/crc32c.ts';

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
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const APPEND_TIME = 8;
const CONTROL = 32;
const NOW = 1_790_000_000_000;

/** As a broker checks it before it takes a batch. */
function signed(bytes: Buffer): Buffer {
  bytes.writeUInt32BE(crc32c(bytes.subarray(ATTRIBUTES_AT)), CRC_AT);
  return bytes;
}

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
  return { bytes: signed(bytes), nextOffset: firstOffset + offsetDelta + 1 };
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
      // An answer ends where its size does, never in its first batch.
      const least = batches[0]?.length ?? 0;
      partitions.push({ aborted, records: next(4) === 0 ? whole.subarray(0, least + next(whole.length - least)) : whole });
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

/** Of the format before Kafka 0.11. */
function oldMessage(key: string, value: string): Buffer {
  const message = Buffer.alloc(12 + 4 + 1 + 1 + 8 + 4 + key.length + 4 + value.length);
  message.writeInt32BE(message.length - 12, 8);
  message[16] = 1;
  let at = message.writeInt32BE(key.length, 26);
  at += message.write(key, at);
  message.write(value, message.writeInt32BE(value.length, at));
  message.writeUInt32BE(crc32(message.subarray(16)), 12);
  return message;
}

const plain = (bytes: Buffer) => new Map([['topic', [{ aborted: [], records: bytes }]]]);
const messagesOf = (found: FetchAnswer | undefined) =>
  found?.responses.flatMap(({ partitions }) => partitions.flatMap(({ messages }) => messages));

describe('the decoding of a fetch', () => {
  it('finds what kafkajs finds', async () => {
    let records = 0;
    for (let seed = 1; seed <= 60; seed++) {
      const bytes = await randomAnswer(seed);
      const { answer: ours, isWhole } = decodeFetch(bytes);
      expect(isWhole).toBe(true);
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
    const body = answer(plain(signed(bytes)));
    const [ours] = messagesOf(decodeFetch(body).answer) ?? [];
    const [kept] = messagesOf(await theirs(body)) ?? [];
    for (const message of [ours, kept]) expect({ ...toBusRecord({ topic: 't', partition: 0 }, message!).headers }).toEqual({ b: '3' });
  });

  it('leaves what it does not know to kafkajs: compressed records, the format before batches, a record that ends elsewhere', async () => {
    const { bytes } = await batch(numbers(3), 5);
    const compressed = Buffer.concat([bytes.subarray(0, 61), gzipSync(bytes.subarray(61))]);
    compressed.writeInt32BE(compressed.length - 12, 8);
    compressed.writeInt16BE(1, ATTRIBUTES_AT);
    signed(compressed);
    const old = oldMessage('k', 'v');
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
    for (const each of [compressed, old, signed(wrong)]) expect(decodeFetch(answer(plain(each))).isWhole).toBe(false);

    installFetchDecoding();
    const decoded = (body: Buffer) => fetch.protocol({ version: 11 })({ maxWaitTime: 1, topics: [] }).response.decode(body);
    const body = answer(plain(compressed));
    const installed = await decoded(body);
    expect(read(installed)).toEqual(read(await theirs(body)));
    expect(messagesOf(installed)?.length).toBeGreaterThan(0);
    // Of this format kafkajs knows neither headers nor a producer.
    expect(messagesOf(await decoded(answer(plain(old))))).toMatchObject([{ key: Buffer.from('k'), value: Buffer.from('v') }]);
    old[old.length - 1]! ^= 1;
    const [spoilt] = (await decoded(answer(plain(old)))).responses[0]!.partitions;
    expect(spoilt).toMatchObject({ messages: [], damaged: {} });
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
    const refused = decodeFetch(answer(new Map([['topic', [first!, second!]]]))).answer;
    await expect((await of(11)).response.parse(refused)).rejects.toMatchObject({ type: 'UNKNOWN_TOPIC_OR_PARTITION' });
  });
});

describe('a flipped bit in a fetch', () => {
  /** Three batches of one record each, with offsets 5, 6 and 7. */
  async function threeBatches(): Promise<readonly Buffer[]> {
    return Promise.all(
      [5, 6, 7].map(async (offset) => {
        const value = Buffer.from(`value ${offset}`);
        const record = encodeRecord({ offsetDelta: 0, timestampDelta: 0, key: Buffer.from('k'), value, headers: { a: String(offset) } });
        const { buffer } = await RecordBatch({
          firstOffset: BigInt(offset),
          firstTimestamp: 9n,
          maxTimestamp: 9n,
          transactional: true,
          producerId: 3n,
          records: [record],
        });
        return Buffer.from(buffer);
      }),
    );
  }
  const decode = async (body: Buffer) => fetch.protocol({ version: 11 })({ maxWaitTime: 1, topics: [] }).response.decode(body);
  const partitionOf = (found: FetchAnswer) => found.responses[0]!.partitions[0]!;

  it('of any record ends the partition before its batch, which it says, and no record comes changed', async () => {
    installFetchDecoding();
    const batches = await threeBatches();
    const whole = read(decodeFetch(answer(plain(Buffer.concat(batches)))).answer)!.responses[0]!.partitions[0]!.messages;
    expect(whole.map(({ offset }) => offset)).toEqual([5, 6, 7]);
    for (const [index, { length }] of batches.entries()) {
      const before = batches.slice(0, index).reduce((sum, each) => sum + each.length, 0);
      // The leader's epoch is read by nobody, and the offset of a batch is covered by no checksum.
      for (let bit = 8 * 8; bit < length * 8; bit++) {
        if (bit >= 12 * 8 && bit < 16 * 8) continue;
        const records = Buffer.concat(batches);
        records[before + (bit >> 3)]! ^= 1 << (bit & 7);
        const found = await decode(answer(plain(records)));
        const messages = read(found)!.responses[0]!.partitions[0]!.messages;
        expect(messages, `batch ${index}, bit ${bit}`).toEqual(whole.slice(0, index));
        // A length that grows over the end is a cut off batch, until it is the first one.
        const isLonger = bit < 12 * 8 && index > 0;
        if (!isLonger) expect(partitionOf(found).damaged, `batch ${index}, bit ${bit}`).toBeDefined();
      }
    }
  });

  it('is found before a batch that kafkajs decodes, and behind it', async () => {
    installFetchDecoding();
    const [first, second, third] = await threeBatches();
    const compressed = Buffer.concat([second!.subarray(0, 61), gzipSync(second!.subarray(61))]);
    compressed.writeInt32BE(compressed.length - 12, 8);
    compressed.writeInt16BE(1, ATTRIBUTES_AT);
    signed(compressed);
    const spoilt = (bytes: Buffer) => Buffer.from(bytes.with(-1, bytes.at(-1)! ^ 1));
    const offsetsOf = (found: FetchAnswer) => partitionOf(found).messages.map(({ offset }) => Number(offset));

    const behind = await decode(answer(plain(Buffer.concat([first!, compressed, spoilt(third!)]))));
    expect(offsetsOf(behind)).toEqual([5, 6]);
    expect(partitionOf(behind).damaged).toEqual({ nextOffset: 8 });
    for (const records of [
      [first!, spoilt(compressed), third!],
      [first!, spoilt(second!), compressed],
    ]) {
      const found = await decode(answer(plain(Buffer.concat(records))));
      expect(offsetsOf(found)).toEqual([5]);
      expect(partitionOf(found).damaged).toEqual({ nextOffset: 7 });
    }
    expect(partitionOf(await decode(answer(plain(Buffer.concat([first!, compressed, third!]))))).damaged).toBeUndefined();
  });

  it('that makes a batch begin in the one before it ends there', async () => {
    const [first, second, third] = await threeBatches();
    second!.writeBigInt64BE(5n, 0);
    const found = partitionOf(decodeFetch(answer(plain(Buffer.concat([first!, second!, third!])))).answer);
    expect(found.messages.map(({ offset }) => offset)).toEqual(['5']);
    expect(found.damaged).toEqual({ nextOffset: 6 });
  });

  it('in its counts and lengths is an error of its own, because kafkajs never asks again after a RangeError', async () => {
    const body = answer(plain(Buffer.concat(await threeBatches())));
    for (const [at, value] of [
      [10, 0x7fffffff],
      // The number of bytes of the records.
      [body.length - Buffer.concat(await threeBatches()).length - 4, 0x7fffffff],
    ] as const) {
      const rotten = Buffer.from(body);
      rotten.writeInt32BE(value, at);
      expect(() => decodeFetch(rotten)).toThrow(UnreadableAnswerError);
    }
  });
});
