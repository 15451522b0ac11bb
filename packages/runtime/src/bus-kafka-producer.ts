import type { Kafka, Producer as KafkaJsProducer, RecordMetadata } from 'kafkajs';
import { BusUnavailableError, type OutRecord, type Producer, type RecordPosition, RecordTooLargeError } from './bus.ts';
import { SEND_DEADLINE_MS } from './bus-kafka-client.ts';
import { isSequenceLost, isTooLarge, toBusError } from './bus-kafka-errors.ts';
import { fitting, type PlacedRecord, placeRecord, REQUEST_RECORDS, topicMessages } from './bus-kafka-request.ts';
import type { FindTopicFacts, TopicFacts } from './bus-kafka-topics.ts';

/** What waits at most; more is refused at once. While Kafka is away callers spool or answer 503, the heap is no spool. Bytes. */
const MAX_QUEUED_BYTES = 67_108_864;

export interface KafkaProducerOptions {
  readonly kafka: Pick<Kafka, 'producer'>;
  readonly facts: FindTopicFacts;
  readonly deadlineMs?: number;
}

/**
 * Concurrent calls become one request at a time: whatever has been queued while a request was under way goes out together in the next one.
 * One request per call would cap a service at the broker's round trips.
 *
 * A rejection means "not known to be durable": a request that ran into the deadline may still be written, so whoever sends again sends the same
 * event id. Nothing sent by one call is ever written out of order.
 *
 * The kafkajs producer is thrown away after every failed request. kafkajs takes the sequence numbers of a failed request back and gives them to
 * the next one; if the broker did write the first, it would take the second for a repetition and drop it with a success.
 */
export function createKafkaProducer(options: KafkaProducerOptions): Producer {
  const deadlineMs = options.deadlineMs ?? SEND_DEADLINE_MS;
  const queue: Entry[] = [];
  let queuedBytes = 0;
  let current: Promise<KafkaJsProducer> | undefined;
  let pumping: Promise<void> | undefined;
  let closed = false;
  /** Oldest first, as sets keep the order. All have the same patience, so the first is the next to run out of it, and one timer serves them all. */
  const open = new Set<Call>();
  let timer: NodeJS.Timeout | undefined;

  function send(records: readonly OutRecord[]): Promise<readonly RecordPosition[]> {
    if (closed) return Promise.reject(new BusUnavailableError('the producer is closed'));
    if (records.length === 0) return Promise.resolve([]);
    const { promise, resolve, reject } = Promise.withResolvers<readonly RecordPosition[]>();
    const call: Call = {
      positions: new Array<RecordPosition>(records.length),
      missing: records.length,
      expiresAt: performance.now() + deadlineMs,
      settled: false,
      promise,
      resolve,
      reject,
    };
    open.add(call);
    timer ??= setTimeout(expire, deadlineMs);
    try {
      const placed = placeAtOnce(records, options.facts);
      if (placed === undefined) enqueueLater(records, call).catch((error: unknown) => refuse(call, error));
      else enqueue(placed, call);
    } catch (error) {
      refuse(call, error);
    }
    return promise;
  }

  async function enqueueLater(records: readonly OutRecord[], call: Call): Promise<void> {
    const placed = await place(records, options.facts);
    if (!call.settled) enqueue(placed, call);
  }

  function enqueue(placed: readonly PlacedRecord[], call: Call): void {
    let bytes = 0;
    for (const each of placed) bytes += each.bytes;
    if (queuedBytes + bytes > MAX_QUEUED_BYTES) throw new BusUnavailableError(`${queuedBytes} bytes are waiting for Kafka already`);
    for (let index = 0; index < placed.length; index++) queue.push({ record: placed[index]!, call, index });
    queuedBytes += bytes;
    pumping ??= pump();
  }

  function refuse(call: Call, reason: unknown): void {
    settle(call);
    call.reject(reason);
  }

  function settle(call: Call): void {
    call.settled = true;
    open.delete(call);
    if (open.size > 0) return;
    clearTimeout(timer);
    timer = undefined;
  }

  function expire(): void {
    const now = performance.now();
    for (const call of open) {
      if (call.expiresAt > now) {
        timer = setTimeout(expire, Math.ceil(call.expiresAt - now));
        return;
      }
      refuse(call, tooLate(deadlineMs));
    }
  }

  async function pump(): Promise<void> {
    // One turn of the event loop: requests that arrived together leave together.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.length > 0) {
      const entries = take();
      if (entries.length > 0) await request(entries);
    }
    pumping = undefined;
  }

  /** From the front; entries of calls that have given up are dropped, so that they are never written. */
  function take(): readonly Entry[] {
    const count = fitting(queue.slice(0, REQUEST_RECORDS).map((each) => each.record));
    const entries = queue.splice(0, count);
    for (const { record } of entries) queuedBytes -= record.bytes;
    return entries.filter(({ call }) => !call.settled);
  }

  async function request(entries: readonly Entry[]): Promise<void> {
    current ??= connect(options.kafka);
    const using = current;
    try {
      const answer = await withDeadline(deadlineMs, transmit(using, entries));
      assign(entries, answer, settle);
    } catch (error) {
      current = undefined;
      retire(using);
      const reason = failure(error, entries.length);
      for (const { call } of entries) refuse(call, reason);
    }
  }

  return {
    send,
    async close() {
      closed = true;
      await Promise.allSettled([...open].map(({ promise }) => promise));
      await pumping;
      await (await current?.catch(() => undefined))?.disconnect();
    },
  };
}

interface Call {
  readonly positions: RecordPosition[];
  missing: number;
  /** By `performance.now()`. */
  readonly expiresAt: number;
  settled: boolean;
  readonly promise: Promise<readonly RecordPosition[]>;
  readonly resolve: (positions: readonly RecordPosition[]) => void;
  readonly reject: (reason: unknown) => void;
}

interface Entry {
  readonly record: PlacedRecord;
  readonly call: Call;
  readonly index: number;
}

/** Undefined where facts of a topic have to be waited for. */
function placeAtOnce(records: readonly OutRecord[], facts: FindTopicFacts): readonly PlacedRecord[] | undefined {
  const placed = new Array<PlacedRecord>(records.length);
  let topic: string | undefined;
  let known: TopicFacts | undefined;
  for (let index = 0; index < records.length; index++) {
    const record = records[index]!;
    if (known === undefined || record.topic !== topic) {
      topic = record.topic;
      const found = facts(topic);
      if (found instanceof Promise) return undefined;
      known = found;
    }
    placed[index] = placeRecord(record, known);
  }
  return placed;
}

async function place(records: readonly OutRecord[], facts: FindTopicFacts): Promise<readonly PlacedRecord[]> {
  const placed: PlacedRecord[] = [];
  let topic: string | undefined;
  let known: TopicFacts | undefined;
  for (const record of records) {
    if (known === undefined || record.topic !== topic) {
      topic = record.topic;
      known = await facts(topic);
    }
    placed.push(placeRecord(record, known));
  }
  return placed;
}

async function connect(kafka: Pick<Kafka, 'producer'>): Promise<KafkaJsProducer> {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: explicitPartition,
  });
  await producer.connect();
  return producer;
}

/** Every message comes with its partition. */
export function explicitPartition(): (args: { readonly message: { readonly partition?: number } }) => number {
  return ({ message }) => message.partition!;
}

const transmissions = new WeakMap<Promise<KafkaJsProducer>, Promise<unknown>>();

async function transmit(producer: Promise<KafkaJsProducer>, entries: readonly Entry[]): Promise<readonly RecordMetadata[]> {
  const client = await producer;
  const answer = client.sendBatch({ acks: -1, topicMessages: topicMessages(entries.map((each) => each.record)) });
  transmissions.set(producer, answer);
  return answer;
}

/** Disconnecting does not stop kafkajs from trying again: its last attempt would open connections that nobody closes. */
function retire(producer: Promise<KafkaJsProducer>): void {
  const disconnect = async () => (await producer).disconnect();
  disconnect().catch(() => undefined);
  transmissions
    .get(producer)
    ?.catch(() => undefined)
    .then(disconnect)
    .catch(() => undefined);
}

/** The broker answers with the first offset per partition; records of a partition follow it in the order they were given. */
function assign(entries: readonly Entry[], answer: readonly RecordMetadata[], settle: (call: Call) => void): void {
  const next = new Map(answer.map((each) => [`${each.partition} ${each.topicName}`, { offset: Number(each.baseOffset) }]));
  let previous: PlacedRecord | undefined;
  let following: { offset: number } | undefined;
  for (const { record, call, index } of entries) {
    // Neighbours mostly go to the same place, an account's partition: it is looked up where it changes.
    if (previous === undefined || record.partition !== previous.partition || record.topic !== previous.topic) {
      following = next.get(`${record.partition} ${record.topic}`);
      previous = record;
    }
    if (following === undefined) throw new Error(`kafkajs gave no answer for ${record.topic}/${record.partition}`);
    call.positions[index] = { topic: record.topic, partition: record.partition, offset: following.offset++ };
    if (--call.missing === 0) {
      settle(call);
      call.resolve(call.positions);
    }
  }
}

function failure(error: unknown, records: number): unknown {
  // Refused together, by a limit lowered since we asked: which record is to blame is not known, and the next call is placed by the new limit.
  if (isTooLarge(error) && records > 1 && !(error instanceof RecordTooLargeError)) {
    return new BusUnavailableError('the broker refused a request as too large', { cause: error });
  }
  if (isSequenceLost(error)) return new BusUnavailableError('the broker lost track of the producer', { cause: error });
  return toBusError(error, 'sending');
}

function tooLate(deadlineMs: number): BusUnavailableError {
  return new BusUnavailableError(`Kafka did not take the records within ${deadlineMs} ms`);
}

async function withDeadline<T>(deadlineMs: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(tooLate(deadlineMs)), deadlineMs);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}
