import { createHash } from 'node:crypto';
import { FencedError, type OutRecord, type RecordPosition, RecordTooLargeError } from './bus.ts';
import { recordBytes, type StoredRecord } from './bus-lmdb-codec.ts';
import {
  type GroupPosition,
  type Head,
  type Replaced,
  readGroup,
  readHead,
  recordKey,
  type Tables,
  type Topic,
} from './bus-lmdb-tables.ts';
import { partitionOf } from './murmur2.ts';

/** An `OutRecord` with everything decided that does not need the write lock. */
export interface Prepared {
  readonly topic: Topic;
  readonly partition: number;
  readonly record: Omit<StoredRecord, 'timestampMs'>;
}

/**
 * @param findTopic throws for a topic that does not exist
 * @throws RecordTooLargeError; RangeError for a partition that does not exist
 */
export function prepare(records: readonly OutRecord[], findTopic: (name: string) => Topic): Prepared[] {
  return records.map((record) => {
    const topic = findTopic(record.topic);
    const key = typeof record.key === 'string' ? Buffer.from(record.key, 'utf8') : record.key;
    const bytes = recordBytes(key, record.value, record.headers);
    if (bytes > topic.maxRecordBytes) {
      throw new RecordTooLargeError(`a record of ${bytes} bytes is larger than the ${topic.maxRecordBytes} bytes ${topic.name} takes`);
    }
    const partition = record.partition ?? partitionOf(key, topic.partitions);
    if (!Number.isInteger(partition) || partition < 0 || partition >= topic.partitions) {
      throw new RangeError(`${topic.name} has no partition ${partition}: it has ${topic.partitions}`);
    }
    return { topic, partition, record: { key, value: record.value, headers: record.headers } };
  });
}

/** Writes of one transaction: everything or nothing. Valid only while the transaction's callback runs. */
export interface WriteTxn {
  append(records: readonly Prepared[]): RecordPosition[];
  head(topic: Topic, partition: number): Head;
  /** Makes the caller the owner: whoever owned the partition before is fenced from here on. */
  takeOver(groupId: string, topic: Topic, partition: number): GroupPosition;
  /** @throws FencedError when the partition has a newer owner than `epoch` */
  assertOwner(groupId: string, topic: Topic, partition: number, epoch: number): void;
  setOffset(groupId: string, topic: Topic, partition: number, offset: number): void;
  /** Removes records of a partition whose oldest record is then `first`. */
  dropUntil(topic: Topic, partition: number, offsets: readonly number[], first: number): void;
  dropReplaced(replaced: readonly Replaced[]): void;
}

/** @param onAppended told of each partition that got records */
export function writeTxn(tables: Tables, nowMs: number, onAppended: (topic: Topic, partition: number) => void): WriteTxn {
  function noteReplaced({ topic, partition, record }: Prepared, offset: number): void {
    // A hash, because keys may be longer than LMDB takes.
    const keyHash = createHash('sha256').update(record.key).digest('base64');
    const previous = tables.newest.get([topic.id, partition, keyHash]);
    if (previous !== undefined) tables.replaced.put([nowMs + topic.retentionMs, topic.id, partition, previous], true);
    if (record.value.length > 0) {
      tables.newest.put([topic.id, partition, keyHash], offset);
      return;
    }
    // Readers meet the deletion for as long as they meet what it deletes.
    tables.newest.remove([topic.id, partition, keyHash]);
    tables.replaced.put([nowMs + topic.retentionMs, topic.id, partition, offset], true);
  }

  return {
    append(records) {
      const counters = new Map<number, { topic: Topic; partition: number; first: number; next: number }>();
      const positions = records.map((prepared) => {
        const { topic, partition } = prepared;
        const place = topic.id * 65_536 + partition;
        let counter = counters.get(place);
        if (counter === undefined) {
          counter = { topic, partition, ...readHead(tables, topic, partition) };
          counters.set(place, counter);
        }
        const offset = counter.next++;
        const { key, value, headers } = prepared.record;
        tables.records.put(recordKey(topic.id, partition, offset), { key, value, headers, timestampMs: nowMs });
        if (topic.cleanup === 'compact') noteReplaced(prepared, offset);
        return { topic: topic.name, partition, offset };
      });
      for (const { topic, partition, first, next } of counters.values()) {
        tables.heads.put([topic.id, partition], [first, next]);
        onAppended(topic, partition);
      }
      return positions;
    },

    head: (topic, partition) => readHead(tables, topic, partition),

    takeOver(groupId, topic, partition) {
      const before = readGroup(tables, groupId, topic, partition);
      const epoch = before.epoch + 1;
      tables.groups.put([groupId, topic.id, partition], [before.offset, epoch]);
      return { offset: before.offset, epoch };
    },

    assertOwner(groupId, topic, partition, epoch) {
      const current = readGroup(tables, groupId, topic, partition).epoch;
      if (current !== epoch) throw new FencedError(`${topic.name}/${partition} of ${groupId} has owner ${current}, this one is ${epoch}`);
    },

    setOffset(groupId, topic, partition, offset) {
      const { epoch } = readGroup(tables, groupId, topic, partition);
      tables.groups.put([groupId, topic.id, partition], [offset, epoch]);
    },

    dropUntil(topic, partition, offsets, first) {
      for (const offset of offsets) tables.records.remove(recordKey(topic.id, partition, offset));
      tables.heads.put([topic.id, partition], [first, readHead(tables, topic, partition).next]);
    },

    dropReplaced(replaced) {
      for (const entry of replaced) {
        const [, topicId, partition, offset] = entry;
        tables.records.remove(recordKey(topicId, partition, offset));
        tables.replaced.remove(entry);
      }
    },
  };
}
