import { join } from 'node:path';
import { DEFAULT_EXPORTER_SETTINGS, type ExporterSettings } from '@messtrack/exporter/config.ts';
import { startExporter } from '@messtrack/exporter/service.ts';
import { bundledGeoFiles, openGeo } from '@messtrack/ingest/adapters/geo-mmdb.ts';
import { bundledNetworkFiles, openNetworks } from '@messtrack/ingest/adapters/network-table.ts';
import { DEFAULT_INGEST_SETTINGS, ingestEdgeSettings, ingestHttpOptions } from '@messtrack/ingest/config.ts';
import { startIngest } from '@messtrack/ingest/service.ts';
import { DEFAULT_MATCHER_SETTINGS, type MatcherSettings } from '@messtrack/matcher/config.ts';
import { startMatcher } from '@messtrack/matcher/service.ts';
import { DEFAULT_GATEWAY_SETTINGS, outboundSettings } from '@messtrack/messenger-gateway/config.ts';
import { startGateway } from '@messtrack/messenger-gateway/service.ts';
import { TOPIC_LIST } from '@messtrack/proto/topics.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { lockDataFolder } from '@messtrack/runtime/data-folder.ts';
import { grpcTlsFiles, loadGrpcTls, startGrpc } from '@messtrack/runtime/grpc.ts';
import type { Health } from '@messtrack/runtime/health.ts';
import { drainHttp } from '@messtrack/runtime/http-drain.ts';
import { refuseUnknownRoutes } from '@messtrack/runtime/http-refusals.ts';
import type { Use } from '@messtrack/runtime/lifecycle.ts';
import { boundMappedMemory } from '@messtrack/runtime/mapped-memory.ts';
import { createMetrics } from '@messtrack/runtime/metrics.ts';
import { startTracing } from '@messtrack/runtime/tracing.ts';
import { openLmdbJoinStore } from '@messtrack/sessions/join-store-lmdb.ts';
import { openLmdbVisitStore } from '@messtrack/sessions/visit-store-lmdb.ts';
import { clickhouseHttp } from '@messtrack/warehouse/http-interface.ts';
import { openWorkspaces } from '@messtrack/workspace/registry.ts';
import fastify from 'fastify';
import type { Logger } from 'pino';
import { checkDataFolder, noteDataFolder, opening, openWarehouse } from './adapters/data-checks.ts';
import { createGuard } from './adapters/local-guard.ts';
import { registerLocalRoutes } from './adapters/local-routes.ts';
import { localWriteFirst } from './adapters/local-write-first.ts';
import { checkOpenFiles } from './adapters/open-files.ts';
import { readPageNumbers } from './adapters/warehouse-numbers.ts';
import type { StandaloneConfig } from './config.ts';

/**
 * Layout of the data folder that this release writes: log/, sessions/, visits/, warehouse/, spool/. 1 is read as well: its records have no checksums, and the first start gives new ones theirs, which a
 * release before would take for records of another time.
 */
const DATA_LAYOUT = 2;

/**
 * Records a partition is handed at once. There is no network whose round trips larger batches would save, and what a batch reads is mapped, and what it makes is
 * garbage, before anything can let go of it. Batches of 2,000 beside these, in the same minutes on a crowded machine: 18 MB more of the process's own at the highest, as much work.
 */
const BATCH_RECORDS = 500;

const MATCHER_SETTINGS: MatcherSettings = { ...DEFAULT_MATCHER_SETTINGS, maxBatchRecords: BATCH_RECORDS };

/**
 * The rows on their way to a warehouse in the same process are held five times over (encoded, as the statement twice, as the engine's columns, as the part it writes), and a remote one's
 * allowance for the network's latency buys nothing here. 300,000 rows of clicks, messages and leads in inserts of 10,000: 388 MB at the highest; in inserts of 2,500: 200, for 5 % more
 * work of the engine.
 */
const EXPORTER_SETTINGS: ExporterSettings = {
  ...DEFAULT_EXPORTER_SETTINGS,
  maxBatchRecords: BATCH_RECORDS,
  maxRows: 2_500,
  maxBytes: 3 * 1_048_576,
  maxBufferedRows: 15_000,
  maxBufferedBytes: 12 * 1_048_576,
};

/**
 * What has to stay free on the disk of the data folder, in bytes. The log refuses records first and the spool of clicks next: what has been taken by then is
 * still decided, written to the warehouse and committed, and the disk never gets so full that a store of this process fails in the middle of a write.
 */
const RESERVE = { log: 33_554_432, spool: 25_165_824, rest: 16_777_216 } as const;

/**
 * All four services in this process, on the embedded log, stores and warehouse, behind one port. Started in the order in which data needs
 * them (whoever reads is there before whoever writes), stopped in the reverse: first no new request, then the last batches, then the stores.
 *
 * @returns the public URL
 */
export async function startStandalone(
  config: StandaloneConfig,
  env: Readonly<Record<string, string | undefined>>,
  health: Health,
  log: Logger,
  use: Use,
): Promise<string> {
  const data = config.MESSTRACK_DATA;
  await checkOpenFiles();
  const registry = createMetrics();
  await use('tracing', startTracing({ service: 'messtrack', endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT }));
  const workspaces = await openWorkspaces({ dir: config.MESSTRACK_WORKSPACES, env, log, watch: config.WATCH_WORKSPACES });
  await use('workspaces', { value: workspaces, close: () => workspaces.close() });

  const lock = await lockDataFolder(data);
  await use('data folder', { value: lock, close: () => lock.release() });
  await checkDataFolder(data, DATA_LAYOUT);
  const reserve = { appendBytes: RESERVE.log, otherBytes: RESERVE.rest };
  const bus = await opening(join(data, 'log'), () => openLmdbBus({ path: join(data, 'log'), log, reserve }));
  await use('log', { value: bus, close: () => bus.close() });
  await bus.ensureTopics(TOPIC_LIST);
  const sessions = join(data, 'sessions');
  const joins = await opening(sessions, () => openLmdbJoinStore({ path: sessions, reserveBytes: RESERVE.rest }));
  await use('sessions', { value: joins, close: () => joins.close() });
  const visits = await opening(join(data, 'visits'), () => openLmdbVisitStore({ path: join(data, 'visits'), reserveBytes: RESERVE.rest }));
  await use('visits', { value: visits, close: () => visits.close() });
  await use('mapped memory', boundMappedMemory({ stores: [bus, joins, visits] }));
  const warehouse = await openWarehouse(data);
  await use('warehouse', { value: warehouse, close: () => warehouse.close() });

  const isTracing = config.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined;
  const app = fastify(ingestHttpOptions(config.TRUST_PROXY));
  refuseUnknownRoutes(app);
  const exporter = await use('exporter', startExporter({ bus, warehouse, settings: EXPORTER_SETTINGS, log, registry }));
  // The exporter has made the tables.
  await noteDataFolder(data, DATA_LAYOUT);
  const matcher = await use('matcher', startMatcher({ app, bus, joins, workspaces, settings: MATCHER_SETTINGS, log, registry }));
  const gateway = await use(
    'gateway',
    startGateway({
      app,
      bus,
      workspaces,
      joins,
      settings: { ...DEFAULT_GATEWAY_SETTINGS, isTracing, telegramApiUrl: config.TELEGRAM_API_URL, outbound: outboundSettings(config) },
      log,
      registry,
    }),
  );
  const settings = {
    ...DEFAULT_INGEST_SETTINGS,
    ...ingestEdgeSettings(config),
    redirectDeadlineMs: config.REDIRECT_DEADLINE_MS,
    spoolReserveBytes: RESERVE.spool,
    isTracing,
  };
  const writeFirst = gateway.messenger === undefined ? undefined : localWriteFirst(gateway.messenger, log);
  const geo = openGeo(bundledGeoFiles());
  const networks = await openNetworks(bundledNetworkFiles());
  const ingest = await use(
    'ingest',
    startIngest({ app, bus, visits, workspaces, geo, networks, spoolDir: join(data, 'spool'), settings, log, registry, writeFirst }),
  );

  await registerLocalRoutes(app, {
    guard: createGuard(config.MESSTRACK_SQL_TOKEN),
    sql: clickhouseHttp({ engine: warehouse.engine, readOnly: true, database: warehouse.database }),
    numbers: () => readPageNumbers(warehouse.client),
    workspaceNames: () => [...workspaces.current().keys()],
    health,
    registry,
  });
  health.addCheck('log', () => bus.ping());
  health.addCheck('ingest', () => ingest.check());
  health.addCheck('matcher', () => matcher.ping());
  health.addCheck('exporter', () => exporter.check());

  if (config.GRPC_PORT !== undefined) {
    const messenger = gateway.messenger === undefined ? [] : [gateway.messenger.service];
    const services = [...ingest.grpcServices, ...messenger, matcher.attribution, ...exporter.grpcServices];
    await use(
      'grpc',
      startGrpc({ host: config.HOST, port: config.GRPC_PORT, services, tls: await loadGrpcTls(grpcTlsFiles(config)), log, health }),
    );
  }
  const url = await app.listen({ host: config.HOST, port: config.PORT });
  await use('http', { value: app, close: () => drainHttp(app) });
  return url;
}
