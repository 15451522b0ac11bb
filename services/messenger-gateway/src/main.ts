import { TOPIC_LIST } from '@messtrack/proto/topics.ts';
import { startAdmin } from '@messtrack/runtime/admin.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { loadConfig } from '@messtrack/runtime/config.ts';
import { createHealth } from '@messtrack/runtime/health.ts';
import { runService } from '@messtrack/runtime/lifecycle.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { createMetrics } from '@messtrack/runtime/metrics.ts';
import { processHandle } from '@messtrack/runtime/process-handle.ts';
import { startTracing } from '@messtrack/runtime/tracing.ts';
import { openWorkspaces } from '@messtrack/workspace/registry.ts';
import { fastify } from 'fastify';
import { DEFAULT_GATEWAY_SETTINGS, gatewayConfig } from './config.ts';
import { startGateway } from './service.ts';

const config = loadConfig(gatewayConfig, process.env);
const log = createLogger('messenger-gateway', config.LOG_LEVEL);
const health = createHealth();
const registry = createMetrics();
const lifecycle = { drainTimeoutMs: config.DRAIN_TIMEOUT, onStopping: () => health.setStopping() };

await runService(log, lifecycle, processHandle(process), async (use) => {
  await use('tracing', startTracing({ service: 'messenger-gateway', endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT }));
  await use('admin', startAdmin({ port: config.ADMIN_PORT, host: config.ADMIN_HOST, health, registry, log }));
  const workspaces = await use(
    'workspaces',
    running(openWorkspaces({ dir: config.MESSTRACK_WORKSPACES, env: process.env, log, watch: true })),
  );
  const bus = await use('bus', running(openKafkaBus({ brokers: config.KAFKA_BROKERS, clientId: 'messenger-gateway', log })));
  await bus.ensureTopics(TOPIC_LIST);
  health.addCheck('bus', () => bus.ping());

  const app = fastify({ logger: false, trustProxy: false, forceCloseConnections: 'idle' });
  await use('gateway', startGateway({ app, bus, workspaces, settings: DEFAULT_GATEWAY_SETTINGS, log, registry }));
  await app.listen({ host: config.HTTP_HOST, port: config.HTTP_PORT });
  await use('http', { value: app, close: () => app.close() });
  log.info({ addresses: app.addresses() }, 'listening');
});

async function running<T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<{ value: T; close: () => Promise<void> }> {
  const value = await opening;
  return { value, close: () => value.close() };
}
