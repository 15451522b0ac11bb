import type { Kafka, Producer as KafkaJsProducer, Transaction } from 'kafkajs';
import type { OutRecord, TopicPartition } from './bus.ts';
import { isPreviousTransactionEnding } from './bus-kafka-errors.ts';
import { explicitPartition } from './bus-kafka-producer.ts';
import { fitting, type PlacedRecord, placeRecord, topicMessages } from './bus-kafka-request.ts';
import type { FindTopicFacts, TopicFacts } from './bus-kafka-topics.ts';
import type { OnPhase } from './bus-phase.ts';
import { withRetry } from './retry.ts';

export interface TransactionLogOptions {
  readonly kafka: Kafka;
  readonly groupId: string;
  readonly partition: TopicPartition;
  readonly facts: FindTopicFacts;
  readonly onPhase: OnPhase | undefined;
}

/** Writes outputs and offsets of one input partition. Open while nobody has opened a later one for the same group and partition. */
export interface TransactionLog {
  /**
   * All of it or nothing; `nextOffset` is left out when the input has not moved. A rejection leaves open whether it was committed: the answer is
   * the committed offset, read after the next `openTransactionLog`.
   */
  commit(outputs: readonly OutRecord[], nextOffset?: number): Promise<void>;
  close(): Promise<void>;
}

/** The broker aborts a transaction nobody ends; until then readers stand still before it. Only the writing itself lies inside. */
const TRANSACTION_TIMEOUT_MS = 20_000;
/** An abort is a courtesy to readers: whoever owns the partition next aborts what is open anyway. */
const ABORT_WAIT_MS = 2_000;
const OFFSETS_BUDGET_MS = 5_000;
/**
 * Outputs and offset go side by side, two requests each: three times there and back with the end, not five. Requests of records stay one at a time per broker, in order: kafkajs holds a lock for their sequence
 * numbers.
 */
const IN_FLIGHT = 2;

/**
 * Opens the log and fences whoever had it open before: kafkajs asks for the producer id, which raises the epoch and ends what the old owner left
 * open, at the first `transaction()`. So an empty one is begun and aborted; an empty abort sends nothing.
 */
export async function openTransactionLog(options: TransactionLogOptions): Promise<TransactionLog> {
  const { groupId, partition } = options;
  const producer = options.kafka.producer({
    transactionalId: `${groupId}-${partition.topic}-${partition.partition}`,
    transactionTimeout: TRANSACTION_TIMEOUT_MS,
    maxInFlightRequests: IN_FLIGHT,
    idempotent: true,
    allowAutoTopicCreation: false,
    createPartitioner: explicitPartition,
  });
  try {
    await producer.connect();
    const fence = await producer.transaction();
    await fence.abort();
  } catch (error) {
    await producer.disconnect().catch(() => undefined);
    throw error;
  }
  return { commit: (outputs, nextOffset) => commit(options, producer, outputs, nextOffset), close: () => producer.disconnect() };
}

async function commit(
  options: TransactionLogOptions,
  producer: KafkaJsProducer,
  outputs: readonly OutRecord[],
  nextOffset: number | undefined,
): Promise<void> {
  const topics = [...new Set(outputs.map((each) => each.topic))];
  const facts = new Map(await Promise.all(topics.map(async (topic): Promise<[string, TopicFacts]> => [topic, await options.facts(topic)])));
  const placed = outputs.map((each) => placeRecord(each, facts.get(each.topic)!));
  const transaction = await producer.transaction();
  try {
    const sending = sendOutputs(transaction, placed).then(() => options.onPhase?.('outputs_sent', options.partition));
    const moving = nextOffset === undefined ? undefined : sendOffset(transaction, options, nextOffset);
    // Both have ended before anything else is done: what came after an abort would begin a transaction that nobody ends.
    const failed = (await Promise.allSettled([sending, moving])).find((each) => each.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    options.onPhase?.('offsets_sent', options.partition);
    await transaction.commit();
  } catch (error) {
    await abort(transaction);
    throw error;
  }
  options.onPhase?.('committed', options.partition);
}

async function sendOutputs(transaction: Transaction, placed: readonly PlacedRecord[]): Promise<void> {
  for (let at = 0; at < placed.length; ) {
    const count = fitting(placed, at);
    await transaction.sendBatch({ acks: -1, topicMessages: topicMessages(placed.slice(at, at + count)) });
    at += count;
  }
}

async function sendOffset(transaction: Transaction, { groupId, partition }: TransactionLogOptions, offset: number): Promise<void> {
  const topics = [{ topic: partition.topic, partitions: [{ partition: partition.partition, offset: String(offset) }] }];
  // Where the end of the transaction before outlasts the first milliseconds (bus-kafka-coordinator.ts) kafkajs tries again with records, but not with offsets; a batch without output begins with them.
  await withRetry(() => transaction.sendOffsets({ consumerGroupId: groupId, topics }), {
    isTransient: isPreviousTransactionEnding,
    baseDelayMs: 10,
    maxDelayMs: 200,
    budgetMs: OFFSETS_BUDGET_MS,
  });
}

async function abort(transaction: Transaction): Promise<void> {
  // After a commit that failed kafkajs knows no way on: neither abort nor a new transaction. Its producer is not used again.
  if (!transaction.isActive()) return;
  const waited = Promise.withResolvers<void>();
  const timer = setTimeout(waited.resolve, ABORT_WAIT_MS);
  await Promise.race([transaction.abort().catch(() => undefined), waited.promise]);
  clearTimeout(timer);
}
