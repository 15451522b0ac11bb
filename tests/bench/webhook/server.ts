/**
 * One contender of the webhook benchmark in a process of its own: `node server.ts <contender> <brokers>`. Prints its port, then, at each line on
 * standard input, the microseconds of CPU it has used; ends when standard input does.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { DEFAULT_GATEWAY_SETTINGS } from '@messtrack/messenger-gateway/config.ts';
import { startGateway } from '@messtrack/messenger-gateway/service.ts';
import { TOPIC_LIST } from '@messtrack/proto/topics.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { openWorkspaces } from '@messtrack/workspace/registry.ts';
import { fastify } from 'fastify';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { Registry } from 'prom-client';
import { type Serving, serveBare, serveContender } from './contender-process.ts';
import { APP_SECRET, BARE_TOPIC, HOOK_PATH, WORKSPACES } from './load.ts';
import { mergedSend } from './merged-send.ts';

async function startGatewayContender(brokers: string[]): Promise<Serving> {
  const log = createLogger('bench', 'warn');
  const bus = await openKafkaBus({ brokers, clientId: 'bench-gateway', log });
  await bus.ensureTopics(TOPIC_LIST);
  const workspaces = await openWorkspaces({ dir: WORKSPACES, env: {}, log: createLogger('bench', 'error'), watch: false });
  const app = fastify();
  const gateway = await startGateway({ app, bus, workspaces, settings: DEFAULT_GATEWAY_SETTINGS, log, registry: new Registry() });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const address = app.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async close() {
      await app.close();
      await gateway.close?.();
      await bus.close();
    },
  };
}

/** What anybody would write first: node:http, HMAC over the bytes, JSON.parse, produce, 200. */
async function startBareContender(brokers: string[], merged: boolean): Promise<Serving> {
  const kafka = new Kafka({ brokers, clientId: 'bench-bare', logLevel: logLevel.ERROR });
  // One send per post has many requests in flight, and an idempotent kafkajs producer loses its sequence then: the naive loop goes without.
  const producer = kafka.producer(merged ? { idempotent: true, maxInFlightRequests: 1 } : {});
  await producer.connect();
  const produce = (values: readonly Buffer[]) =>
    producer.send({
      topic: BARE_TOPIC,
      acks: -1,
      compression: CompressionTypes.None,
      messages: values.map((value) => ({ key: 'demo/sales-wa', value })),
    });
  const send = merged ? mergedSend(produce) : (value: Buffer) => produce([value]);
  return serveBare((body, request, response) => {
    const expected = createHmac('sha256', APP_SECRET).update(body).digest();
    const given = Buffer.from(String(request.headers['x-hub-signature-256']).slice(7), 'hex');
    if (request.url !== HOOK_PATH || given.length !== expected.length || !timingSafeEqual(expected, given)) {
      response.writeHead(401).end();
      return;
    }
    JSON.parse(body.toString('utf8'));
    send(body).then(
      () => response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n'),
      () => response.writeHead(503).end(),
    );
  }, producer.disconnect);
}

await serveContender((contender, brokers) =>
  contender === 'gateway' ? startGatewayContender(brokers) : startBareContender(brokers, contender === 'bare merged'),
);
