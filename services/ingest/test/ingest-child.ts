import type { Bus, Producer } from '@messtrack/runtime/bus.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { reached } from '@messtrack/testing/child-points.ts';
import { openWorkspaces } from '@messtrack/workspace/registry.ts';
import fastify from 'fastify';
import { Registry } from 'prom-client';
import { noGeo } from '../src/adapters/geo-mmdb.ts';
import { noNetworks } from '../src/adapters/network-table.ts';
import { DEFAULT_INGEST_SETTINGS, ingestAloneHttpOptions } from '../src/config.ts';
import { startIngest } from '../src/service.ts';
import { fakeVisits } from './harness.ts';

export interface ChildSettings {
  readonly brokers?: readonly string[];
  readonly lmdbPath?: string;
  readonly spoolDir: string;
  readonly workspacesDir: string;
}

/** Ingest in a process of its own, on a real bus, so that it can be killed. */
const settings: ChildSettings = JSON.parse(process.argv[2] ?? '{}');
const log = createLogger('ingest', 'warn');
const bus =
  settings.lmdbPath === undefined
    ? await openKafkaBus({ brokers: [...(settings.brokers ?? [])], clientId: 'ingest-child', log })
    : await openLmdbBus({ path: settings.lmdbPath, log });
const workspaces = await openWorkspaces({ dir: settings.workspacesDir, env: {}, log, watch: false });
const app = fastify(ingestAloneHttpOptions(undefined));
const running = await startIngest({
  app,
  bus: withPoints(bus),
  visits: fakeVisits(),
  workspaces,
  geo: noGeo,
  networks: noNetworks,
  spoolDir: settings.spoolDir,
  settings: { ...DEFAULT_INGEST_SETTINGS, startWaitMs: 3_000, retryDelayMs: 100 },
  log,
  registry: new Registry(),
});
running.failed?.catch((error: unknown) => {
  log.fatal({ err: error }, 'ingest failed');
  process.exit(1);
});
const url = await app.listen({ host: '127.0.0.1', port: 0 });
reached('listening', url);

/** Marks every send that became durable, so that the parent can end the process right after one. */
function withPoints(inner: Bus): Bus {
  return {
    ...inner,
    async producer(): Promise<Producer> {
      const producer = await inner.producer();
      return {
        async send(records) {
          const positions = await producer.send(records);
          reached('sent', String(records.length));
          return positions;
        },
        close: () => producer.close(),
      };
    },
  };
}
