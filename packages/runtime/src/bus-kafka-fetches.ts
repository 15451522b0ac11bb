import { setTimeout as delay } from 'node:timers/promises';
import type { Broker, Cluster, KafkaMessage } from 'kafkajs';
import type { RecordPosition } from './bus.ts';

export interface FetchedPartition {
  readonly messages: readonly FetchedMessage[];
  /** Aborted transactions with records in the fetched range, in the order they ended. */
  readonly abortedTransactions: readonly AbortedTransaction[] | null;
  readonly highWatermark: string;
  /** What follows the messages; undefined when nothing of it is damaged. */
  readonly damaged?: DamagedRecords | undefined;
}

/** A batch whose checksum does not hold. */
export interface DamagedRecords {
  /** Where it ends, if its header can be believed. */
  readonly nextOffset: number;
}

/** As kafkajs decodes a record; its types leave the batch's part out. */
export type FetchedMessage = Pick<KafkaMessage, 'offset' | 'key' | 'value' | 'headers' | 'timestamp'> & {
  readonly isControlRecord: boolean;
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean };
};

export interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: string;
}

/** Key of the control record that ends a transaction: version 0, type 0 is abort (1 is commit). Two 16-bit numbers. */
const ABORT_MARKER = Buffer.from([0, 0, 0, 0]);

/** Leaves out control records and records of aborted transactions. */
export function committedOnly(
  messages: readonly FetchedMessage[],
  aborted: readonly AbortedTransaction[] | null,
): readonly FetchedMessage[] {
  const starting = (aborted ?? []).toSorted((a, b) => Number(a.firstOffset) - Number(b.firstOffset));
  const aborting = new Set<string>();
  let next = 0;
  return messages.filter(({ offset, key, isControlRecord, batchContext }) => {
    // A fetch may begin inside several aborted transactions at once.
    for (; next < starting.length && Number(starting[next]?.firstOffset) <= Number(offset); next++)
      aborting.add(starting[next]?.producerId ?? '');
    if (isControlRecord) {
      if (key?.equals(ABORT_MARKER)) aborting.delete(batchContext.producerId);
      return false;
    }
    return !(batchContext.inTransaction && aborting.has(batchContext.producerId));
  });
}

const corrected = new WeakSet<Broker>();

/** What a consumer is about to be given of a partition, with the offset that it asked for. */
export interface FetchedFrom {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly fetched: FetchedPartition;
}

export interface FetchWatch {
  onFetched(from: FetchedFrom): void;
  /** The log does not hold the offset that was asked for. False leaves it to kafkajs, which writes "from the beginning" over what the group has committed and reads from there. */
  onOutOfRange(position: RecordPosition): boolean;
}

/** Whoever sees to an offset out of range takes a moment; without a pause it is asked for again a thousand times a second. */
const OUT_OF_RANGE_PAUSE_MS = 100;

type FetchRequest = Parameters<Broker['fetch']>[0];

interface FetchResult {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly (FetchedPartition & { readonly partition: number })[];
  }[];
}

/**
 * kafkajs takes the list of aborted transactions as sorted by first offset, and takes one entry per record at most. Brokers list them in the order they
 * ended, and a fetch may begin inside several. When a process with many partitions dies, its open transactions are aborted side by side, and a
 * kafkajs consumer of their output is shown records nobody has committed. So every fetch of this cluster client is filtered here, and the records to
 * leave out are passed on as what kafkajs drops in any case: control records. They stay in the list, because kafkajs reads on from its last entry.
 */
export function correctFetches(cluster: Cluster, watch: FetchWatch): void {
  const findBroker = cluster.findBroker.bind(cluster);
  cluster.findBroker = async (node) => {
    const broker = await findBroker(node);
    if (corrected.has(broker)) return broker;
    corrected.add(broker);
    const fetch = broker.fetch.bind(broker);
    broker.fetch = async (request: FetchRequest) => {
      let answer: FetchResult;
      try {
        answer = await fetch(request);
      } catch (error) {
        const position = outOfRange(error, request);
        if (position === undefined || !watch.onOutOfRange(position)) throw error;
        await delay(OUT_OF_RANGE_PAUSE_MS);
        return { responses: [] };
      }
      for (const { topicName: topic, partitions } of answer.responses) {
        for (const fetched of partitions) {
          const { partition } = fetched;
          const offset = askedFor(request, topic, partition);
          if (offset !== undefined) watch.onFetched({ topic, partition, offset, fetched });
        }
      }
      const responses = answer.responses.map((topic) => ({ ...topic, partitions: topic.partitions.map(withoutAborted) }));
      return { ...answer, responses };
    };
    return broker;
  };
}

function askedFor({ topics }: FetchRequest, topic: unknown, partition: unknown): number | undefined {
  const asked = topics.find((each) => each.topic === topic)?.partitions.find((each) => each.partition === partition);
  return asked === undefined ? undefined : Number(asked.fetchOffset);
}

/** kafkajs's error names topic and partition, and not the offset. */
function outOfRange(error: unknown, request: FetchRequest): RecordPosition | undefined {
  if (!(error instanceof Error && error.name === 'KafkaJSOffsetOutOfRange' && 'topic' in error && 'partition' in error)) return undefined;
  const { topic, partition } = error;
  const offset = askedFor(request, topic, partition);
  return offset === undefined ? undefined : { topic: String(topic), partition: Number(partition), offset };
}

function withoutAborted<T extends FetchedPartition>(partition: T): T {
  const { messages, abortedTransactions } = partition;
  if (abortedTransactions === null || abortedTransactions.length === 0) return partition;
  const kept = new Set(committedOnly(messages, abortedTransactions));
  return {
    ...partition,
    abortedTransactions: [],
    messages: messages.map((each) => (kept.has(each) ? each : { ...each, isControlRecord: true })),
  };
}
