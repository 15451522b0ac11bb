import { TOPICS } from '@messtrack/proto/topics.ts';
import { Kafka, logLevel, type Producer } from 'kafkajs';
import type { Run } from './run.ts';

/**
 * The bare loop: kafkajs consumes the same records in batches of the same size and, per batch, writes as many records of the size of a
 * lead, with a lead's headers, as the matcher does, with the offset, in one transaction per batch and one transactional producer per partition.
 */
export async function runRawLoop(
  brokers: readonly string[],
  groupId: string,
  records: number,
  batchRecords: number,
  output: { readonly perRecord: number; readonly bytes: number },
): Promise<Run> {
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId: groupId,
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 10, maxRetryTime: 1_000, retries: 10 },
  });
  const producers = new Map<number, Promise<Producer>>();
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 250, maxBytesPerPartition: 1_048_576 });
  await consumer.connect();
  await consumer.subscribe({ topics: [TOPICS.touchpoints.name], fromBeginning: true });
  const done = Promise.withResolvers<void>();
  let [startedMs, endedMs, handled, cpuStart, cpuEnd] = [0, 0, 0, 0, 0];
  const value = Buffer.alloc(output.bytes, 0x61);
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 64,
    eachBatch: async ({ batch, resolveOffset, heartbeat }) => {
      if (startedMs === 0) [startedMs, cpuStart] = [performance.now(), cpuSeconds()];
      const producer = await producerOf(batch.partition);
      for (let from = 0; from < batch.messages.length; from += batchRecords) {
        const part = batch.messages.slice(from, from + batchRecords);
        const offset = String(Number(part.at(-1)!.offset) + 1);
        const transaction = await producer.transaction();
        const outputs = Array.from({ length: Math.round(part.length * output.perRecord) }, (_, index) => ({
          key: `lead-${offset}-${index}`,
          value,
          headers: { 'event-id': `lead/${offset}-${index}/1`, type: 'Lead', 'produced-at': '1790000000000' },
        }));
        // As many records per request as fit into the topic's largest record batch, as the bus does it.
        for (let at = 0; at < outputs.length; at += 2_000)
          await transaction.sendBatch({ acks: -1, topicMessages: [{ topic: TOPICS.leads.name, messages: outputs.slice(at, at + 2_000) }] });
        await transaction.sendOffsets({
          consumerGroupId: groupId,
          topics: [{ topic: batch.topic, partitions: [{ partition: batch.partition, offset }] }],
        });
        await transaction.commit();
        resolveOffset(part.at(-1)!.offset);
        await heartbeat();
        handled += part.length;
      }
      if (handled < records) return;
      [endedMs, cpuEnd] = [performance.now(), cpuSeconds()];
      done.resolve();
    },
  });
  await done.promise;
  await consumer.disconnect();
  for (const producer of producers.values()) await (await producer).disconnect();
  return { seconds: (endedMs - startedMs) / 1_000, cpuSeconds: cpuEnd - cpuStart, outputs: 0, outputBytes: 0 };

  function producerOf(partition: number): Promise<Producer> {
    const known = producers.get(partition) ?? open(partition);
    producers.set(partition, known);
    return known;
  }

  async function open(partition: number): Promise<Producer> {
    const producer = kafka.producer({ transactionalId: `${groupId}-${partition}`, maxInFlightRequests: 1, idempotent: true });
    await producer.connect();
    return producer;
  }
}

export function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
