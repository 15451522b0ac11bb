import { TOPIC_LIST } from '@messtrack/proto/topics.ts';
import { startAdmin } from '@messtrack/runtime/admin.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { loadConfig } from '@messtrack/runtime/config.ts';
import { grpcTlsFiles, grpcTlsRules, loadGrpcTls, startGrpc } from '@messtrack/runtime/grpc.ts';
import { createHealth } from '@messtrack/runtime/health.ts';
import { drainHttp } from '@messtrack/runtime/http-drain.ts';
import { HTTP_LIMITS } from '@messtrack/runtime/http-limits.ts';
import { refuseUnknownRoutes } from '@messtrack/runtime/http-refusals.ts';
import { kafkaConnection, kafkaRules } from '@messtrack/runtime/kafka-variables.ts';
import { runService } from '@messtrack/runtime/lifecycle.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { createMetrics } from '@messtrack/runtime/metrics.ts';
import { processHandle } from '@messtrack/runtime/process-handle.ts';
import { createStartWait } from '@messtrack/runtime/start-wait.ts';
import { startTracing } from '@messtrack/runtime/tracing.ts';
import { JOIN_PREFIX } from '@messtrack/sessions/join-prefix.ts';
import { openRedisJoinStore } from '@messtrack/sessions/join-store-redis.ts';
import { openWorkspaces } from '@messtrack/workspace/registry.ts';
import { fastify } from 'fastify';
import { DEFAULT_MATCHER_SETTINGS, matcherConfig } from './config.ts';
import { startMatcher } from './service.ts';

const config = loadConfig(matcherConfig, process.env, [...kafkaRules, ...grpcTlsRules]);
const log = createLogger('matcher', config.LOG_LEVEL);
const health = createHealth();
const registry = createMetrics();
const lifecycle = { drainTimeoutMs: config.DRAIN_TIMEOUT, onStarted: () => health.setStarted(), onStopping: () => health.setStopping() };

await runService(log, lifecycle, processHandle(process), async (use, stopping) => {
  // Before anything is joined or announced: a file that cannot be read would move the group's partitions at every start that fails by it.
  const tls = await loadGrpcTls(grpcTlsFiles(config));
  await use('tracing', startTracing({ service: 'matcher', endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT }));
  await use('admin', startAdmin({ port: config.ADMIN_PORT, host: config.ADMIN_HOST, health, registry, log }));
  const workspaces = await use(
    'workspaces',
    running(openWorkspaces({ dir: config.MESSTRACK_WORKSPACES, env: process.env, log, watch: true })),
  );
  const whenUp = createStartWait({ log, health, stopping });
  const bus = await use('bus', running(whenUp('Kafka', () => openKafkaBus({ ...kafkaConnection(config), clientId: 'matcher', log }))));
  await whenUp('Kafka', () => bus.ensureTopics(TOPIC_LIST));
  const joins = await use('joins', running(openRedisJoinStore({ url: config.REDIS_URL, prefix: JOIN_PREFIX, log })));

  const app = fastify({ ...HTTP_LIMITS, logger: false, trustProxy: false, forceCloseConnections: 'idle' });
  refuseUnknownRoutes(app);
  const settings = { ...DEFAULT_MATCHER_SETTINGS, maxBatchRecords: config.BATCH_RECORDS };
  const matcher = await use('matcher', startMatcher({ app, bus, joins, workspaces, settings, log, registry }));
  health.addCheck('bus and join store', () => matcher.ping());
  await use(
    'grpc',
    startGrpc({
      host: config.HTTP_HOST,
      port: config.GRPC_PORT,
      services: [matcher.attribution],
      tls,
      log,
      health,
    }),
  );
  await app.listen({ host: config.HTTP_HOST, port: config.HTTP_PORT });
  await use('http', { value: app, close: () => drainHttp(app) });
  log.info({ addresses: app.addresses() }, 'listening');
});

async function running<T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<{ value: T; close: () => Promise<void> }> {
  const value = await opening;
  return { value, close: () => value.close() };
}
