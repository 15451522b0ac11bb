import type { Broker, Cluster, KafkaMessage } from 'kafkajs';

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
export function correctFetches(cluster: Cluster, onFetched: (from: FetchedFrom) => void): void {
  const findBroker = cluster.findBroker.bind(cluster);
  cluster.findBroker = async (node) => {
    const broker = await findBroker(node);
    if (corrected.has(broker)) return broker;
    corrected.add(broker);
    const fetch = broker.fetch.bind(broker);
    broker.fetch = async (request: FetchRequest) => {
      const answer: FetchResult = await fetch(request);
      for (const { topicName: topic, partitions } of answer.responses) {
        for (const fetched of partitions) {
          const { partition } = fetched;
          const asked = request.topics.find((each) => each.topic === topic)?.partitions.find((each) => each.partition === partition);
          if (asked !== undefined) onFetched({ topic, partition, offset: Number(asked.fetchOffset), fetched });
        }
      }
      const responses = answer.responses.map((topic) => ({ ...topic, partitions: topic.partitions.map(withoutAborted) }));
      return { ...answer, responses };
    };
    return broker;
  };
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
