import type { Kafka, Message, ProducerBatch, RecordMetadata } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { BusUnavailableError } from '../src/bus.ts';
import { createKafkaProducer } from '../src/bus-kafka-producer.ts';

type Answer = (batch: ProducerBatch, request: number) => Promise<'written'>;

/** kafkajs as far as the producer uses it, with a log that can say no. */
function fakeKafka(answer: Answer) {
  const requests: string[][] = [];
  const logs = new Map<string, string[]>();
  let [made, closed] = [0, 0];
  const producer = () => {
    made++;
    return {
      connect: async () => undefined,
      disconnect: async () => {
        closed++;
      },
      sendBatch: async (batch: ProducerBatch): Promise<RecordMetadata[]> => {
        const messages = (batch.topicMessages ?? []).flatMap(({ topic, messages }) => messages.map((message) => ({ topic, message })));
        requests.push(messages.map(({ message }) => String(message.value)));
        await answer(batch, requests.length);
        const first = new Map<string, RecordMetadata>();
        for (const { topic, message } of messages) write(first, topic, message);
        return [...first.values()];
      },
    };
  };
  const write = (first: Map<string, RecordMetadata>, topic: string, { partition = 0, value }: Message) => {
    const place = `${topic}/${partition}`;
    const log = logs.get(place) ?? [];
    logs.set(place, log);
    if (!first.has(place)) first.set(place, { topicName: topic, partition, errorCode: 0, baseOffset: String(log.length) });
    log.push(String(value));
  };
  const kafka = { producer } as unknown as Pick<Kafka, 'producer'>;
  return { kafka, requests, logs, made: () => made, closed: () => closed };
}

const facts = async () => ({ partitions: 3, maxBatchBytes: 1_048_576 });
const record = (value: string, partition = 0) => ({ topic: 't', key: 'k', value: Buffer.from(value), headers: {}, partition });

describe('the producer', () => {
  it('sends calls that come together, and those that come meanwhile, in one request each', async () => {
    const gate = Promise.withResolvers<'written'>();
    const fake = fakeKafka((_, request) => (request === 1 ? gate.promise : Promise.resolve('written')));
    const producer = createKafkaProducer({ kafka: fake.kafka, facts });
    const together = ['a', 'b', 'c'].map((value) => producer.send([record(value)]));
    while (fake.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const meanwhile = ['d', 'e', 'f', 'g'].map((value, index) => producer.send([record(value, index % 2), record(`${value}2`, index % 2)]));
    gate.resolve('written');
    expect((await Promise.all(together)).flat().map((each) => each.offset)).toEqual([0, 1, 2]);
    expect((await Promise.all(meanwhile)).map((each) => each.map(({ partition, offset }) => [partition, offset]))).toEqual([
      [
        [0, 3],
        [0, 4],
      ],
      [
        [1, 0],
        [1, 1],
      ],
      [
        [0, 5],
        [0, 6],
      ],
      [
        [1, 2],
        [1, 3],
      ],
    ]);
    expect(fake.requests.map((each) => each.length)).toEqual([3, 8]);
    await producer.close();
    expect([fake.made(), fake.closed()]).toEqual([1, 1]);
  });

  it('takes a new kafkajs producer after a failure: its sequence numbers may have been used', async () => {
    const fake = fakeKafka(async (_, request) => {
      if (request === 1) throw Object.assign(new Error('closed'), { name: 'KafkaJSConnectionClosedError' });
      return 'written';
    });
    const producer = createKafkaProducer({ kafka: fake.kafka, facts });
    await expect(producer.send([record('a')])).rejects.toBeInstanceOf(BusUnavailableError);
    await producer.send([record('b')]);
    await producer.close();
    expect([fake.made(), fake.closed() >= 2]).toEqual([2, true]);
    expect(fake.logs.get('t/0')).toEqual(['b']);
  });

  it('rejects at its deadline although kafkajs says nothing, and never sends what was still waiting', async () => {
    const fake = fakeKafka((_, request) => (request === 1 ? new Promise(() => undefined) : Promise.resolve('written')));
    const producer = createKafkaProducer({ kafka: fake.kafka, facts, deadlineMs: 40 });
    const first = producer.send([record('stuck')]);
    while (fake.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const second = producer.send([record('waiting')]);
    await expect(first).rejects.toBeInstanceOf(BusUnavailableError);
    const outcome = await second.then(
      () => 'written',
      () => 'rejected',
    );
    await producer.send([record('after')]);
    await producer.close();
    expect(fake.logs.get('t/0')).toEqual(outcome === 'written' ? ['waiting', 'after'] : ['after']);
  });

  it('refuses at once what it cannot hold', async () => {
    const fake = fakeKafka(() => new Promise(() => undefined));
    const producer = createKafkaProducer({ kafka: fake.kafka, facts, deadlineMs: 100 });
    const megabyte = 'x'.repeat(1_000_000);
    const calls = Array.from({ length: 80 }, (_, index) =>
      producer.send([record(megabyte, index % 3)]).catch((error: unknown) => String(error)),
    );
    const answers = await Promise.all(calls);
    expect(answers.filter((each) => String(each).includes('bytes are waiting')).length).toBeGreaterThan(0);
    await producer.close();
  });

  it('passes on what is a mistake of the caller as it is', async () => {
    const fake = fakeKafka(async () => 'written');
    const producer = createKafkaProducer({ kafka: fake.kafka, facts });
    await expect(producer.send([record('a', 7)])).rejects.toBeInstanceOf(RangeError);
    await producer.close();
  });
});
