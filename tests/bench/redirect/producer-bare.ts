import { randomBytes } from 'node:crypto';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { Kafka, logLevel } from 'kafkajs';
import { protobufCodec } from '../../../services/ingest/src/adapters/codec.ts';

/**
 * kafkajs and nothing else, writing the records of the same redirects with acks=all, as many in flight as the load generator has connections.
 * argv: brokers, topic, records in flight, records per send, seconds. Prints what was acknowledged.
 */
const [, , brokers = '', topic = '', inFlightText = '', perSendText = '', secondsText = ''] = process.argv;
const inFlight = Number(inFlightText);
const perSend = Number(perSendText);

/** Encoding is the service's work, not the bare producer's: made before the clock starts. */
const messages = Array.from({ length: 5_000 }, () => {
  const now = Date.now();
  const record = protobufCodec.click(
    {
      workspace: 'demo',
      account: 'sales-wa',
      placement: 'ad-redirect',
      clickId: randomBytes(16).toString('base64url'),
      code: newCode(randomBytes),
      carrier: 'visible',
      greetingVariant: 1,
      visitId: '',
      visitorId: '',
      source: {
        utmSource: 'google',
        utmMedium: 'cpc',
        utmCampaign: 'spring',
        utmContent: '',
        utmTerm: '',
        referrerHost: 'www.google.com',
        clickIds: { gclid: 'EAIaIQobChMI123' },
      },
      visitor: {
        ip: '127.0.0.1',
        place: { country: '', region: '', city: '' },
        device: 'ios',
        userAgent:
          'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
        languages: ['de-DE', 'de', 'en'],
        bot: undefined,
      },
      keptIp: '',
      origin: 'redirect',
      eventTimeMs: now,
      observedAtMs: now,
    },
    now,
    undefined,
  );
  return { key: record.key, value: Buffer.from(record.value), headers: { ...record.headers } };
});

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
