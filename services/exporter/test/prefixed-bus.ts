import type { Batch, Bus, Consumer, OutRecord, RecordPosition, TopicPartition } from '@messtrack/runtime/bus.ts';

/**
 * A bus whose topics have other names on the log: the exporter's topics are contract, and tests that share one Kafka would read each other's.
 * Only what the exporter and its tests use.
 */
export function prefixedBus(bus: Bus, prefix: string): Bus {
  const inner = (topic: string) => `${prefix}${topic}`;
  const outer = (topic: string) => topic.slice(prefix.length);
  const inside = <T extends { readonly topic: string }>(value: T): T => ({ ...value, topic: inner(value.topic) });
  const outside = <T extends { readonly topic: string }>(value: T): T => ({ ...value, topic: outer(value.topic) });
  const consumerOf = (consumer: Consumer): Consumer => ({
    commit: (positions: readonly RecordPosition[]) => consumer.commit(positions.map(inside)),
    close: () => consumer.close(),
    crashed: consumer.crashed,
  });
  const batchOf = (batch: Batch): Batch => ({
    topic: outer(batch.topic),
    partition: batch.partition,
    records: batch.records.map(outside),
    highWatermark: batch.highWatermark,
    isStale: () => batch.isStale(),
    heartbeat: () => batch.heartbeat(),
  });
  return {
    ensureTopics: (topics) => bus.ensureTopics(topics.map((topic) => ({ ...topic, name: inner(topic.name) }))),
    async producer() {
      const producer = await bus.producer();
      return {
        send: async (records: readonly OutRecord[]) => (await producer.send(records.map(inside))).map(outside),
        close: () => producer.close(),
      };
    },
    async consume(options) {
      const { onAssigned, onRevoked } = options;
      const consumer = await bus.consume({
        ...options,
        topics: options.topics.map(inner),
        onBatch: (batch, from) => options.onBatch(batchOf(batch), consumerOf(from)),
        ...(onAssigned === undefined ? {} : { onAssigned: (partitions: readonly TopicPartition[]) => onAssigned(partitions.map(outside)) }),
        ...(onRevoked === undefined ? {} : { onRevoked: (partitions: readonly TopicPartition[]) => onRevoked(partitions.map(outside)) }),
      });
      return consumerOf(consumer);
    },
    process: () => Promise.reject(new Error('not used by the exporter')),
    async *read(partition, fromOffset, options) {
      for await (const records of bus.read(inside(partition), fromOffset, options)) yield records.map(outside);
    },
    offsets: async (topic) => (await bus.offsets(inner(topic))).map(outside),
    committed: async (groupId, topic) => (await bus.committed(groupId, inner(topic))).map(outside),
    lag: async (groupId, topic) => (await bus.lag(groupId, inner(topic))).map(outside),
    ping: () => bus.ping(),
    assertIntact: () => bus.assertIntact(),
    close: () => bus.close(),
  };
}
