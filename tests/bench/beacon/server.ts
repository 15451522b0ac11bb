/**
 * One contender of the beacon benchmark in a process of its own: `node server.ts <contender> <brokers>`. Prints its port, then, at each line on standard
 * input, the microseconds of CPU it has used; ends when standard input does.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TOPICS } from '@messtrack/proto/topics.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { createMetrics } from '@messtrack/runtime/metrics.ts';
import { openLmdbVisitStore } from '@messtrack/sessions/visit-store-lmdb.ts';
import { openWorkspaces } from '@messtrack/workspace/registry.ts';
import fastify from 'fastify';
import { Kafka, logLevel, type Message } from 'kafkajs';
import { bundledGeoFiles, openGeo } from '../../../services/ingest/src/adapters/geo-mmdb.ts';
import { bundledNetworkFiles, openNetworks } from '../../../services/ingest/src/adapters/network-table.ts';
import { DEFAULT_INGEST_SETTINGS, ingestAloneHttpOptions } from '../../../services/ingest/src/config.ts';
import { startIngest } from '../../../services/ingest/src/service.ts';
import { clickMessages } from '../redirect/records.ts';
import { type Serving, serveBare, serveContender } from '../webhook/contender-process.ts';
import { mergedSend } from '../webhook/merged-send.ts';
import { BEACON_PATH } from './load.ts';

/** Ingest as its main.ts wires it. */
async function startIngestContender(brokers: string[]): Promise<Serving> {
  const log = createLogger('ingest', 'warn');
  const dir = await mkdtemp(join(tmpdir(), 'messtrack-bench-beacon-'));
  const app = fastify(ingestAloneHttpOptions(undefined));
  const bus = await openKafkaBus({ brokers, clientId: 'bench-beacon', log });
  const visits = await openLmdbVisitStore({ path: join(dir, 'visits') });
  const ingest = await startIngest({
    app,
    bus,
    visits,
    workspaces: await openWorkspaces({
      dir: new URL('../../../examples/workspaces', import.meta.url).pathname,
      env: {},
      log: createLogger('ingest', 'error'),
      watch: false,
    }),
    geo: openGeo(bundledGeoFiles()),
    networks: await openNetworks(bundledNetworkFiles()),
    spoolDir: join(dir, 'spool'),
    settings: {
      ...DEFAULT_INGEST_SETTINGS,
      // Measured is the way through the broker: with the usual 150 ms a stall of a busy machine would send beacons to the disk instead.
      redirectDeadlineMs: 10_000,
      // All of the load is one page: a thousand a second, which is the usual limit of one origin, is what a page of the web has and no benchmark.
      limits: { ...DEFAULT_INGEST_SETTINGS.limits, originPerMinute: 0 },
    },
    log,
    registry: createMetrics(),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    port: (app.server.address() as AddressInfo).port,
    async close() {
      await app.close();
      await ingest.close?.();
      await visits.close();
      await bus.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

/**
 * What anybody would write first: node:http, JSON.parse, a look at the two ids, a kafkajs send of the click's record, 202. What arrives while a send is on
 * its way goes out together in the next one. The records are encoded before the clock starts.
 */
async function startBareContender(brokers: string[]): Promise<Serving> {
  const kafka = new Kafka({ brokers, clientId: 'bench-bare', logLevel: logLevel.ERROR });
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const messages = clickMessages(5_000);
  let next = 0;
  const nextMessage = (): Message => {
    next += 1;
    return messages[next % messages.length]!;
  };
  const send = mergedSend((values) =>
    producer.send({
      topic: TOPICS.touchpoints.name,
      acks: -1,
      messages: values.map(nextMessage),
    }),
  );
  return serveBare((body, request, response) => {
    const click: unknown = JSON.parse(body.toString('utf8'));
    if (request.url !== BEACON_PATH || typeof click !== 'object' || click === null || !('click_id' in click) || !('code' in click)) {
      response.writeHead(400).end();
      return;
    }
    const answer = JSON.stringify({
      accepted: [`click/demo/${click.click_id}`],
      links: [`https://wa.me/14155550100?text=${click.code}`],
    });
    send(body).then(
      () =>
        response
          .writeHead(202, {
            'content-type': 'application/json; charset=utf-8',
            'content-length': answer.length,
            'cache-control': 'no-store',
            vary: 'Origin',
            'access-control-allow-origin': request.headers.origin ?? '',
          })
          .end(answer),
      () => response.writeHead(503).end(),
    );
  }, producer.disconnect);
}

await serveContender((contender, brokers) => (contender === 'ingest' ? startIngestContender(brokers) : startBareContender(brokers)));
