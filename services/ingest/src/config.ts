import { isIP } from 'node:net';
import { duration, integer, list, logLevel, port, url } from '@messtrack/runtime/config.ts';
import { grpcTlsVariables } from '@messtrack/runtime/grpc.ts';
import { HTTP_LIMITS } from '@messtrack/runtime/http-limits.ts';
import { kafkaVariables } from '@messtrack/runtime/kafka-variables.ts';
import type { FastifyServerOptions } from 'fastify';
import { z } from 'zod';
import { meantAddress } from './domain/link-address.ts';

/** Requests per minute, counted per process; 0: no limit. */
export interface RateLimitSettings {
  /** Of one address to /t and /go. Thousands of phones of an operator share one. */
  readonly redirectsPerMinute: number;
  /** Of one address to /v1/clicks and /v1/visits, together. */
  readonly beaconsPerMinute: number;
  /** Of the pages of one origin, over all addresses. */
  readonly originPerMinute: number;
  /** Of one address to /qr; a picture takes milliseconds. */
  readonly qrPerMinute: number;
  /** Addresses and networks that are not counted; "private" is every address that no person on the internet has. */
  readonly exempt: readonly string[];
}

export const DEFAULT_RATE_LIMITS: RateLimitSettings = {
  redirectsPerMinute: 1_200,
  beaconsPerMinute: 1_200,
  originPerMinute: 60_000,
  qrPerMinute: 120,
  exempt: ['private'],
};

/** What `startIngest` needs besides its clients. */
export interface IngestSettings {
  /** How long a click may wait for the broker before it goes to the local spool. Milliseconds. */
  readonly redirectDeadlineMs: number;
  /** How long a click waits for the source of its visit. Milliseconds. */
  readonly visitTimeoutMs: number;
  /** Upper bound of the local spool, bytes. */
  readonly spoolMaxBytes: number;
  /** What has to stay free on the disk of the spool, bytes. */
  readonly spoolReserveBytes: number;
  /** Size at which a spool file is sealed, bytes; a file is read whole while it is drained. */
  readonly spoolSegmentBytes: number;
  /** Pause between two attempts while the broker is away. Milliseconds. */
  readonly retryDelayMs: number;
  /** How long the start waits for the broker. Milliseconds. */
  readonly startWaitMs: number;
  readonly limits: RateLimitSettings;
  /** Scheme and host under which the world reaches /t, /go and /qr, for workspaces that name none; empty: that of each request. */
  readonly publicUrl: string;
  /** Record a span per request; worth its cost only where a collector takes them. */
  readonly isTracing: boolean;
}

/** 256 MiB hold about 900,000 clicks: at 100 per second, two and a half hours without a broker. */
export const DEFAULT_INGEST_SETTINGS: IngestSettings = {
  redirectDeadlineMs: 150,
  visitTimeoutMs: 50,
  spoolMaxBytes: 268_435_456,
  spoolReserveBytes: 16_777_216,
  spoolSegmentBytes: 8_388_608,
  retryDelayMs: 500,
  startWaitMs: 10_000,
  limits: DEFAULT_RATE_LIMITS,
  publicUrl: '',
  isTracing: false,
};

/** Options of the Fastify instance ingest's routes are safe on; whoever makes the instance applies them. */
export function ingestHttpOptions(trustProxy: readonly string[] | undefined): FastifyServerOptions {
  return {
    // One line per request at thousands of requests per second is no log; metrics count them.
    logger: false,
    rewriteUrl: ({ url = '/' }) => meantAddress(url),
    trustProxy: trustProxy === undefined ? false : [...trustProxy],
    routerOptions: {
      // Covers every name a workspace may have (63) with room; a longer path is not found.
      maxParamLength: 128,
      // People type what is printed, and tools join addresses: a slash too many or "/GO/" must not cost the person who comes by it.
      caseSensitive: false,
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true,
    },
    bodyLimit: 65_536,
    ...HTTP_LIMITS,
  };
}

const NO_QUERY = Object.freeze({});

/**
 * The same for an instance that has ingest's routes alone: they read the query off the address themselves, with its own rules for what links look like, and `request.query` stays empty. To have Fastify read it
 * too is 0.4 µs of each redirect.
 */
export function ingestAloneHttpOptions(trustProxy: readonly string[] | undefined): FastifyServerOptions {
  const options = ingestHttpOptions(trustProxy);
  return { ...options, routerOptions: { ...options.routerOptions, querystringParser: () => NO_QUERY } };
}

const perMinute = (fallback: number) => integer(0, 100_000_000).default(fallback);

/** Variables of the limits and links, shared with the standalone. */
export const ingestEdgeVariables = {
  PUBLIC_URL: z
    .string()
    .refine(
      isBase,
      'must be scheme and host without path, such as https://go.acme.example; behind a proxy give messtrack a host of its own',
    )
    .optional()
    .describe('scheme and host of links and QR codes as the world reaches them, where a workspace names no public_url'),
  RATE_LIMIT_REDIRECTS: perMinute(DEFAULT_RATE_LIMITS.redirectsPerMinute).describe(
    'requests per minute of one address to /t and /go; 0: no limit. Counted per process, as the following',
  ),
  RATE_LIMIT_BEACONS: perMinute(DEFAULT_RATE_LIMITS.beaconsPerMinute).describe(
    'requests per minute of one address to /v1/clicks and /v1/visits',
  ),
  RATE_LIMIT_ORIGIN: perMinute(DEFAULT_RATE_LIMITS.originPerMinute).describe(
    'requests per minute of the pages of one origin, over all addresses',
  ),
  RATE_LIMIT_QR: perMinute(DEFAULT_RATE_LIMITS.qrPerMinute).describe('requests per minute of one address to /qr'),
  RATE_LIMIT_EXEMPT: list()
    .refine((entries) => entries.every(isExemption), {
      error: () => 'must hold addresses, networks such as 203.0.113.0/24, "private" or "none", separated by commas',
    })
    .optional()
    .describe(
      'addresses and networks that are not counted, separated by commas; "private" (the default) is every address that nobody on the internet has, "none" nobody',
    ),
} as const;

/**
 * As `public_url` of a workspace, and as the commands that print links take it. With a path, printed codes led to the host without it, and nothing said so
 * before somebody scanned one.
 */
function isBase(value: string): boolean {
  const base = URL.parse(value);
  // Of an address with a name in it, a query or a fragment, `href` is more than that.
  return base !== null && /^https?:$/.test(base.protocol) && base.href === `${base.origin}/`;
}

function isExemption(entry: string): boolean {
  return entry === 'private' || entry === 'none' || isNetwork(entry);
}

function isNetwork(entry: string): boolean {
  const [address = '', prefix, ...more] = entry.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  return prefix === undefined || (/^[0-9]{1,3}$/.test(prefix) && Number(prefix) <= (family === 4 ? 32 : 128));
}

const PROXY_NETWORKS: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** What Fastify's `trustProxy` takes; it throws at whatever else, one problem at a time and after everything has been opened. */
export function proxies() {
  return list().refine((entries) => entries.every((entry) => PROXY_NETWORKS.has(entry) || isNetwork(entry) || isWithMask(entry)), {
    error: () => 'must hold addresses, networks such as 10.0.0.0/8, "loopback", "linklocal" or "uniquelocal", separated by commas',
  });
}

function isWithMask(entry: string): boolean {
  const [address = '', mask = '', ...more] = entry.split('/');
  return isIP(address) === 4 && isIP(mask) === 4 && more.length === 0;
}

type IngestEdgeConfig = z.output<z.ZodObject<typeof ingestEdgeVariables>>;

export function ingestEdgeSettings(config: IngestEdgeConfig): Pick<IngestSettings, 'limits' | 'publicUrl'> {
  return {
    publicUrl: config.PUBLIC_URL === undefined ? '' : new URL(config.PUBLIC_URL).origin,
    limits: {
      redirectsPerMinute: config.RATE_LIMIT_REDIRECTS,
      beaconsPerMinute: config.RATE_LIMIT_BEACONS,
      originPerMinute: config.RATE_LIMIT_ORIGIN,
      qrPerMinute: config.RATE_LIMIT_QR,
      exempt: config.RATE_LIMIT_EXEMPT ?? DEFAULT_RATE_LIMITS.exempt,
    },
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
  MESSENGER_GRPC: z
    .string()
    .regex(/^[^\s:]+:[0-9]{1,5}$/, { error: () => 'must be host:port' })
    .optional()
    .describe('gRPC address of the messenger-gateway, host:port, for POST /v1/sendback; without it the form is refused'),
  MESSENGER_GRPC_CA_FILE: z
    .string()
    .optional()
    .describe('authority that signed the certificate of that address, PEM file; plain text when not set'),
  ...grpcTlsVariables,
  LOG_LEVEL: logLevel().default('info').describe('lowest level that is logged'),
  SPOOL_DIR: z.string().default('./spool').describe('folder for clicks while Kafka is away; durable, and of this process alone'),
  SPOOL_MAX_MB: integer(1, 1_048_576)
    .default(256)
    .describe('largest size of the spool in MiB; beyond it redirects lead on without a code and beacons are answered 503'),
  REDIRECT_DEADLINE_MS: duration()
    .default(DEFAULT_INGEST_SETTINGS.redirectDeadlineMs)
    .describe('how long a redirect waits for Kafka before the click is spooled, with its unit: 150ms'),
  ...ingestEdgeVariables,
  TRUST_PROXY: proxies()
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
    ...ingestEdgeSettings(config),
    redirectDeadlineMs: config.REDIRECT_DEADLINE_MS,
    spoolMaxBytes: config.SPOOL_MAX_MB * 1_048_576,
    isTracing: config.OTEL_EXPORTER_OTLP_ENDPOINT !== undefined,
  };
}
