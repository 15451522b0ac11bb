/**
 * One contender of the benchmark of providers in a process of its own: `node server.ts gateway|bare <brokers>`. Prints its port, then, at each line on
 * standard input, the microseconds of CPU it has used; ends when standard input does.
 */
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { DEFAULT_GATEWAY_SETTINGS } from '@messtrack/messenger-gateway/config.ts';
import { startGateway } from '@messtrack/messenger-gateway/service.ts';
import { TOPIC_LIST } from '@messtrack/proto/topics.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { openWorkspaces } from '@messtrack/workspace/registry.ts';
import { fastify } from 'fastify';
import { CompressionTypes, Kafka, logLevel } from 'kafkajs';
import { Registry } from 'prom-client';
import { type Serving, serveBare, serveContender } from '../webhook/contender-process.ts';
import { mergedSend } from '../webhook/merged-send.ts';
import { BARE_TOPIC, CASES } from './cases.ts';

async function startGatewayContender(brokers: string[]): Promise<Serving> {
  const log = createLogger('bench', 'warn');
  const bus = await openKafkaBus({ brokers, clientId: 'bench-gateway', log });
  await bus.ensureTopics(TOPIC_LIST);
  const dir = fileURLToPath(new URL('.', import.meta.url));
  const workspaces = await openWorkspaces({ dir, env: {}, log: createLogger('bench', 'error'), watch: false });
  const app = fastify();
  const gateway = await startGateway({ app, bus, workspaces, settings: DEFAULT_GATEWAY_SETTINGS, log, registry: new Registry() });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    port: (app.server.address() as AddressInfo).port,
    async close() {
      await app.close();
      await gateway.close?.();
      await bus.close();
    },
  };
}

/** What anybody would write first: node:http, the proof over the bytes, the body as a value, produce, 200. Sends are merged while one is on its way. */
async function startBareContender(brokers: string[]): Promise<Serving> {
  const producer = new Kafka({ brokers, clientId: 'bench-bare', logLevel: logLevel.ERROR }).producer({
    idempotent: true,
    maxInFlightRequests: 1,
  });
  await producer.connect();
  const send = mergedSend((values) =>
    producer.send({
      topic: BARE_TOPIC,
      acks: -1,
      compression: CompressionTypes.None,
      messages: values.map((value) => ({ key: 'bench', value })),
    }),
  );
  const byPath = new Map(CASES.map((each) => [each.path, each]));
  return serveBare((body, request, response) => {
    const url = request.url ?? '';
    const end = url.indexOf('?');
    const found = byPath.get(end < 0 ? url : url.slice(0, end));
    const header = (name: string) => {
      const value = request.headers[name];
      return typeof value === 'string' ? value : undefined;
    };
    if (found === undefined || !found.accept(body, header, url)) {
      response.writeHead(401).end();
      return;
    }
    send(body).then(
      () => response.writeHead(200, { 'content-type': 'text/plain' }).end('ok\n'),
      () => response.writeHead(503).end(),
    );
  }, producer.disconnect);
}

await serveContender((contender, brokers) => (contender === 'gateway' ? startGatewayContender(brokers) : startBareContender(brokers)));
