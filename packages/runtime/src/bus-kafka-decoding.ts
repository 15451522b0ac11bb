/**
 * Answers to fetches, checked and decoded in one pass. kafkajs makes a decoder and two 64-bit objects for every record, an object per header that is copied for every further one, and a text of every header's
 * name: 4 to 5 µs of CPU for a record of 490 bytes with three headers, a twelfth of what the matcher spends on a touchpoint; here it takes one.
 *
 * Nothing else of kafkajs changes: what is fetched, from where and when is its own, and what this file does not know (other versions of the answer, compressed records, formats before Kafka 0.11) is decoded
 * by kafkajs as ever. Headers are texts here where kafkajs has bytes. The test compares all else with kafkajs's own.
 *
 * kafkajs holds no batch against its checksum. Here the records of a partition end before the first one whose does not hold, and the partition says so (`damaged`), also where kafkajs decodes: whoever reads on
 * from there meets it again. What no checksum covers is as TCP and TLS bring it: offsets of batches, numbers of partitions, the list of aborted transactions.
 */
import { crc32 } from 'node:zlib';
import fetch, { type FetchAnswer, type FetchedPartitionAnswer } from 'kafkajs/src/protocol/requests/fetch/index.js';
import type { DamagedRecords, FetchedMessage } from './bus-kafka-fetches.ts';
import { TextHeaders } from './bus-kafka-record.ts';
import { crc32c } from './crc32c.ts';

/** The newest that kafkajs speaks; every broker since Kafka 2.3 answers with it. */
const VERSION = 11;

const kafkajsProtocol = fetch.protocol;

/** From here on every kafkajs client of this process decodes what it fetches here. Safe to call again. */
export function installFetchDecoding(): void {
  fetch.protocol = ({ version }) => {
    const make = kafkajsProtocol({ version });
    if (version !== VERSION) return make;
    return (args) => {
      const made = make(args);
      const { response } = made;
      return {
        ...made,
        response: {
          ...response,
          async decode(bytes) {
            const { answer, isWhole } = decodeFetch(bytes);
            return isWhole ? answer : withDamage(await response.decode(bytes), answer);
          },
        },
      };
    };
  };
}

/** An answer whose counts and lengths lead beyond its end. kafkajs gives up on a RangeError for good; this one it asks again. */
export class UnreadableAnswerError extends Error {
  override readonly name = 'UnreadableAnswerError';
}

export interface DecodedFetch {
  readonly answer: FetchAnswer;
  /** False where records are not ours to read: then `damaged` of its partitions holds all the same, and what is damaged has been made unreadable in the bytes. */
  readonly isWhole: boolean;
}

/** kafkajs decodes the partitions in the order of the answer, as we do. */
function withDamage(theirs: FetchAnswer, { responses }: FetchAnswer): FetchAnswer {
  return {
    ...theirs,
    responses: theirs.responses.map((topic, index) => ({
      ...topic,
      partitions: topic.partitions.map((each, at) => ({ ...each, damaged: responses[index]?.partitions[at]?.damaged })),
    })),
  };
}

type BatchContext = FetchedMessage['batchContext'];

/** Of a record batch, from its start. Bytes. */
const LENGTH_AT = 8;
const START = 12;
const MAGIC_AT = 16;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const LAST_DELTA_AT = 23;
const FIRST_TIMESTAMP_AT = 27;
const MAX_TIMESTAMP_AT = 35;
const PRODUCER_AT = 43;
const COUNT_AT = 57;
const RECORDS_AT = 61;
const MAGIC = 2;
/** Of a message before Kafka 0.11: its checksum is zlib's, of all that follows. */
const OLD_CRC_AT = 12;
const COMPRESSION = 7;
const APPEND_TIME = 8;
const TRANSACTIONAL = 16;
const CONTROL = 32;

/**
 * The body of an answer of version 11.
 *
 * @throws UnreadableAnswerError
 */
export function decodeFetch(bytes: Buffer): DecodedFetch {
  try {
    return decode(new Reader(bytes));
  } catch (error) {
    if (error instanceof RangeError) throw new UnreadableAnswerError('an answer to a fetch leads beyond its end', { cause: error });
    throw error;
  }
}

function decode(reader: Reader): DecodedFetch {
  const clientSideThrottleTime = reader.int32();
  const errorCode = reader.int16();
  const sessionId = reader.int32();
  const responses: FetchAnswer['responses'][number][] = [];
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topicName = reader.text();
    const partitions: FetchedPartitionAnswer[] = [];
    for (let left = reader.int32(); left > 0; left--) partitions.push(partitionOf(reader));
    responses.push({ topicName, partitions });
  }
  // Of 0, because the broker has not waited: whoever is told to wait does so itself.
  return { answer: { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses }, isWhole: reader.isWhole };
}

function partitionOf(reader: Reader): FetchedPartitionAnswer {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const highWatermark = reader.int64();
  const lastStableOffset = reader.int64();
  const lastStartOffset = reader.int64();
  const abortedTransactions: { producerId: string; firstOffset: string }[] = [];
  for (let left = reader.int32(); left > 0; left--) abortedTransactions.push({ producerId: reader.int64(), firstOffset: reader.int64() });
  const preferredReadReplica = reader.int32();
  const messages: FetchedMessage[] = [];
  const size = reader.int32();
  const damaged = size > 0 ? reader.messages(size, messages) : undefined;
  return {
    partition,
    errorCode,
    highWatermark,
    lastStableOffset,
    lastStartOffset,
    abortedTransactions,
    preferredReadReplica,
    messages,
    ...(damaged === undefined ? {} : { damaged }),
  };
}

/** Where a batch ends, or why it has no end. */
function endOf(bytes: Buffer, batch: number, end: number): number | 'cut off' | 'damaged' {
  if (batch + CRC_AT > end) return 'cut off';
  const next = batch + START + bytes.readInt32BE(batch + LENGTH_AT);
  if (next > end) return 'cut off';
  if (next < batch + CRC_AT) return 'damaged';
  const magic = bytes[batch + MAGIC_AT]!;
  if (magic < MAGIC) return crc32(bytes.subarray(batch + MAGIC_AT, next)) === bytes.readUInt32BE(batch + OLD_CRC_AT) ? next : 'damaged';
  if (magic > MAGIC || next < batch + RECORDS_AT) return 'damaged';
  return crc32c(bytes, batch + ATTRIBUTES_AT, next) === bytes.readUInt32BE(batch + CRC_AT) ? next : 'damaged';
}

/** Names of headers, as they came last: records of a topic carry the same ones in the same order. */
interface KnownName {
  readonly bytes: Buffer;
  readonly text: string;
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;
  /** False from the first batch on that is not ours to read. */
  isWhole = true;
  readonly #names: KnownName[] = [];

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int16(): number {
    this.#at += 2;
    return this.#bytes.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  int64(): string {
    this.#at += 8;
    return this.#bytes.readBigInt64BE(this.#at - 8).toString();
  }

  text(): string {
    const length = this.int16();
    this.#at += length;
    return this.#bytes.toString('utf8', this.#at - length, this.#at);
  }

  /**
   * Up to the first batch that is damaged, which is returned. The last one may be cut off by the size of the answer: it is fetched again. The first one never is, a broker sends it whole or nothing: one that is
   * has a length that is not its own, and taken for a cut it would be fetched for ever.
   */
  messages(size: number, into: FetchedMessage[]): DamagedRecords | undefined {
    const bytes = this.#bytes;
    const first = this.#at;
    const end = first + size;
    if (end > bytes.length) throw new RangeError(`${size} bytes of records in an answer of ${bytes.length}`);
    let damaged: DamagedRecords | undefined;
    let offset = 0;
    for (let batch = first; batch < end; ) {
      const next = endOf(bytes, batch, end);
      if (next === 'cut off' && batch > first) break;
      // One that begins before the one before has ended has an offset that is not its own.
      const isDamaged = typeof next === 'string' || (bytes[batch + MAGIC_AT] === MAGIC && int53(bytes, batch) < offset);
      if (isDamaged) {
        damaged = { nextOffset: batch + RECORDS_AT > end ? 0 : lastOffset(bytes, batch) + 1 };
        hide(bytes, batch, end);
        break;
      }
      const attributes = bytes.readInt16BE(batch + ATTRIBUTES_AT);
      if (bytes[batch + MAGIC_AT] !== MAGIC) this.isWhole = false;
      else {
        offset = lastOffset(bytes, batch) + 1;
        if ((attributes & COMPRESSION) !== 0 || (this.isWhole && !this.#records(batch, next, attributes, into))) this.isWhole = false;
      }
      batch = next;
    }
    this.#at = end;
    return damaged;
  }

  #records(batch: number, end: number, attributes: number, into: FetchedMessage[]): boolean {
    const bytes = this.#bytes;
    const firstOffset = int53(bytes, batch);
    const isControlRecord = (attributes & CONTROL) !== 0;
    const batchContext: BatchContext = {
      producerId: bytes.readBigInt64BE(batch + PRODUCER_AT).toString(),
      inTransaction: (attributes & TRANSACTIONAL) !== 0,
    };
    const isAppendTime = (attributes & APPEND_TIME) !== 0;
    const firstTimestamp = int53(bytes, batch + (isAppendTime ? MAX_TIMESTAMP_AT : FIRST_TIMESTAMP_AT));
    let timestampMs = firstTimestamp;
    let timestamp = String(timestampMs);
    this.#at = batch + RECORDS_AT;
    for (let left = bytes.readInt32BE(batch + COUNT_AT); left > 0; left--) {
      const size = this.#varint();
      const recordEnd = this.#at + size;
      if (size < 0 || recordEnd > end) return false;
      // Attributes of a record mean nothing yet.
      this.#at++;
      const atMs = firstTimestamp + this.#varint();
      if (!isAppendTime && atMs !== timestampMs) {
        timestampMs = atMs;
        timestamp = String(atMs);
      }
      const offset = String(firstOffset + this.#varint());
      const key = this.#slice();
      const value = this.#slice();
      const headers = this.#headers(recordEnd);
      if (this.#at !== recordEnd) return false;
      into.push({ offset, timestamp, key, value, headers, isControlRecord, batchContext });
    }
    return true;
  }

  #headers(end: number): TextHeaders {
    const headers = new TextHeaders();
    const bytes = this.#bytes;
    const count = this.#varint();
    for (let index = 0; index < count && this.#at < end; index++) {
      const nameLength = this.#varint();
      const name = this.#name(index, this.#at, nameLength);
      this.#at += nameLength;
      const length = this.#varint();
      // A header may have no value, and then counts as none.
      if (length < 0) continue;
      // Kafka allows a header twice; the last one counts, as in most clients.
      headers[name] = bytes.toString('utf8', this.#at, this.#at + length);
      this.#at += length;
    }
    return headers;
  }

  #name(index: number, at: number, length: number): string {
    const bytes = this.#bytes;
    const known = this.#names[index];
    if (known !== undefined && known.bytes.length === length && isSame(known.bytes, bytes, at)) return known.text;
    const name = { bytes: bytes.subarray(at, at + length), text: bytes.toString('utf8', at, at + length) };
    this.#names[index] = name;
    return name.text;
  }

  #slice(): Buffer | null {
    const length = this.#varint();
    if (length < 0) return null;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Zigzag, up to 2^53: a difference of times may need more than 32 bits. */
  #varint(): number {
    const bytes = this.#bytes;
    let byte = bytes[this.#at++]!;
    if (byte < 128) return byte & 1 ? -(byte + 1) / 2 : byte / 2;
    let value = byte & 127;
    for (let weight = 128; byte >= 128; weight *= 128) {
      byte = bytes[this.#at++]!;
      value += (byte & 127) * weight;
    }
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }
}

function isSame(known: Buffer, bytes: Buffer, from: number): boolean {
  for (let at = 0; at < known.length; at++) if (known[at] !== bytes[from + at]) return false;
  return true;
}

/** Offsets and times: a 64-bit number on the wire, never beyond 2^53 here. */
function int53(bytes: Buffer, at: number): number {
  return bytes.readInt32BE(at) * 4_294_967_296 + bytes.readUInt32BE(at + 4);
}

function lastOffset(bytes: Buffer, batch: number): number {
  return int53(bytes, batch) + bytes.readInt32BE(batch + LAST_DELTA_AT);
}

/** From kafkajs, which takes a batch for cut off that is longer than what there is. */
function hide(bytes: Buffer, batch: number, end: number): void {
  if (batch + CRC_AT > end) return;
  bytes.writeInt32BE(0x7fffffff, batch + LENGTH_AT);
  bytes[batch + MAGIC_AT] = MAGIC;
}
