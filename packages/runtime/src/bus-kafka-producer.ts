import type { Kafka, Producer as KafkaJsProducer, RecordMetadata } from 'kafkajs';
import { BusUnavailableError, type OutRecord, type Producer, type RecordPosition, RecordTooLargeError } from './bus.ts';
import { SEND_DEADLINE_MS } from './bus-kafka-client.ts';
import { isSequenceLost, isTooLarge, toBusError } from './bus-kafka-errors.ts';
import { fitting, type PlacedRecord, placeRecord, REQUEST_RECORDS, topicMessages } from './bus-kafka-request.ts';
import type { TopicFacts } from './bus-kafka-topics.ts';

/** What waits at most; more is refused at once. While Kafka is away callers spool or answer 503, the heap is no spool. Bytes. */
const MAX_QUEUED_BYTES = 67_108_864;

export interface KafkaProducerOptions {
  readonly kafka: Pick<Kafka, 'producer'>;
  readonly facts: (topic: string) => Promise<TopicFacts>;
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
  const open = new Set<Promise<unknown>>();

  async function send(records: readonly OutRecord[]): Promise<readonly RecordPosition[]> {
    if (closed) throw new BusUnavailableError('the producer is closed');
    if (records.length === 0) return [];
    const answer = withDeadline(deadlineMs, (signal) => enqueue(records, signal));
    open.add(answer);
    try {
      return await answer;
    } finally {
      open.delete(answer);
    }
  }

  async function enqueue(records: readonly OutRecord[], signal: AbortSignal): Promise<readonly RecordPosition[]> {
    const placed = await place(records, options.facts);
    const bytes = placed.reduce((sum, each) => sum + each.bytes, 0);
    if (queuedBytes + bytes > MAX_QUEUED_BYTES) throw new BusUnavailableError(`${queuedBytes} bytes are waiting for Kafka already`);
    const { promise, resolve, reject } = Promise.withResolvers<readonly RecordPosition[]>();
    const call: Call = {
      positions: new Array<RecordPosition>(placed.length),
      missing: placed.length,
      settled: false,
      resolve,
      reject,
      signal,
    };
    placed.forEach((record, index) => {
      queue.push({ record, call, index });
    });
    queuedBytes += bytes;
    pumping ??= pump();
    return promise;
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
    return entries.filter(({ call }) => !call.settled && !call.signal.aborted);
  }

  async function request(entries: readonly Entry[]): Promise<void> {
    current ??= connect(options.kafka);
    const using = current;
    try {
      const answer = await withDeadline(deadlineMs, () => transmit(using, entries));
      assign(entries, answer);
    } catch (error) {
      current = undefined;
      retire(using);
      const reason = failure(error, entries.length);
      for (const { call } of entries) {
        call.settled = true;
        call.reject(reason);
      }
    }
  }

  return {
    send,
    async close() {
      closed = true;
      await Promise.allSettled(open);
      await pumping;
      await (await current?.catch(() => undefined))?.disconnect();
    },
  };
}

interface Call {
  readonly positions: RecordPosition[];
  missing: number;
  settled: boolean;
  readonly resolve: (positions: readonly RecordPosition[]) => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal;
}

interface Entry {
  readonly record: PlacedRecord;
  readonly call: Call;
  readonly index: number;
}

async function place(records: readonly OutRecord[], facts: (topic: string) => Promise<TopicFacts>): Promise<readonly PlacedRecord[]> {
  const topics = [...new Set(records.map((each) => each.topic))];
  const known = new Map(await Promise.all(topics.map(async (topic): Promise<[string, TopicFacts]> => [topic, await facts(topic)])));
  return records.map((record) => placeRecord(record, known.get(record.topic)!));
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
function assign(entries: readonly Entry[], answer: readonly RecordMetadata[]): void {
  const next = new Map(answer.map((each) => [`${each.partition} ${each.topicName}`, Number(each.baseOffset)]));
  for (const { record, call, index } of entries) {
    const place = `${record.partition} ${record.topic}`;
    const offset = next.get(place);
    if (offset === undefined) throw new Error(`kafkajs gave no answer for ${record.topic}/${record.partition}`);
    next.set(place, offset + 1);
    call.positions[index] = { topic: record.topic, partition: record.partition, offset };
    if (--call.missing === 0) {
      call.settled = true;
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

async function withDeadline<T>(deadlineMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    controller.abort();
    reject(new BusUnavailableError(`Kafka did not take the records within ${deadlineMs} ms`));
  }, deadlineMs);
  try {
    return await Promise.race([work(controller.signal), promise]);
  } finally {
    clearTimeout(timer);
  }
}
