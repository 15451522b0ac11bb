import { setTimeout as delay } from 'node:timers/promises';
import kafkajs, { type Consumer, type EachBatchPayload, type Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import { BusUnavailableError, FencedError, type RecordPosition, type TopicPartition } from './bus.ts';
import { DamagedBatchError, type DamageLog } from './bus-kafka-damage.ts';
import { isMembershipLost, isRebalancing, isUnavailable, toBusError } from './bus-kafka-errors.ts';
import { correctFetches, type FetchedFrom } from './bus-kafka-fetches.ts';
import { tellGone } from './bus-kafka-gone.ts';
import { watchStandstill } from './bus-kafka-standstill.ts';
import { createOutageLog } from './outage-log.ts';
import { delayBound, withRetry } from './retry.ts';

export interface GroupOptions {
  readonly kafka: Kafka;
  readonly log: Logger;
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly fromBeginning: boolean;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  /** Resolves when a broker answers, by a connection of its own. */
  readonly ping: () => Promise<void>;
  readonly damage: DamageLog;
  /** Batches of one partition at a time. A rejection ends the member. Resolve what has been done: `payload.resolveOffset`. */
  readonly onBatch: (payload: EachBatchPayload) => Promise<void>;
  /** The whole assignment after each join. Called before the first fetch of the new generation. */
  readonly onJoined: (partitions: readonly TopicPartition[], session: GroupSession) => void;
  /** Nothing is ours any more: the connection to the group has been given up, or the member has ended. */
  readonly onLost: () => void;
  /** A fetch that held nothing but transaction markers or aborted records. */
  readonly onEmptied?: (partition: TopicPartition, nextOffset: number, highWatermark: number) => void;
  /** The next records of a partition are damaged: they are asked for again, and until they are right there is something to read that does not come. */
  readonly onDamaged?: (partition: TopicPartition, highWatermark: number) => void;
  /**
   * The log does not hold the offset that was to be read next: retention has overtaken the partition, or its topic has been made anew. Seek elsewhere; it is asked for until then. Without this the partition is read
   * from the beginning of its log, and the log says so.
   */
  readonly onOutOfRange?: (position: RecordPosition) => void;
}

/** What a member can do before `joinGroup` has returned. */
export interface GroupSession {
  readonly memberId: string;
  /** Batches fetched before it takes effect are stale. */
  seek(position: RecordPosition): void;
  /** Ends the member: `crashed` rejects with the reason, nothing is fetched any more. */
  fail(reason: unknown): void;
}

export interface GroupMember {
  readonly crashed: Promise<never>;
  owns(partition: TopicPartition): boolean;
  /** False from the moment the group has answered that it does not know us. */
  isMember(): boolean;
  commit(positions: readonly RecordPosition[]): Promise<void>;
  close(): Promise<void>;
}

/** Batches of so many partitions are handled side by side; more wait. */
const CONCURRENT_PARTITIONS = 64;
/** How long a fetch waits for records; also how long a pause, a seek or a stop may take on a quiet topic. */
const FETCH_WAIT_MS = 250;
const FETCH_BYTES_PER_PARTITION = 1_048_576;
const FETCH_BYTES = 10_485_760;
const COMMIT_BUDGET_MS = 15_000;
/**
 * Between two attempts to join again. kafkajs itself comes back after as little as 10 ms, whatever it has tried before: with the broker refusing, twenty-four times a second.
 */
const FIRST_REJOIN_MS = 100;
const LAST_REJOIN_MS = 2_000;
/** Between two fetches of a batch that is damaged. A flip on the wire is over with the first; where a disk has rotted each costs a megabyte, in vain until another replica leads. */
const FIRST_DAMAGE_PAUSE_MS = 100;
const LAST_DAMAGE_PAUSE_MS = 10_000;

/**
 * A member of a consumer group. What kafkajs does with errors, and what is done here about it: a plain Error from a handler makes it fetch the same
 * batch again, five times, and then start the consumer anew, for ever; a TypeError or a SyntaxError ends it without a word while the process lives
 * on. So no error of a handler reaches kafkajs: it becomes `crashed`, and kafkajs gets one that it gives up on at once. What kafkajs itself gives up
 * on arrives through its CRASH event; what it starts anew (broker away) costs us the partitions until it has joined again.
 */
export async function joinGroup(options: GroupOptions): Promise<GroupMember> {
  const outage = createOutageLog(options.log.child({ groupId: options.groupId }), {
    away: 'consumer lost its group and joins again',
    back: 'consumer is in its group again',
  });
  const leaving = new AbortController();
  let crashes = 0;
  const heartbeatMs = Math.min(3_000, Math.floor(options.sessionTimeoutMs / 4));
  const consumer = options.kafka.consumer({
    groupId: options.groupId,
    allowAutoTopicCreation: false,
    sessionTimeout: options.sessionTimeoutMs,
    rebalanceTimeout: options.rebalanceTimeoutMs,
    heartbeatInterval: heartbeatMs,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    maxBytesPerPartition: FETCH_BYTES_PER_PARTITION,
    maxBytes: FETCH_BYTES,
    retry: { restartOnFailure: joinAgain },
    partitionAssigners: [
      (config) => {
        correctFetches(config.cluster, { onFetched, onOutOfRange });
        return kafkajs.PartitionAssigners.roundRobin(config);
      },
    ],
  });
  const ending = Promise.withResolvers<never>();
  // Whoever does not care for `crashed` must not take the process down with an unhandled rejection on an orderly close.
  ending.promise.catch(() => undefined);
  const joined = Promise.withResolvers<void>();
  const fetched = Promise.withResolvers<void>();
  let [member, failed, closing] = [false, false, false];
  /** How often the group has been joined. An answer about an earlier membership may come after the next has begun, and says nothing of it. */
  let joins = 0;
  let owned = new Set<string>();
  let last: EachBatchPayload | undefined;
  let handling = 0;
  /** Of damaged partitions: fetches in vain, and what ends the pause. */
  const damaged = new Map<string, { tries: number; timer?: NodeJS.Timeout }>();
  /** Where partitions were to be read on that kafkajs has sent back to their beginning. */
  const sentBack = new Map<string, number>();

  joined.promise.catch(() => undefined);
  fetched.promise.catch(() => undefined);
  const seek = ({ topic, partition, offset }: RecordPosition) => {
    if (!closing && !failed) consumer.seek({ topic, partition, offset: String(offset) });
  };
  const lose = () => {
    member = false;
    owned = new Set();
    options.onLost();
  };
  const fail = (reason: unknown) => {
    if (failed) return;
    failed = true;
    dropPauses();
    standstill.stop();
    leaving.abort();
    ending.reject(reason);
    joined.reject(reason);
    fetched.reject(reason);
    // kafkajs waits for handlers in progress, and this may be called from one.
    void consumer.disconnect().catch(() => undefined);
    lose();
  };

  /** Before kafkajs has it. */
  function onFetched({ topic, partition, offset, fetched }: FetchedFrom): void {
    const place = placeOf({ topic, partition });
    const [firstMessage, lastMessage] = [fetched.messages[0], fetched.messages.at(-1)];
    const wanted = sentBack.get(place);
    if (wanted !== undefined && firstMessage !== undefined) {
      sentBack.delete(place);
      tellGone(options.log, { topic, partition, offset: wanted }, Math.max(offset, Number(firstMessage.offset)));
    }
    if (lastMessage !== undefined && Number(lastMessage.offset) >= offset) {
      // Also those before a damaged batch: the fetch after them begins with it.
      options.damage.passed({ topic, partition }, Number(lastMessage.offset) + 1);
      damaged.delete(place);
      return;
    }
    if (fetched.damaged === undefined || closing || failed) return;
    options.damage.found(new DamagedBatchError({ topic, partition, offset }, fetched.damaged.nextOffset));
    options.onDamaged?.({ topic, partition }, Number(fetched.highWatermark));
    const tries = (damaged.get(place)?.tries ?? 0) + 1;
    const partitions = [{ topic, partitions: [partition] }];
    consumer.pause(partitions);
    const goOn = () => {
      if (!closing && !failed) consumer.resume(partitions);
    };
    damaged.set(place, { tries, timer: setTimeout(goOn, delayBound(tries, FIRST_DAMAGE_PAUSE_MS, LAST_DAMAGE_PAUSE_MS)) });
  }

  function onOutOfRange(position: RecordPosition): boolean {
    if (closing || failed || options.onOutOfRange === undefined) {
      sentBack.set(placeOf(position), position.offset);
      return false;
    }
    options.onOutOfRange(position);
    return true;
  }

  function dropPauses(): void {
    for (const { timer } of damaged.values()) clearTimeout(timer);
  }

  const standstill = watchStandstill({
    isExcused: () => handling > 0 || (member && owned.size === 0),
    ping: options.ping,
    onStandstill: fail,
  });

  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    standstill.moved();
    const partitions = Object.entries(payload.memberAssignment).flatMap(([topic, numbers]) =>
      numbers.map((partition) => ({ topic, partition })),
    );
    owned = new Set(partitions.map(placeOf));
    member = true;
    joins += 1;
    crashes = 0;
    outage.recovered();
    if (!closing && !failed) options.onJoined(partitions, { memberId: payload.memberId, seek, fail });
    joined.resolve();
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (closing || failed) return;
    // What is started anew has come through `joinAgain`.
    if (!payload.restart) fail(payload.error);
  });
  consumer.on(consumer.events.FETCH, () => {
    // Who is no member drops what it fetches: that is no sign of life.
    if (member) standstill.moved();
    fetched.resolve();
  });
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
    if (payload.batchSize > 0) return;
    options.onEmptied?.(payload, Number(payload.lastOffset) + 1, Number(payload.highWatermark));
  });

  /** Asked by kafkajs when the consumer has crashed of something that passes; it starts it anew when this resolves with true. */
  async function joinAgain(error: Error): Promise<boolean> {
    if (closing || failed) return false;
    outage.failed(error);
    lose();
    crashes += 1;
    await delay(delayBound(crashes, FIRST_REJOIN_MS, LAST_REJOIN_MS), undefined, { signal: leaving.signal }).catch(() => undefined);
    return !closing && !failed;
  }

  async function eachBatch(payload: EachBatchPayload): Promise<void> {
    last = payload;
    const heartbeat = async () => {
      const asked = joins;
      try {
        await payload.heartbeat();
      } catch (error) {
        // Rebalancing waits for the handler; anything else than a lost membership is for kafkajs to notice at its own next heartbeat.
        if (isMembershipLost(error) && !isRebalancing(error) && asked === joins) member = false;
      }
    };
    const beating = setInterval(heartbeat, heartbeatMs);
    handling += 1;
    try {
      await options.onBatch({ ...payload, heartbeat });
    } catch (error) {
      // The batch belongs to somebody else now. Nothing is wrong: it stays uncommitted, and the next heartbeat makes us join again.
      if (error instanceof FencedError && !member) return;
      fail(error);
      throw new kafkajs.KafkaJSNonRetriableError('the handler rejected');
    } finally {
      clearInterval(beating);
      handling -= 1;
      if (member) standstill.moved();
    }
  }

  async function commit(positions: readonly RecordPosition[]): Promise<void> {
    if (positions.length === 0) return;
    for (const each of positions) {
      if (!owned.has(placeOf(each)))
        throw new FencedError(`${each.topic}/${each.partition} belongs to another member of ${options.groupId}`);
    }
    const topics = [...Map.groupBy(positions, (each) => each.topic)].map(([topic, list]) => ({
      topic,
      partitions: list.map(({ partition, offset }) => ({ partition, offset: String(offset) })),
    }));
    // Not consumer.commitOffsets: once the consumer is stopping that one resolves without committing, and the last batch would come twice.
    const payload = last;
    const asked = joins;
    const once =
      payload === undefined
        ? () => consumer.commitOffsets(positions.map((each) => ({ ...each, offset: String(each.offset) })))
        : () => payload.commitOffsetsIfNecessary({ topics });
    try {
      await withRetry(once, { isTransient: (error) => isUnavailable(error) && !isMembershipLost(error), budgetMs: COMMIT_BUDGET_MS });
    } catch (error) {
      if (isMembershipLost(error)) {
        // A commit that is on its way while the group is joined anew is refused for the generation before, and the refusal may come when we are a member again. Taken for a loss it would
        // never be mended: kafkajs, which is in the group, has nothing to join.
        if (asked === joins) member = false;
        throw new FencedError(`${options.groupId} has a new generation`, { cause: error });
      }
      throw error instanceof Error && error.name === 'RetryBudgetError'
        ? new BusUnavailableError('committing: Kafka does not answer', { cause: error.cause })
        : toBusError(error, 'committing');
    }
  }

  async function close(): Promise<void> {
    closing = true;
    dropPauses();
    standstill.stop();
    leaving.abort();
    await consumer.disconnect();
    if (owned.size > 0) lose();
  }

  try {
    await start(consumer, options, eachBatch);
    // `latest` is where the log ends when the first fetch asks, not when the group is joined.
    await Promise.all(options.fromBeginning ? [joined.promise] : [joined.promise, fetched.promise]);
  } catch (error) {
    closing = true;
    dropPauses();
    standstill.stop();
    leaving.abort();
    await consumer.disconnect().catch(() => undefined);
    throw toBusError(error, `joining ${options.groupId}`);
  }
  return {
    crashed: ending.promise,
    owns: (partition) => member && owned.has(placeOf(partition)),
    isMember: () => member,
    commit,
    close,
  };
}

async function start(consumer: Consumer, options: GroupOptions, eachBatch: (payload: EachBatchPayload) => Promise<void>): Promise<void> {
  await consumer.connect();
  await consumer.subscribe({ topics: [...options.topics], fromBeginning: options.fromBeginning });
  await consumer.run({
    autoCommit: false,
    // The default takes the whole batch for done when the handler returns, also when it stopped half way.
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
    eachBatch,
  });
}

export function placeOf({ topic, partition }: TopicPartition): string {
  return `${partition} ${topic}`;
}
