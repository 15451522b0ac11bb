import kafkajs, { type Admin, type Kafka } from 'kafkajs';
import { BusUnavailableError, type TopicDefinition } from './bus.ts';
import { isNotThereYet, isTopicThere, isUnavailable, toBusError } from './bus-kafka-errors.ts';

/** What a producer has to know of a topic before it sends. */
export interface TopicFacts {
  readonly partitions: number;
  /** Upper bound of a record batch as sent, and so of a record. Bytes. */
  readonly maxBatchBytes: number;
}

/** Partitions may be added and limits changed while we run; a wrong limit costs a rejection, a wrong count an uneven spread. */
const FACTS_MAX_AGE_MS = 60_000;
/** Kafka's default of max.message.bytes, for principals that may not describe topic configurations. */
const DEFAULT_MAX_BATCH_BYTES = 1_048_588;
/** A segment is compacted only when it is full: with the default of 1 GiB a reader of a compacted topic meets every old record for weeks. */
const COMPACTED_SEGMENT_BYTES = 67_108_864;

export interface KafkaAdmin {
  /** Connects at the first call, again after a failure. Rejects with `BusUnavailableError` when Kafka does not answer. */
  ask<T>(doing: string, question: (admin: Admin) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function createKafkaAdmin(kafka: Kafka): KafkaAdmin {
  let current: Promise<Admin> | undefined;
  const connect = async () => {
    const admin = kafka.admin();
    await admin.connect();
    return admin;
  };
  return {
    async ask(doing, question) {
      current ??= connect();
      const mine = current;
      try {
        return await question(await mine);
      } catch (error) {
        // A client that has lost all its brokers does not always find them again; a new one does.
        if (isUnavailable(error) && current === mine) {
          current = undefined;
          mine.then((admin) => admin.disconnect()).catch(() => undefined);
        }
        throw toBusError(error, doing);
      }
    },
    async close() {
      const admin = await current?.catch(() => undefined);
      current = undefined;
      await admin?.disconnect();
    },
  };
}

export async function ensureKafkaTopics(admin: KafkaAdmin, topics: readonly TopicDefinition[]): Promise<void> {
  const existing = new Set(await admin.ask('listing topics', (client) => client.listTopics()));
  for (const topic of topics) if (!existing.has(topic.name)) await createTopic(admin, topic);
}

/** A busy broker takes a second to know the leader of a topic it has just created; longer is no hurry any more. */
const CREATE_ATTEMPTS = 50;
const CREATE_PAUSE_MS = 100;

async function createTopic(admin: KafkaAdmin, topic: TopicDefinition, attempt = 1): Promise<void> {
  const configs: Record<string, string | number> =
    topic.cleanup === 'delete'
      ? { 'cleanup.policy': 'delete', 'retention.ms': topic.retentionMs }
      : { 'cleanup.policy': 'compact', 'min.compaction.lag.ms': topic.retentionMs, 'segment.bytes': COMPACTED_SEGMENT_BYTES };
  configs['max.message.bytes'] = topic.maxRecordBytes;
  // The port promises the bus's clock. By the producer's, the default, a broker refuses whatever a machine sends whose clock is an hour ahead, and believes one that is behind.
  configs['message.timestamp.type'] = 'LogAppendTime';
  try {
    await admin.ask(`creating ${topic.name}`, (client) =>
      client.createTopics({
        waitForLeaders: true,
        topics: [
          {
            topic: topic.name,
            numPartitions: topic.partitions,
            // The broker's default: one in development, three in a cluster.
            replicationFactor: -1,
            configEntries: Object.entries(configs).map(([name, value]) => ({ name, value: String(value) })),
          },
        ],
      }),
    );
  } catch (error) {
    // Created, and not known yet where kafkajs asks for its leader; asked again, the broker says that it is there.
    if (isNotThereYet(error) && attempt < CREATE_ATTEMPTS) {
      await new Promise((resolve) => setTimeout(resolve, CREATE_PAUSE_MS));
      return createTopic(admin, topic, attempt + 1);
    }
    // Another process was faster; kafkajs hides the reason in a list.
    const errors: unknown[] = error instanceof Error && 'errors' in error && Array.isArray(error.errors) ? error.errors : [error];
    if (!errors.every(isTopicThere)) throw error;
  }
}

/** Facts of a topic: at once where they are known, for a record in a hurry must not wait for a promise. */
export type FindTopicFacts = (topic: string) => TopicFacts | Promise<TopicFacts>;

/** Facts by topic, asked for once and then once a minute. */
export function createTopicFacts(admin: KafkaAdmin, now: () => number = () => performance.now()): FindTopicFacts {
  const known = new Map<string, { facts: TopicFacts | Promise<TopicFacts>; readonly at: number }>();
  return (topic) => {
    const entry = known.get(topic);
    if (entry !== undefined && now() - entry.at < FACTS_MAX_AGE_MS) return entry.facts;
    const asked = askFacts(admin, topic);
    const asking: { facts: TopicFacts | Promise<TopicFacts>; readonly at: number } = { facts: asked, at: now() };
    known.set(topic, asking);
    asked.then(
      (facts) => {
        asking.facts = facts;
      },
      () => {
        // While Kafka is away the old facts are better than none: the send fails or waits by itself.
        if (entry === undefined) known.delete(topic);
        else known.set(topic, entry);
      },
    );
    return asked;
  };
}

async function askFacts(admin: KafkaAdmin, topic: string): Promise<TopicFacts> {
  const { topics } = await admin.ask(`looking up ${topic}`, (client) => client.fetchTopicMetadata({ topics: [topic] }));
  const partitions = topics[0]?.partitions.length ?? 0;
  if (partitions === 0) throw new BusUnavailableError(`${topic} has no partitions yet`);
  const maxBatchBytes = await admin
    .ask(`limits of ${topic}`, (client) =>
      client.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: kafkajs.ConfigResourceTypes.TOPIC, name: topic, configNames: ['max.message.bytes'] }],
      }),
    )
    .then((answer) => Number(answer.resources[0]?.configEntries[0]?.configValue))
    .catch((error: unknown) => {
      if (error instanceof BusUnavailableError) throw error;
      return DEFAULT_MAX_BATCH_BYTES;
    });
  return { partitions, maxBatchBytes: maxBatchBytes > 0 ? maxBatchBytes : DEFAULT_MAX_BATCH_BYTES };
}
