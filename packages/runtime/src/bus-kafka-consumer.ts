import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import type { Batch, ConsumeOptions, Consumer, TopicPartition } from './bus.ts';
import { type GroupMember, type GroupOptions, joinGroup, placeOf } from './bus-kafka-group.ts';
import { toBusRecord } from './bus-kafka-record.ts';

/** Default of `maxBatchRecords`. */
export const DEFAULT_BATCH_RECORDS = 2_000;

export type GroupSettings = Pick<GroupOptions, 'kafka' | 'log' | 'sessionTimeoutMs' | 'rebalanceTimeoutMs' | 'ping' | 'damage'>;

export async function createKafkaConsumer(settings: GroupSettings, options: ConsumeOptions): Promise<Consumer> {
  const maxRecords = options.maxBatchRecords ?? DEFAULT_BATCH_RECORDS;
  let assigned: readonly TopicPartition[] = [];

  const change = (next: readonly TopicPartition[]) => {
    const [before, after] = [new Set(assigned.map(placeOf)), new Set(next.map(placeOf))];
    const taken = assigned.filter((each) => !after.has(placeOf(each)));
    const given = next.filter((each) => !before.has(placeOf(each)));
    assigned = next;
    if (taken.length > 0) options.onRevoked?.(taken);
    if (given.length > 0) options.onAssigned?.(given);
  };

  // A batch can come before joinGroup has returned.
  const membership = Promise.withResolvers<GroupMember>();
  membership.promise.catch(() => undefined);
  const consumer: Consumer = {
    commit: async (positions) => (await membership.promise).commit(positions),
    close: async () => (await membership.promise).close(),
    crashed: membership.promise.then((member) => member.crashed),
  };
  consumer.crashed.catch(() => undefined);

  const onBatch = async (payload: EachBatchPayload) => {
    const member = await membership.promise;
    for (const messages of slices(payload.batch.messages, maxRecords)) {
      if (payload.isStale() || !payload.isRunning() || !member.isMember()) return;
      await options.onBatch(
        toBatch(payload, messages, () => !member.owns(payload.batch)),
        consumer,
      );
      payload.resolveOffset(messages.at(-1)!.offset);
    }
  };

  try {
    membership.resolve(
      await joinGroup({
        ...settings,
        groupId: options.groupId,
        topics: options.topics,
        fromBeginning: options.startAt !== 'latest',
        onBatch,
        onJoined: change,
        onLost: () => change([]),
      }),
    );
  } catch (error) {
    membership.reject(error);
    throw error;
  }
  return consumer;
}

/** Never empty. */
export function* slices(messages: readonly KafkaMessage[], size: number): Generator<readonly KafkaMessage[]> {
  for (let at = 0; at < messages.length; at += size) yield messages.slice(at, at + size);
}

export function toBatch(payload: EachBatchPayload, messages: readonly KafkaMessage[], isStale: () => boolean): Batch {
  const { topic, partition, highWatermark } = payload.batch;
  return {
    topic,
    partition,
    records: messages.map((each) => toBusRecord({ topic, partition }, each)),
    highWatermark: Number(highWatermark),
    isStale: () => payload.isStale() || isStale(),
    heartbeat: () => payload.heartbeat(),
  };
}
