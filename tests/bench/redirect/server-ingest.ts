import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { createMetrics } from '@messtrack/runtime/metrics.ts';
import { openLmdbVisitStore } from '@messtrack/sessions/visit-store-lmdb.ts';
import { openWorkspaces } from '@messtrack/workspace/registry.ts';
import fastify from 'fastify';
import { bundledGeoFiles, openGeo } from '../../../services/ingest/src/adapters/geo-mmdb.ts';
import { bundledNetworkFiles, openNetworks } from '../../../services/ingest/src/adapters/network-table.ts';
import { DEFAULT_INGEST_SETTINGS, ingestAloneHttpOptions } from '../../../services/ingest/src/config.ts';
import { startIngest } from '../../../services/ingest/src/service.ts';
import { announce } from './announce.ts';

/** Ingest as its main.ts wires it, on the Kafka in argv[2], with its files in argv[3]. Redirects touch no visit store. */
const [, , brokers = '', dir = ''] = process.argv;
const log = createLogger('ingest', 'warn');
const app = fastify(ingestAloneHttpOptions(undefined));
const ingest = await startIngest({
  app,
  bus: await openKafkaBus({ brokers: brokers.split(','), clientId: 'bench-redirect', log }),
  visits: await openLmdbVisitStore({ path: `${dir}/visits` }),
  workspaces: await openWorkspaces({ dir: new URL('../../../examples/workspaces', import.meta.url).pathname, env: {}, log, watch: false }),
  geo: openGeo(bundledGeoFiles()),
  networks: await openNetworks(bundledNetworkFiles()),
  spoolDir: `${dir}/spool`,
  // Measured is the way through the broker: with the usual 150 ms a stall of a busy machine would send redirects to the disk instead.
  settings: { ...DEFAULT_INGEST_SETTINGS, redirectDeadlineMs: 10_000 },
  log,
  registry: createMetrics(),
});
await app.listen({ host: '127.0.0.1', port: 0 });
announce(app.server);

/** A redirect that went to the disk was answered without the broker: such a run says nothing. */
setInterval(() => {
  if (ingest.value.isBusAway()) console.log('spooled');
}, 100).unref();
