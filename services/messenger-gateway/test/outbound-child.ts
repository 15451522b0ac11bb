/** A gateway on the embedded log in a process of its own, to be killed: OUTBOUND_CHILD holds its settings as JSON. Prints its ports when it takes calls. */
import { TOPIC_LIST } from '@messtrack/proto/topics.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { startGrpc } from '@messtrack/runtime/grpc.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { fixedWorkspaces } from '@messtrack/workspace/registry.ts';
import { fastify } from 'fastify';
import { Registry } from 'prom-client';
import { DEFAULT_PROVIDER_URLS } from '../src/adapters/senders/provider-urls.ts';
import { DEFAULT_GATEWAY_SETTINGS } from '../src/config.ts';
import { startGateway } from '../src/service.ts';
import { sendingWorkspace } from './outbound-world.ts';

const { folder, meta, telegram } = JSON.parse(process.env['OUTBOUND_CHILD'] ?? '{}') as {
  readonly folder: string;
  readonly meta: string;
  readonly telegram: string;
};
const log = createLogger('outbound-child', 'error');
const bus = await openLmdbBus({ path: folder, log });
await bus.ensureTopics(TOPIC_LIST);
const app = fastify();
const gateway = await startGateway({
  app,
  bus,
  workspaces: fixedWorkspaces([sendingWorkspace()]),
  settings: {
    ...DEFAULT_GATEWAY_SETTINGS,
    outbound: {
      providerUrls: { ...DEFAULT_PROVIDER_URLS, whatsapp: new URL(`${meta}/v24.0`), telegram: new URL(telegram) },
      allowsPrivate: true,
      privateHosts: new Set(),
      callTimeoutMs: 5_000,
      orphanedMs: 500,
      unclearMs: 200,
      checkEveryMs: 3_600_000,
    },
  },
  log,
  registry: new Registry(),
});
const http = new URL(await app.listen({ host: '127.0.0.1', port: 0 }));
const grpc = await startGrpc({ host: '127.0.0.1', port: 0, services: [gateway.value.messenger!.service], log });
process.stdout.write(`ready ${http.port} ${grpc.value.port}\n`);
