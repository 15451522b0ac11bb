import { fileURLToPath } from 'node:url';
import { duration, integer, logLevel, port, secret, url } from '@messtrack/runtime/config.ts';
import { grpcTlsVariables } from '@messtrack/runtime/grpc.ts';
import { kafkaVariables } from '@messtrack/runtime/kafka-variables.ts';
import { z } from 'zod';
import type { BatchLimits } from './domain/table-batch.ts';

/** What `startExporter` needs besides its clients. */
export interface ExporterSettings extends BatchLimits {
  /** Folder of the ClickHouse migrations; they run before the first record is read. */
  readonly migrationsDir: string;
  /** Cluster of a replicated ClickHouse; undefined on a single server and in the process. */
  readonly cluster?: string | undefined;
  /** Rows decoded and not confirmed yet, over all tables; reached, the reading waits. */
  readonly maxBufferedRows: number;
  /** The same in encoded bytes. */
  readonly maxBufferedBytes: number;
  /** Upper bound of the wait between two attempts while the warehouse or the bus is away. Milliseconds. */
  readonly maxRetryDelayMs: number;
  /** Records handed over at once per partition. */
  readonly maxBatchRecords: number;
  /** Consumer group. */
  readonly groupId: string;
}

/**
 * ClickHouse likes few large inserts: 50,000 rows or a second's worth. A row takes 1 to 3 KB encoded, so the buffer of two inserts per busy table stays
 * under 128 MiB, and an insert on its way is a copy more; while the warehouse is away nothing else grows here, the log holds the rest.
 */
export const DEFAULT_EXPORTER_SETTINGS: ExporterSettings = {
  migrationsDir: fileURLToPath(new URL('../../../deploy/clickhouse/migrations', import.meta.url)),
  maxRows: 50_000,
  maxBytes: 32 * 1_048_576,
  maxAgeMs: 1_000,
  maxBufferedRows: 150_000,
  maxBufferedBytes: 128 * 1_048_576,
  maxRetryDelayMs: 5_000,
  maxBatchRecords: 2_000,
  groupId: 'messtrack-exporter',
};

/** Environment of the exporter process. */
export const exporterConfig = z.object({
  ...kafkaVariables,
  CLICKHOUSE_URL: url('http', 'https').describe('HTTP interface of ClickHouse'),
  CLICKHOUSE_USER: z.string().default('default').describe('user of ClickHouse; may create tables in its database'),
  CLICKHOUSE_PASSWORD: secret().optional().describe('password of that user'),
  CLICKHOUSE_DATABASE: z.string().default('messtrack').describe('database, created when it does not exist'),
  CLICKHOUSE_CLUSTER: z
    .string()
    .optional()
    .describe('cluster of a replicated ClickHouse: tables become Replicated…, migrations run ON CLUSTER'),
  MIGRATIONS_DIR: z.string().default(DEFAULT_EXPORTER_SETTINGS.migrationsDir).describe('folder of the ClickHouse migrations'),
  BATCH_MAX_ROWS: integer(1, 1_000_000).default(DEFAULT_EXPORTER_SETTINGS.maxRows).describe('rows per insert'),
  BATCH_MAX_AGE: duration().default(DEFAULT_EXPORTER_SETTINGS.maxAgeMs).describe('how long a row waits for company'),
  ADMIN_HOST: z.string().default('0.0.0.0').describe('address of the admin port'),
  ADMIN_PORT: port().default(9090).describe('port of /healthz, /readyz and /metrics; not for the public'),
  GRPC_HOST: z.string().default('0.0.0.0').describe('address of the gRPC port'),
  GRPC_PORT: port().default(50051).describe('port of Exports'),
  ...grpcTlsVariables,
  LOG_LEVEL: logLevel().default('info').describe('lowest level that is logged'),
  DRAIN_TIMEOUT: duration().default(25_000).describe('how long a stop may take'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http', 'https').optional().describe('OTLP/HTTP collector for traces'),
});

export type ExporterConfig = z.output<typeof exporterConfig>;

export function exporterSettings(config: ExporterConfig): ExporterSettings {
  return {
    ...DEFAULT_EXPORTER_SETTINGS,
    migrationsDir: config.MIGRATIONS_DIR,
    cluster: config.CLICKHOUSE_CLUSTER,
    maxRows: config.BATCH_MAX_ROWS,
    maxAgeMs: config.BATCH_MAX_AGE,
    maxBufferedRows: Math.max(DEFAULT_EXPORTER_SETTINGS.maxBufferedRows, config.BATCH_MAX_ROWS * 3),
  };
}
