/**
 * Looks whether the topics in use are there. Whoever reads a topic that somebody has deleted joins its group again for ever, and whoever writes it waits: nothing of that shows in a broker that answers. So it is told here, to
 * the log once and to readiness for as long as it lasts. Nothing is made again: whoever deletes a topic may want it gone, and one that comes back by itself, empty, would hide what happened.
 */
import type { Logger } from 'pino';
import { isNotThereYet } from './bus-kafka-errors.ts';
import type { KafkaAdmin } from './bus-kafka-topics.ts';
import { createOutageLog, type OutageLog } from './outage-log.ts';

export class TopicGoneError extends Error {
  override readonly name = 'TopicGoneError';
  readonly healthDetail: string;

  constructor(topics: readonly string[]) {
    const says = `${topics.join(', ')} ${topics.length === 1 ? 'does' : 'do'} not exist`;
    super(says);
    this.healthDetail = says;
  }
}

export interface TopicWatch {
  /** From here on it is looked for. Cheap for one that is known. */
  uses(topic: string): void;
  /** @throws TopicGoneError while one is gone */
  assertThere(): void;
  /** What is done every `everyMs`. Never rejects. */
  look(): Promise<void>;
  /** Resolves when no question is under way any more. */
  close(): Promise<void>;
}

export interface TopicWatchOptions {
  readonly admin: Pick<KafkaAdmin, 'ask'>;
  readonly log: Logger;
  /** Milliseconds. */
  readonly everyMs?: number;
}

/** One question of a millisecond for all topics of a service. */
const EVERY_MS = 5_000;
/** In a row: a topic that is deleted and made anew is away for a second, and nobody has to hear of it. */
const LOOKS = 2;

interface Missing {
  looks: number;
  readonly outage: OutageLog;
}

export function createTopicWatch({ admin, log, everyMs = EVERY_MS }: TopicWatchOptions): TopicWatch {
  const used = new Map<string, Missing>();
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => void look(), everyMs);
  timer.unref();

  /** Undefined where nobody can say: Kafka is away, or a partition has no leader, which both show elsewhere. */
  async function absent(topics: readonly string[]): Promise<ReadonlySet<string> | undefined> {
    try {
      return await admin.ask('looking for topics', async (client) => {
        try {
          await client.fetchTopicMetadata({ topics: [...topics] });
          return new Set<string>();
        } catch (error) {
          // Which one is not said.
          if (!isNotThereYet(error)) throw error;
          const there = new Set(await client.listTopics());
          return new Set(topics.filter((topic) => !there.has(topic)));
        }
      });
    } catch {
      return undefined;
    }
  }

  async function lookOnce(): Promise<void> {
    if (used.size === 0) return;
    const topics = [...used.keys()];
    const gone = await absent(topics);
    if (gone === undefined) return;
    for (const topic of topics) {
      const known = used.get(topic)!;
      known.looks = gone.has(topic) ? known.looks + 1 : 0;
      if (known.looks >= LOOKS) known.outage.failed(new TopicGoneError([topic]), { topic });
      else if (known.looks === 0) known.outage.recovered({ topic });
    }
  }

  /** A broker that is slow to answer must not make two looks of one. */
  function look(): Promise<void> {
    looking ??= lookOnce().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  return {
    uses(topic) {
      if (used.has(topic)) return;
      // At `error`, as what does not pass by itself.
      const says = { warn: (fields: object, message: string) => log.error(fields, message) };
      const outage = createOutageLog(says, {
        away: 'a topic is gone: whoever reads it stands still and whoever writes it waits, until it is made again',
        back: 'the topic is there again',
      });
      used.set(topic, { looks: 0, outage });
    },
    assertThere() {
      const gone = [...used].flatMap(([topic, { looks }]) => (looks >= LOOKS ? [topic] : []));
      if (gone.length > 0) throw new TopicGoneError(gone);
    },
    look,
    async close() {
      clearInterval(timer);
      await looking;
    },
  };
}
