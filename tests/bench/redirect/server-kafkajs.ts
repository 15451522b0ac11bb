import { createServer } from 'node:http';
import { Kafka, logLevel, type Message } from 'kafkajs';
import { announce } from './announce.ts';
import { ANSWER_HEADERS } from './answer.ts';
import { clickMessages } from './records.ts';

/**
 * Node's own HTTP server and kafkajs in one process, and nothing else: a redirect is answered after the ack of its record. What arrives while a send is
 * on its way goes out together in the next one, as much as a bare loop can do. argv: brokers, topic.
 */
const [, , brokers = '', topic = ''] = process.argv;
const messages = clickMessages(5_000);
const kafka = new Kafka({ clientId: 'bench-http-kafkajs', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
await producer.connect();

let waiting: { readonly message: Message; readonly answer: () => void }[] = [];
let isSending = false;
let next = 0;

async function flush(): Promise<void> {
  if (isSending) return;
  isSending = true;
  while (waiting.length > 0) {
    const batch = waiting;
    waiting = [];
    await producer.send({ topic, acks: -1, messages: batch.map(({ message }) => message) });
    for (const { answer } of batch) answer();
  }
  isSending = false;
}

const server = createServer((_request, response) => {
  next += 1;
  waiting.push({
    message: messages[next % messages.length]!,
    answer: () => {
      response.writeHead(302, ANSWER_HEADERS);
      response.end();
    },
  });
  setImmediate(flush);
});
server.listen(0, '127.0.0.1', () => announce(server));
