/**
 * A gateway on the embedded log in a process of its own: `node gateway-process.ts <folder>`. Prints its port and ends, in order, at SIGTERM.
 */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { DEFAULT_GATEWAY_SETTINGS } from '@messtrack/messenger-gateway/config.ts';
import { startGateway } from '@messtrack/messenger-gateway/service.ts';
import { TOPIC_LIST } from '@messtrack/proto/topics.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { openWorkspaces } from '@messtrack/workspace/registry.ts';
import { fastify } from 'fastify';
import { Registry } from 'prom-client';

export const WORKSPACES = fileURLToPath(new URL('../../bench/providers', import.meta.url));

if (import.meta.main) {
  const [path = ''] = process.argv.slice(2);
  const log = createLogger('hostile', 'error');
  const bus = await openLmdbBus({ path, log });
  await bus.ensureTopics(TOPIC_LIST);
  const workspaces = await openWorkspaces({ dir: WORKSPACES, env: {}, log, watch: false });
  const app = fastify();
  const gateway = await startGateway({ app, bus, workspaces, settings: DEFAULT_GATEWAY_SETTINGS, log, registry: new Registry() });
  await app.listen({ port: 0, host: '127.0.0.1' });
  // What the service takes for a reason to end must end the campaign: nothing here starts it again.
  gateway.failed?.catch(() => process.exit(70));
  console.log((app.server.address() as AddressInfo).port);
  await once(process, 'SIGTERM');
  await app.close();
  await gateway.close?.();
  await workspaces.close();
  await bus.close();
}
