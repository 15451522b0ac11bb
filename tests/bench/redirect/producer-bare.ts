import { Kafka, logLevel } from 'kafkajs';
import { clickMessages } from './records.ts';

/**
 * kafkajs and nothing else, writing the records of the same redirects with acks=all, as many in flight as the load generator has connections.
 * argv: brokers, topic, records in flight, records per send, seconds. Prints what was acknowledged.
 */
const [, , brokers = '', topic = '', inFlightText = '', perSendText = '', secondsText = ''] = process.argv;
const inFlight = Number(inFlightText);
const perSend = Number(perSendText);

const messages = clickMessages(5_000);

const kafka = new Kafka({ clientId: 'bench-bare', brokers: brokers.split(','), logLevel: logLevel.NOTHING });
const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 5 });
await producer.connect();

let isCounting = false;
let isRunning = true;
let acknowledged = 0;
let next = 0;
const lanes = Array.from({ length: Math.max(1, Math.floor(inFlight / perSend)) }, async () => {
  while (isRunning) {
    const batch = Array.from({ length: perSend }, () => {
      next += 1;
      return messages[next % messages.length]!;
    });
    await producer.send({ topic, acks: -1, messages: batch });
    if (isCounting) acknowledged += batch.length;
  }
});
await new Promise((resolve) => setTimeout(resolve, 2_000));
isCounting = true;
const began = performance.now();
await new Promise((resolve) => setTimeout(resolve, Number(secondsText) * 1_000));
isCounting = false;
const seconds = (performance.now() - began) / 1_000;
isRunning = false;
await Promise.all(lanes);
await producer.disconnect();
console.log(JSON.stringify({ acknowledged, seconds }));
