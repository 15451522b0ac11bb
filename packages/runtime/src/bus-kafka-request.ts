import type { Message, TopicMessages } from 'kafkajs';
import type { OutRecord } from './bus.ts';
import { RecordTooLargeError } from './bus.ts';
import type { TopicFacts } from './bus-kafka-topics.ts';
import { partitionOf } from './murmur2.ts';

/** A record with its partition chosen and its size known. */
export interface PlacedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly message: Message;
  readonly bytes: number;
  readonly maxBatchBytes: number;
}

/** Header of a record batch, and the most a record's own lengths, deltas and attributes take. Bytes. */
const BATCH_OVERHEAD = 61;
const RECORD_OVERHEAD = 40;
const HEADER_OVERHEAD = 10;
/**
 * What a request aims at per partition. kafkajs puts all records of a partition into one record batch, and the topic's limit is one of batches:
 * small records merged without regard to it would be refused together.
 */
const BATCH_BYTES = 786_432;
/** A request is encoded in one go, some milliseconds for so many; what waits behind it can still give up. */
export const REQUEST_RECORDS = 2_000;

/**
 * @throws RecordTooLargeError
 * @throws RangeError for a partition the topic does not have: kafkajs would drop the record without a word
 */
export function placeRecord(record: OutRecord, facts: TopicFacts): PlacedRecord {
  const key = typeof record.key === 'string' ? Buffer.from(record.key) : buffer(record.key);
  let bytes = RECORD_OVERHEAD + key.length + record.value.length;
  for (const name in record.headers) bytes += HEADER_OVERHEAD + Buffer.byteLength(name) + Buffer.byteLength(record.headers[name]!);
  if (bytes + BATCH_OVERHEAD > facts.maxBatchBytes) {
    throw new RecordTooLargeError(`a record of ${bytes} bytes is more than ${record.topic} takes (${facts.maxBatchBytes})`);
  }
  const partition = record.partition ?? partitionOf(key, facts.partitions);
  if (!Number.isInteger(partition) || partition < 0 || partition >= facts.partitions) {
    throw new RangeError(`${record.topic} has partitions 0 to ${facts.partitions - 1}, not ${partition}`);
  }
  // Only null deletes a key of a compacted topic; it reads as an empty value, as it was given.
  const value = record.value.length === 0 ? null : buffer(record.value);
  const message: Message = { key, value, headers: record.headers, partition };
  return { topic: record.topic, partition, message, bytes, maxBatchBytes: facts.maxBatchBytes };
}

/** How many records from the front fit into one request; at least one. */
export function fitting(records: readonly PlacedRecord[], from = 0): number {
  const batches = new Map<string, { bytes: number }>();
  const end = Math.min(records.length, from + REQUEST_RECORDS);
  let previous: PlacedRecord | undefined;
  let filling: { bytes: number } = { bytes: BATCH_OVERHEAD };
  for (let at = from; at < end; at++) {
    const record = records[at]!;
    // Neighbours mostly go to the same place, an account's partition: it is looked up where it changes.
    if (previous === undefined || record.partition !== previous.partition || record.topic !== previous.topic) {
      const batch = `${record.partition} ${record.topic}`;
      filling = batches.get(batch) ?? { bytes: BATCH_OVERHEAD };
      batches.set(batch, filling);
      previous = record;
    }
    const bytes = filling.bytes + record.bytes;
    if (at > from && bytes > Math.min(record.maxBatchBytes, Math.max(BATCH_BYTES, BATCH_OVERHEAD + record.bytes))) return at - from;
    filling.bytes = bytes;
  }
  return end - from;
}

/** One entry per topic: kafkajs would copy the list again for every further one. */
export function topicMessages(records: readonly PlacedRecord[]): TopicMessages[] {
  const byTopic = new Map<string, OfTopic>();
  let topic: string | undefined;
  let last: OfTopic | undefined;
  for (const record of records) {
    if (last === undefined || record.topic !== topic) {
      topic = record.topic;
      last = byTopic.get(topic) ?? { messages: [], byPartition: {} };
      byTopic.set(topic, last);
    }
    last.messages.push(record.message);
    const ofPartition = last.byPartition[record.partition];
    if (ofPartition === undefined) last.byPartition[record.partition] = [record.message];
    else ofPartition.push(record.message);
  }
  return [...byTopic].map(([name, { messages, byPartition }]) => ({ topic: name, messages: grouped(messages, byPartition) }));
}

interface OfTopic {
  readonly messages: Message[];
  readonly byPartition: Record<number, Message[]>;
}

/**
 * kafkajs groups the messages of a topic by `messages.reduce`, in its groupMessagesPerPartition.js and nowhere else, and copies what it has so far with every message: half a
 * microsecond each where fifty go together, more than one where thousands do. These messages know their partitions: here `reduce` answers with the groups that it would have come to.
 */
function grouped(messages: Message[], byPartition: Readonly<Record<number, Message[]>>): Message[] {
  return Object.defineProperty(messages, 'reduce', { value: () => byPartition });
}

function buffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
