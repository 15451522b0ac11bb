/**
 * One contender of the webhook benchmark in a process of its own: `node server.ts <contender> <brokers>`. Prints its port, then, at each line on
 * standard input, the microseconds of CPU it has used; ends when standard input does.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { DEFAULT_GATEWAY_SETTINGS } from '@messtrack/messenger-gateway/config.ts';
import { startGateway } from '@messtrack/messenger-gateway/service.ts';
import { TOPIC_LIST } from '@messtrack/proto/topics.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { openWorkspaces } from '@messtrack/workspace/registry.ts';
import { fastify } from 'fastify';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { Registry } from 'prom-client';
import { APP_SECRET, BARE_TOPIC, HOOK_PATH, WORKSPACES } from './load.ts';
import { mergedSend, type Send } from './merged-send.ts';

interface Contender {
  readonly port: number;
  close(): Promise<void>;
}

async function startGatewayContender(brokers: string[]): Promise<Contender> {
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
async function startBareContender(brokers: string[], merged: boolean): Promise<Contender> {
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
  const server = createServer(bareListener(merged ? mergedSend(produce) : (value) => produce([value])));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      server.close();
      await producer.disconnect();
    },
  };
}

function bareListener(send: Send): RequestListener {
  return (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
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
    });
  };
}

const [contender = '', brokerList = ''] = process.argv.slice(2);
const brokers = brokerList.split(',');
const running =
  contender === 'gateway' ? await startGatewayContender(brokers) : await startBareContender(brokers, contender === 'bare merged');
console.log(running.port);
for await (const _ of createInterface({ input: process.stdin })) {
  const { user, system } = process.cpuUsage();
  console.log(user + system);
}
await running.close();
