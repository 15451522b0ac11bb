import { type Message, Partitioners } from 'kafkajs';
import groupMessagesPerPartition from 'kafkajs/src/producer/groupMessagesPerPartition.js';
import { describe, expect, it } from 'vitest';
import { RecordTooLargeError } from '../src/bus.ts';
import { fitting, placeRecord, topicMessages } from '../src/bus-kafka-request.ts';

const facts = { partitions: 12, maxBatchBytes: 1_048_576 };

function out(key: string, bytes: number, partition?: number) {
  return { topic: 't', key, value: new Uint8Array(bytes), headers: {}, ...(partition === undefined ? {} : { partition }) };
}

describe('placing a record', () => {
  it('chooses the partition kafkajs itself would choose', () => {
    const partitionMetadata = Array.from({ length: facts.partitions }, (_, partitionId) => ({ partitionId, leader: 1 }));
    const kafkajs = Partitioners.DefaultPartitioner();
    // The declared type asks for more of a partition than the partitioner reads.
    const expected = (key: string) => kafkajs({ topic: 't', partitionMetadata: partitionMetadata as never, message: { key, value: '' } });
    const keys = Array.from({ length: 500 }, (_, index) => `acme/account-${index}/${'ж'.repeat(index % 7)}`);
    expect(keys.map((key) => placeRecord(out(key, 1), facts).partition)).toEqual(keys.map(expected));
  });

  it('refuses what the topic never takes, and a partition it does not have', () => {
    expect(() => placeRecord(out('k', 1_048_576), facts)).toThrow(RecordTooLargeError);
    expect(placeRecord(out('k', 1_048_000), facts).bytes).toBeGreaterThan(1_048_000);
    expect(() => placeRecord(out('k', 1, 12), facts)).toThrow(RangeError);
    expect(() => placeRecord(out('k', 1, -1), facts)).toThrow(RangeError);
  });

  it('writes an empty value as the null that deletes a key', () => {
    expect(placeRecord(out('k', 0), facts).message.value).toBeNull();
    expect(placeRecord(out('k', 1), facts).message.value).toEqual(Buffer.alloc(1));
  });

  it('counts headers and text in bytes', () => {
    const plain = placeRecord(out('k', 10), facts).bytes;
    expect(placeRecord({ ...out('k', 10), headers: { é: 'ü' } }, facts).bytes - plain).toBe(14);
  });
});

describe('filling a request', () => {
  const place = (bytes: number, partition = 0) => placeRecord(out('k', bytes, partition), facts);

  it('keeps the batch of each partition below the limit, not their sum', () => {
    const records = Array.from({ length: 30 }, (_, index) => place(100_000, index % 12));
    expect(fitting(records)).toBe(30);
    expect(fitting(Array.from({ length: 30 }, () => place(100_000)))).toBe(7);
  });

  it('takes a large record alone, and always at least one', () => {
    const records = [place(900_000), place(10), place(900_000)];
    expect(fitting(records)).toBe(1);
    expect(fitting(records, 1)).toBe(1);
    expect(fitting(records, 2)).toBe(1);
  });

  it('stops at 2,000 records', () => {
    expect(fitting(Array.from({ length: 5_000 }, () => place(1)))).toBe(2_000);
  });

  it('obeys a topic with a smaller limit', () => {
    const small = { partitions: 1, maxBatchBytes: 1_000 };
    expect(fitting(Array.from({ length: 9 }, () => placeRecord(out('k', 200, 0), small)))).toBe(3);
  });

  it('gives kafkajs one list per topic, in order', () => {
    const records = ['a', 'b', 'a', 'b'].map((topic, index) => placeRecord({ ...out(String(index), 1), topic }, facts));
    expect(topicMessages(records).map(({ topic, messages }) => [topic, messages.map((each) => String(each.key))])).toEqual([
      ['a', ['0', '2']],
      ['b', ['1', '3']],
    ]);
  });

  it('has kafkajs group them by partition as it would by itself, without its asking for the partition of each', () => {
    const records = Array.from({ length: 500 }, (_, index) =>
      placeRecord({ ...out(`${index}`, 1, (index * 7) % 11), topic: index % 3 === 0 ? 'a' : 'b' }, facts),
    );
    const ownPartition = ({ message }: { message: Message }) => message.partition!;
    const refuse = () => {
      throw new Error('kafkajs groups the messages itself');
    };
    for (const { topic, messages } of topicMessages(records)) {
      const group = (partitioner: typeof ownPartition, given: readonly Message[]) =>
        groupMessagesPerPartition({ topic, partitionMetadata: [{}], messages: given, partitioner });
      expect(group(refuse, messages)).toEqual(group(ownPartition, [...messages]));
      expect(Object.keys(group(refuse, messages))).toEqual(Object.keys(group(ownPartition, [...messages])));
    }
  });
});
