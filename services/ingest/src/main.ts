import { readFile } from 'node:fs/promises';
import { credentials } from '@grpc/grpc-js';
import { startAdmin } from '@messtrack/runtime/admin.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { loadConfig } from '@messtrack/runtime/config.ts';
import { grpcTlsFiles, grpcTlsRules, loadGrpcTls, startGrpc } from '@messtrack/runtime/grpc.ts';
import { createHealth } from '@messtrack/runtime/health.ts';
import { drainHttp } from '@messtrack/runtime/http-drain.ts';
import { refuseUnknownRoutes } from '@messtrack/runtime/http-refusals.ts';
import { kafkaConnection, kafkaRules } from '@messtrack/runtime/kafka-variables.ts';
import { runService } from '@messtrack/runtime/lifecycle.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { createMetrics } from '@messtrack/runtime/metrics.ts';
import { processHandle } from '@messtrack/runtime/process-handle.ts';
import { startTracing } from '@messtrack/runtime/tracing.ts';
import { openRedisVisitStore } from '@messtrack/sessions/visit-store-redis.ts';
import { openWorkspaces } from '@messtrack/workspace/registry.ts';
import fastify from 'fastify';
import { bundledGeoFiles, openGeo } from './adapters/geo-mmdb.ts';
import { grpcWriteFirst } from './adapters/grpc-write-first.ts';
import { bundledNetworkFiles, openNetworks } from './adapters/network-table.ts';
import { ingestAloneHttpOptions, ingestConfig, ingestSettings } from './config.ts';
import { startIngest } from './service.ts';

const config = loadConfig(ingestConfig, process.env, [...kafkaRules, ...grpcTlsRules]);
const log = createLogger('ingest', config.LOG_LEVEL);
const health = createHealth();
const lifecycle = { drainTimeoutMs: config.DRAIN_TIMEOUT, onStarted: () => health.setStarted(), onStopping: () => health.setStopping() };

await runService(log, lifecycle, processHandle(process), async (use) => {
  // Before anything is joined or announced: a file that cannot be read would move the group's partitions at every start that fails by it.
  const tls = await loadGrpcTls(grpcTlsFiles(config));
  const registry = createMetrics();
  await use('admin', startAdmin({ host: config.ADMIN_HOST, port: config.ADMIN_PORT, health, registry, log }));
  await use('tracing', startTracing({ service: 'messtrack-ingest', endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT }));

  const workspaces = await openWorkspaces({ dir: config.MESSTRACK_WORKSPACES, env: process.env, log, watch: true });
  await use('workspaces', { value: workspaces, close: () => workspaces.close() });
  const bus = await openKafkaBus({ ...kafkaConnection(config), clientId: 'messtrack-ingest', log, startsWithoutBroker: true });
  await use('bus', { value: bus, close: () => bus.close() });
  const visits = await openRedisVisitStore({ url: config.REDIS_URL });
  await use('visits', { value: visits, close: () => visits.close() });
  const geo = openGeo(bundledGeoFiles());
  const networks = await openNetworks(bundledNetworkFiles());

  const writeFirst = await openWriteFirst();
  if (writeFirst !== undefined) await use('messenger', { value: writeFirst, close: async () => writeFirst.close() });

  const app = fastify(ingestAloneHttpOptions(config.TRUST_PROXY));
  refuseUnknownRoutes(app);
  const ingest = await use(
    'ingest',
    startIngest({
      app,
      bus,
      visits,
      workspaces,
      geo,
      networks,
      spoolDir: config.SPOOL_DIR,
      settings: ingestSettings(config),
      log,
      registry,
      writeFirst,
    }),
  );
  health.addCheck('ingest', () => ingest.check());
  await use(
    'grpc',
    startGrpc({
      host: config.GRPC_HOST,
      port: config.GRPC_PORT,
      services: ingest.grpcServices,
      tls,
      log,
      health,
    }),
  );
  const url = await app.listen({ host: config.HTTP_HOST, port: config.HTTP_PORT });
  await use('http', { value: app, close: () => drainHttp(app) });
  log.info({ url }, 'listening');
});

async function openWriteFirst() {
  const { MESSENGER_GRPC: address, MESSENGER_GRPC_CA_FILE: authority } = config;
  if (address === undefined) return undefined;
  const security = authority === undefined ? credentials.createInsecure() : credentials.createSsl(await readFile(authority));
  return grpcWriteFirst(address, security, log);
}
