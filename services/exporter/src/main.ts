import { TOPIC_LIST } from '@messtrack/proto/topics.ts';
import { startAdmin } from '@messtrack/runtime/admin.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { loadConfig } from '@messtrack/runtime/config.ts';
import { grpcTlsFiles, grpcTlsRules, loadGrpcTls, startGrpc } from '@messtrack/runtime/grpc.ts';
import { createHealth } from '@messtrack/runtime/health.ts';
import { kafkaConnection, kafkaRules } from '@messtrack/runtime/kafka-variables.ts';
import { runService } from '@messtrack/runtime/lifecycle.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { createMetrics } from '@messtrack/runtime/metrics.ts';
import { processHandle } from '@messtrack/runtime/process-handle.ts';
import { createStartWait } from '@messtrack/runtime/start-wait.ts';
import { startTracing } from '@messtrack/runtime/tracing.ts';
import { connectWarehouse } from '@messtrack/warehouse/connect.ts';
import { exporterConfig, exporterSettings } from './config.ts';
import { startExporter } from './service.ts';

const config = loadConfig(exporterConfig, process.env, [...kafkaRules, ...grpcTlsRules]);
const log = createLogger('exporter', config.LOG_LEVEL);
const health = createHealth();
const lifecycle = { drainTimeoutMs: config.DRAIN_TIMEOUT, onStarted: () => health.setStarted(), onStopping: () => health.setStopping() };

await runService(log, lifecycle, processHandle(process), async (use, stopping) => {
  // Before anything is joined or announced: a file that cannot be read would move the group's partitions at every start that fails by it.
  const tls = await loadGrpcTls(grpcTlsFiles(config));
  const registry = createMetrics();
  const whenUp = createStartWait({ log, health, stopping });
  await use('admin', startAdmin({ host: config.ADMIN_HOST, port: config.ADMIN_PORT, health, registry, log }));
  await use('tracing', startTracing({ service: 'messtrack-exporter', endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT }));

  const warehouse = await whenUp('ClickHouse', () =>
    connectWarehouse({
      url: config.CLICKHOUSE_URL,
      user: config.CLICKHOUSE_USER,
      password: config.CLICKHOUSE_PASSWORD?.reveal(),
      database: config.CLICKHOUSE_DATABASE,
    }),
  );
  await use('warehouse', { value: warehouse, close: () => warehouse.close() });

  const bus = await whenUp('Kafka', () => openKafkaBus({ ...kafkaConnection(config), clientId: 'messtrack-exporter', log }));
  await use('bus', { value: bus, close: () => bus.close() });
  await whenUp('Kafka', () => bus.ensureTopics(TOPIC_LIST));

  const drainMs = Math.floor(config.DRAIN_TIMEOUT * 0.6);
  const exporter = await use('exporter', startExporter({ bus, warehouse, settings: exporterSettings(config), log, registry, drainMs }));
  health.addCheck('exporter', () => exporter.check());
  await use(
    'grpc',
    startGrpc({
      host: config.GRPC_HOST,
      port: config.GRPC_PORT,
      services: exporter.grpcServices,
      tls,
      log,
      health,
    }),
  );
});
