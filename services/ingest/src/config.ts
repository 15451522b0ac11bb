import { duration, integer, list, logLevel, port, url } from '@messtrack/runtime/config.ts';
import { grpcTlsVariables } from '@messtrack/runtime/grpc.ts';
import { kafkaVariables } from '@messtrack/runtime/kafka-variables.ts';
import type { FastifyServerOptions } from 'fastify';
import { z } from 'zod';

/** What `startIngest` needs besides its clients. */
export interface IngestSettings {
  /** How long a click may wait for the broker before it goes to the local spool. Milliseconds. */
  readonly redirectDeadlineMs: number;
  /** How long a click waits for the source of its visit. Milliseconds. */
  readonly visitTimeoutMs: number;
  /** Upper bound of the local spool, bytes. */
  readonly spoolMaxBytes: number;
  /** Size at which a spool file is sealed, bytes; a file is read whole while it is drained. */
  readonly spoolSegmentBytes: number;
  /** Pause between two attempts while the broker is away. Milliseconds. */
  readonly retryDelayMs: number;
  /** How long the start waits for the broker. Milliseconds. */
  readonly startWaitMs: number;
  /** Record a span per request; worth its cost only where a collector takes them. */
  readonly isTracing: boolean;
}

/** 256 MiB hold about 900,000 clicks: at 100 per second, two and a half hours without a broker. */
export const DEFAULT_INGEST_SETTINGS: IngestSettings = {
  redirectDeadlineMs: 150,
  visitTimeoutMs: 50,
  spoolMaxBytes: 268_435_456,
  spoolSegmentBytes: 8_388_608,
  retryDelayMs: 500,
  startWaitMs: 10_000,
  isTracing: false,
};

/** Options of the Fastify instance ingest's routes are safe on; whoever makes the instance applies them. */
export function ingestHttpOptions(trustProxy: readonly string[] | undefined): FastifyServerOptions {
  return {
    // One line per request at thousands of requests per second is no log; metrics count them.
    logger: false,
    trustProxy: trustProxy === undefined ? false : [...trustProxy],
    // Covers every name a workspace may have (63) with room; a longer path is not found.
    routerOptions: { maxParamLength: 128 },
    bodyLimit: 65_536,
    // A client that sends its head or body slowly holds a connection this long at most.
    requestTimeout: 30_000,
    keepAliveTimeout: 65_000,
  };
}

/** Environment of the ingest process. */
export const ingestConfig = z.object({
  ...kafkaVariables,
  REDIS_URL: url('redis', 'rediss').describe('Redis that holds visits'),
  MESSTRACK_WORKSPACES: z.string().describe('folder of workspace files, one YAML file each'),
  HTTP_HOST: z.string().default('0.0.0.0').describe('address of the public HTTP port'),
  HTTP_PORT: port().default(8080).describe('public HTTP port; 0 takes a free one'),
  ADMIN_HOST: z.string().default('0.0.0.0').describe('address of the admin port'),
  ADMIN_PORT: port().default(9090).describe('port of /healthz, /readyz and /metrics; not for the public'),
  GRPC_HOST: z.string().default('0.0.0.0').describe('address of the gRPC port'),
  GRPC_PORT: port().default(50051).describe('port of Placements and Visits'),
  ...grpcTlsVariables,
  LOG_LEVEL: logLevel().default('info').describe('lowest level that is logged'),
  SPOOL_DIR: z.string().default('./spool').describe('folder for clicks while Kafka is away; durable, and of this process alone'),
  SPOOL_MAX_MB: integer(1, 1_048_576).default(256).describe('largest size of the spool in MiB; beyond it clicks are answered 503'),
  REDIRECT_DEADLINE_MS: duration()
    .default(DEFAULT_INGEST_SETTINGS.redirectDeadlineMs)
    .describe('how long a redirect waits for Kafka before the click is spooled, with its unit: 150ms'),
  TRUST_PROXY: list()
    .optional()
    .describe(
      'addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas; "loopback" and "uniquelocal" are known',
    ),
  DRAIN_TIMEOUT: duration().default(25_000).describe('how long a stop may take'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http', 'https').optional().describe('OTLP/HTTP collector for traces'),
});

export type IngestConfig = z.output<typeof ingestConfig>;

export function ingestSettings(config: IngestConfig): IngestSettings {
  return {
    ...DEFAULT_INGEST_SETTINGS,
    redirectDeadlineMs: config.REDIRECT_DEADLINE_MS,
    spoolMaxBytes: config.SPOOL_MAX_MB * 1_048_576,
    isTracing: config.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined,
  };
}
