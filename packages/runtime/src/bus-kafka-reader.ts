import { type Cluster, type Consumer, type Kafka, PartitionAssigners } from 'kafkajs';
import type { BusRecord, ReadOptions, TopicPartition } from './bus.ts';
import { DamagedBatchError, type DamageLog } from './bus-kafka-damage.ts';
import { damageBehind, isOutOfRange, isUnavailable, toBusError } from './bus-kafka-errors.ts';
import { committedOnly, type FetchedPartition } from './bus-kafka-fetches.ts';
import { toBusRecord } from './bus-kafka-record.ts';
import { withRetry } from './retry.ts';

export interface KafkaReader {
  read(partition: TopicPartition, fromOffset: number, options?: ReadOptions): AsyncIterable<readonly BusRecord[]>;
  /** Of every partition asked for; `next` is the last stable offset: nothing before it belongs to an open transaction. */
  bounds(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, PartitionBounds>>;
  close(): Promise<void>;
}

export interface PartitionBounds {
  readonly first: number;
  readonly next: number;
}

const READ_COMMITTED = 1;
const FETCH_BYTES = 2_097_152;
/** A read goes on over a broker's restart; its caller is mostly a worker being built, and nobody waits with a deadline. */
const READ_BUDGET_MS = 60_000;
/** So often is a damaged batch fetched before who can do without it does: within a second, and a flip on the wire is over with the second. */
const DAMAGED_TRIES = 5;

/**
 * Reads single partitions without a group. kafkajs has no such thing: its consumers read as members of groups, and a throwaway group costs a join
 * (3 s by the broker's default) per read, plus its deletion. But it hands its cluster client, with `fetch` and `listOffsets`, to partition assigners,
 * which is public. So one consumer is made per process that never joins, and its cluster client is used.
 */
export function createKafkaReader(kafka: Kafka, clientId: string, damage: DamageLog): KafkaReader {
  let current: Promise<Connected> | undefined;

  async function ask<T>(question: (cluster: Cluster) => Promise<T>): Promise<T> {
    current ??= connectCluster(kafka, clientId);
    const mine = current;
    try {
      return await question((await mine).cluster);
    } catch (error) {
      if (isUnavailable(error) && current === mine) {
        current = undefined;
        mine.then(({ owner }) => owner.disconnect()).catch(() => undefined);
      }
      throw error;
    }
  }

  async function patiently<T>(
    doing: string,
    question: (cluster: Cluster) => Promise<T>,
    isPassing: (error: unknown) => boolean = isUnavailable,
  ): Promise<T> {
    try {
      return await withRetry(() => ask(question), {
        isTransient: isPassing,
        budgetMs: READ_BUDGET_MS,
        baseDelayMs: 100,
        maxDelayMs: 2_000,
      });
    } catch (error) {
      throw toBusError(error instanceof Error && error.name === 'RetryBudgetError' ? error.cause : error, doing);
    }
  }

  /** Rejects with what is behind a damaged batch when `passesOver` has had its tries. */
  async function fetched(partition: TopicPartition, offset: number, passesOver: boolean): Promise<FetchedPartition | 'out of range'> {
    let tries = 0;
    const isPassing = (error: unknown) => {
      if (!(error instanceof DamagedBatchError)) return isUnavailable(error);
      if (passesOver) return ++tries < DAMAGED_TRIES;
      damage.found(error);
      return true;
    };
    return patiently(`reading ${partition.topic}`, (cluster) => fetchFrom(cluster, partition, offset), isPassing);
  }

  async function* read(
    partition: TopicPartition,
    fromOffset: number,
    { onDamaged }: ReadOptions = {},
  ): AsyncGenerator<readonly BusRecord[]> {
    const end = await patiently(`end of ${partition.topic}`, (cluster) => boundsOf(cluster, partition));
    let offset = Math.max(fromOffset, end.first);
    while (offset < end.next) {
      const found = await fetched(partition, offset, onDamaged !== undefined).catch((error: unknown) => {
        const behind = damageBehind(error);
        if (behind === undefined || onDamaged === undefined) throw error;
        return behind;
      });
      if (found instanceof DamagedBatchError) {
        onDamaged?.(found.position);
        offset = found.nextOffset > offset && found.nextOffset <= end.next ? found.nextOffset : offset + 1;
        continue;
      }
      if (found === 'out of range') {
        // Retention has passed us by.
        const { first } = await patiently(`start of ${partition.topic}`, (cluster) => boundsOf(cluster, partition));
        if (first <= offset)
          throw new Error(`${partition.topic}/${partition.partition} has no offset ${offset}: has the topic been made anew?`);
        offset = first;
        continue;
      }
      const from = offset;
      const messages = found.messages.filter((each) => Number(each.offset) >= from);
      // Before the end something must come. When nothing does, compaction has left an empty batch here, and kafkajs does not say how long it is.
      offset = messages.length === 0 ? offset + 1 : Number(messages.at(-1)?.offset) + 1;
      damage.passed(partition, offset);
      const records = committedOnly(messages, found.abortedTransactions)
        .filter((each) => Number(each.offset) < end.next)
        .map((each) => toBusRecord(partition, each));
      if (records.length > 0) yield records;
    }
  }

  return {
    read,
    async bounds(topic, partitions) {
      return ask((cluster) => allBounds(cluster, topic, partitions)).catch((error: unknown) => {
        throw toBusError(error, `offsets of ${topic}`);
      });
    },
    async close() {
      const connected = await current?.catch(() => undefined);
      current = undefined;
      await connected?.owner.disconnect();
    },
  };
}

interface Connected {
  readonly cluster: Cluster;
  readonly owner: Consumer;
}

async function connectCluster(kafka: Kafka, clientId: string): Promise<Connected> {
  let captured: Cluster | undefined;
  const owner = kafka.consumer({
    groupId: `${clientId}-reader`,
    allowAutoTopicCreation: false,
    partitionAssigners: [
      (config) => {
        captured = config.cluster;
        return PartitionAssigners.roundRobin(config);
      },
    ],
  });
  await owner.connect();
  if (captured === undefined) throw new Error('kafkajs made a consumer without asking for its assigner');
  return { cluster: captured, owner };
}

async function boundsOf(cluster: Cluster, { topic, partition }: TopicPartition): Promise<PartitionBounds> {
  const bounds = (await allBounds(cluster, topic, [partition])).get(partition);
  if (bounds === undefined) throw new RangeError(`${topic} has no partition ${partition}`);
  return bounds;
}

async function allBounds(cluster: Cluster, topic: string, partitions: readonly number[]): Promise<Map<number, PartitionBounds>> {
  await cluster.addMultipleTargetTopics([topic]);
  const asked = partitions.map((partition) => ({ partition }));
  const [first, next] = await Promise.all([
    cluster.fetchTopicsOffset([{ topic, partitions: asked, fromBeginning: true }]),
    cluster.fetchTopicsOffset([{ topic, partitions: asked, fromBeginning: false }]),
  ]);
  const firsts = new Map(first[0]?.partitions.map((each) => [each.partition, Number(each.offset)]));
  const bounds = (next[0]?.partitions ?? []).map((each): [number, PartitionBounds] => [
    each.partition,
    { first: firsts.get(each.partition) ?? 0, next: Number(each.offset) },
  ]);
  return new Map(bounds);
}

async function fetchFrom(
  cluster: Cluster,
  { topic, partition }: TopicPartition,
  offset: number,
): Promise<FetchedPartition | 'out of range'> {
  await cluster.addMultipleTargetTopics([topic]);
  await cluster.refreshMetadataIfNecessary();
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  if (nodeId === undefined) throw new RangeError(`${topic} has no partition ${partition}`);
  const broker = await cluster.findBroker({ nodeId });
  try {
    const answer: { responses: { partitions: FetchedPartition[] }[] } = await broker.fetch({
      isolationLevel: READ_COMMITTED,
      maxWaitTime: 500,
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      rackId: '',
      topics: [{ topic, partitions: [{ partition, fetchOffset: String(offset), maxBytes: FETCH_BYTES }] }],
    });
    const fetched = answer.responses[0]?.partitions[0];
    if (fetched === undefined) throw new Error(`no answer for ${topic}/${partition}`);
    const { messages, damaged } = fetched;
    if (damaged !== undefined && !messages.some((each) => Number(each.offset) >= offset)) {
      throw new DamagedBatchError({ topic, partition, offset }, damaged.nextOffset);
    }
    return fetched;
  } catch (error) {
    if (isOutOfRange(error)) return 'out of range';
    // The leader has moved, or died: the next attempt looks again.
    if (isUnavailable(error)) await cluster.refreshMetadata().catch(() => undefined);
    throw error;
  }
}
