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
import { DEFAULT_GATEWAY_SETTINGS, gatewayConfig, outboundSettings } from './config.ts';
import { startGateway } from './service.ts';

const config = loadConfig(gatewayConfig, process.env, [...kafkaRules, ...grpcTlsRules]);
const log = createLogger('messenger-gateway', config.LOG_LEVEL);
const health = createHealth();
const lifecycle = { drainTimeoutMs: config.DRAIN_TIMEOUT, onStarted: () => health.setStarted(), onStopping: () => health.setStopping() };

await runService(log, lifecycle, processHandle(process), async (use, stopping) => {
  // Before anything is joined or announced: a file that cannot be read would move the group's partitions at every start that fails by it.
  const tls = await loadGrpcTls(grpcTlsFiles(config));
  const registry = createMetrics();
  const whenUp = createStartWait({ log, health, stopping });
  await use('admin', startAdmin({ port: config.ADMIN_PORT, host: config.ADMIN_HOST, health, registry, log }));
  await use('tracing', startTracing({ service: 'messtrack-messenger-gateway', endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT }));

  const workspaces = await openWorkspaces({ dir: config.MESSTRACK_WORKSPACES, env: process.env, log, watch: true });
  await use('workspaces', { value: workspaces, close: () => workspaces.close() });
  const bus = await whenUp('Kafka', () => openKafkaBus({ ...kafkaConnection(config), clientId: 'messtrack-messenger-gateway', log }));
  await use('bus', { value: bus, close: () => bus.close() });
  await whenUp('Kafka', () => bus.ensureTopics(TOPIC_LIST));

  const joins = config.REDIS_URL === undefined ? undefined : await openRedisJoinStore({ url: config.REDIS_URL, prefix: JOIN_PREFIX, log });
  if (joins !== undefined) await use('joins', { value: joins, close: () => joins.close() });

  const app = fastify(HTTP_LIMITS);
  refuseUnknownRoutes(app);
  const gateway = await use(
    'gateway',
    startGateway({
      app,
      bus,
      workspaces,
      joins,
      settings: {
        ...DEFAULT_GATEWAY_SETTINGS,
        isTracing: config.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined,
        telegramApiUrl: config.TELEGRAM_API_URL,
        outbound: outboundSettings(config),
      },
      log,
      registry,
    }),
  );
  health.addCheck('bus', () => gateway.ping());
  if (gateway.messenger !== undefined) {
    const services = [gateway.messenger.service];
    await use('grpc', startGrpc({ host: config.GRPC_HOST, port: config.GRPC_PORT, services, tls, log, health }));
  }
  const url = await app.listen({ host: config.HTTP_HOST, port: config.HTTP_PORT });
  await use('http', { value: app, close: () => drainHttp(app) });
  log.info({ url }, 'listening');
});
