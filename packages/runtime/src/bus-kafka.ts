import type { Bus, TopicPartition } from './bus.ts';
import { createKafkaClients, type KafkaBusOptions } from './bus-kafka-client.ts';
import { installSharedConnect } from './bus-kafka-connection.ts';
import { createKafkaConsumer } from './bus-kafka-consumer.ts';
import { installKnownCoordinators } from './bus-kafka-coordinator.ts';
import { createDamageLog } from './bus-kafka-damage.ts';
import { installFetchDecoding } from './bus-kafka-decoding.ts';
import { installProduceEncoding } from './bus-kafka-encoding.ts';
import { closeWithin, createGoodbye } from './bus-kafka-goodbye.ts';
import { installWholeHandshake } from './bus-kafka-handshake.ts';
import { installMonotonicHeartbeat } from './bus-kafka-heartbeat.ts';
import { installRestingConnections } from './bus-kafka-idle.ts';
import { whenCoordinated } from './bus-kafka-new-broker.ts';
import { createKafkaProcessor } from './bus-kafka-processor.ts';
import { createKafkaProducer } from './bus-kafka-producer.ts';
import { createKafkaReader } from './bus-kafka-reader.ts';
import { createTopicWatch } from './bus-kafka-topic-watch.ts';
import { createKafkaAdmin, createTopicFacts, ensureKafkaTopics } from './bus-kafka-topics.ts';

const DEFAULT_SESSION_TIMEOUT_MS = 30_000;
const DEFAULT_REBALANCE_TIMEOUT_MS = 60_000;
const ADMIN_GOODBYE_MS = 2_000;

/** The bus on Kafka, through kafkajs. Resolves when a broker has answered, unless `startsWithoutBroker`; rejects with `BusUnavailableError`. */
export async function openKafkaBus(options: KafkaBusOptions): Promise<Bus> {
  installProduceEncoding();
  installFetchDecoding();
  installMonotonicHeartbeat();
  installSharedConnect();
  installKnownCoordinators();
  installWholeHandshake();
  installRestingConnections();
  const clients = createKafkaClients(options);
  const admin = createKafkaAdmin(clients.main);
  const damage = createDamageLog(options.log);
  const reader = createKafkaReader(clients.main, options.clientId, damage);
  const facts = createTopicFacts(admin);
  const topics = createTopicWatch({ admin, log: options.log });
  const written = (topic: string) => {
    topics.uses(topic);
    return facts(topic);
  };
  const ping = async () => {
    await admin.ask('ping', (client) => client.describeCluster());
  };
  const group = {
    ping,
    damage,
    kafka: clients.main,
    log: options.log,
    sessionTimeoutMs: options.sessionTimeoutMs ?? DEFAULT_SESSION_TIMEOUT_MS,
    rebalanceTimeoutMs: options.rebalanceTimeoutMs ?? DEFAULT_REBALANCE_TIMEOUT_MS,
  };
  const goodbye = createGoodbye({ log: options.log, ping });
  const open = new Set<{ close(): Promise<void> }>();

  /** What the bus has made is closed with it, the newest first, before the clients it stands on. */
  async function keep<T extends { close(): Promise<void> }>(making: Promise<T>): Promise<T> {
    const made = await making;
    let closing: Promise<void> | undefined;
    const kept = {
      ...made,
      close() {
        closing ??= goodbye(() => made.close());
        return closing;
      },
    };
    open.add(kept);
    return kept;
  }

  async function offsets(topic: string) {
    const { partitions } = await facts(topic);
    const numbers = Array.from({ length: partitions }, (_, partition) => partition);
    const bounds = await reader.bounds(topic, numbers);
    return numbers.map((partition) => {
      const { first, next } = bounds.get(partition) ?? { first: 0, next: 0 };
      return { topic, partition, first, next };
    });
  }

  async function committed(groupId: string, topic: string) {
    const { partitions } = await facts(topic);
    const answer = await admin.ask(`offsets of ${groupId}`, (client) => client.fetchOffsets({ groupId, topics: [topic] }));
    // -1 where nothing is committed.
    const known = new Map(answer[0]?.partitions.map((each) => [each.partition, Math.max(0, Number(each.offset))]));
    return Array.from({ length: partitions }, (_, partition) => ({ topic, partition, offset: known.get(partition) ?? 0 }));
  }

  const bus: Bus = {
    ensureTopics: (definitions) => ensureKafkaTopics(admin, definitions),
    producer: () => keep(Promise.resolve(createKafkaProducer({ kafka: clients.producing, facts: written }))),
    consume(consumeOptions) {
      consumeOptions.topics.forEach(topics.uses);
      return keep(createKafkaConsumer(group, consumeOptions));
    },
    process(processOptions) {
      topics.uses(processOptions.topic);
      return keep(
        createKafkaProcessor(
          {
            clients,
            group,
            admin,
            reader,
            facts: written,
            committed: async (groupId, { topic, partition }: TopicPartition) =>
              (await committed(groupId, topic)).find((each) => each.partition === partition)?.offset ?? 0,
            onPhase: options.onPhase,
          },
          processOptions,
        ),
      );
    },
    read: (partition, fromOffset, readOptions) => reader.read(partition, fromOffset, readOptions),
    offsets,
    committed: (groupId, topic) => whenCoordinated(() => committed(groupId, topic)),
    async lag(groupId, topic) {
      const done = new Map((await committed(groupId, topic)).map((each) => [each.partition, each.offset]));
      return (await offsets(topic)).map(({ partition, first, next }) => ({
        topic,
        partition,
        lag: Math.max(0, next - Math.max(first, done.get(partition) ?? 0)),
      }));
    },
    async ping() {
      await ping();
      topics.assertThere();
    },
    assertIntact: () => damage.assertNone(),
    async close() {
      for (const each of [...open].toReversed()) await each.close();
      open.clear();
      await goodbye(reader.close);
      await closeWithin(ADMIN_GOODBYE_MS, async () => {
        await topics.close();
        await admin.close();
      });
    },
  };
  if (options.startsWithoutBroker === true) return bus;
  try {
    await bus.ping();
  } catch (error) {
    await bus.close();
    throw error;
  }
  return bus;
}
