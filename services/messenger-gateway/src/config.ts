import { duration, logLevel, port, url } from '@messtrack/runtime/config.ts';
import { grpcTlsVariables } from '@messtrack/runtime/grpc.ts';
import { kafkaVariables } from '@messtrack/runtime/kafka-variables.ts';
import { z } from 'zod';
import { DEFAULT_PROVIDER_URLS, type ProviderUrls } from './adapters/senders/senders.ts';
import { TELEGRAM_API_URL } from './adapters/telegram-api.ts';
import { DEFAULT_POLL_TIMINGS, type PollTimings } from './adapters/telegram-poller.ts';

/** Where messages are sent; spread into the schema of whoever runs a gateway. */
export const providerUrlVariables = {
  WHATSAPP_API_URL: url('http', 'https')
    .default(DEFAULT_PROVIDER_URLS.whatsapp.href)
    .describe('base URL of the WhatsApp Cloud API, version included; another one for a proxy or for tests'),
  DIALOG360_API_URL: url('http', 'https')
    .default(DEFAULT_PROVIDER_URLS.dialog360.href)
    .describe('base URL of the 360dialog API; another one for its sandbox or for tests'),
  TWILIO_API_URL: url('http', 'https')
    .default(DEFAULT_PROVIDER_URLS.twilio.href)
    .describe('base URL of the Twilio API; another one for a region of Twilio or for tests'),
};

interface ProviderUrlValues {
  readonly WHATSAPP_API_URL?: string | undefined;
  readonly TELEGRAM_API_URL?: string | undefined;
  readonly DIALOG360_API_URL?: string | undefined;
  readonly TWILIO_API_URL?: string | undefined;
}

/** Environment of the messenger gateway. Secrets of accounts stand in the workspaces, by reference. */
export const gatewayConfig = z.object({
  ...kafkaVariables,
  MESSTRACK_WORKSPACES: z.string().describe('folder of workspace files, one YAML file each'),
  HTTP_HOST: z.string().default('0.0.0.0').describe('address of the public HTTP server'),
  HTTP_PORT: port().default(8081).describe('port of the public HTTP server; 0 takes a free one'),
  ADMIN_HOST: z.string().default('0.0.0.0').describe('address of /healthz, /readyz and /metrics'),
  ADMIN_PORT: port().default(9091).describe('port of /healthz, /readyz and /metrics; 0 takes a free one'),
  GRPC_HOST: z.string().default('0.0.0.0').describe('address of the gRPC service Messenger'),
  GRPC_PORT: port().default(50051).describe('port of the gRPC service Messenger; 0 takes a free one'),
  ...grpcTlsVariables,
  ...providerUrlVariables,
  TELEGRAM_API_URL: url('http', 'https')
    .default(TELEGRAM_API_URL)
    .describe('address of the Telegram Bot API, for those who run a Bot API server of their own'),
  REDIS_URL: url('redis', 'rediss')
    .optional()
    .describe('Redis of the join store, which knows when people last wrote; without it only messages since the start are known'),
  LOG_LEVEL: logLevel().default('info').describe('lowest level that is logged'),
  DRAIN_TIMEOUT: duration().default(25_000).describe('how long a stop may take'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http', 'https').optional().describe('OTLP/HTTP collector for traces'),
});

export type GatewayConfig = z.output<typeof gatewayConfig>;

/** What `startGateway` needs besides its clients. */
export interface GatewaySettings {
  /** Record a span per webhook; worth its cost only where a collector takes them. */
  readonly isTracing: boolean;
  /** Where the Telegram Bot API answers. */
  readonly telegramApiUrl: string;
  /** Pace of bots that are polled. */
  readonly pollTimings: PollTimings;
  /** Sending; undefined: this gateway only receives. */
  readonly outbound?: OutboundSettings | undefined;
}

export const DEFAULT_GATEWAY_SETTINGS: GatewaySettings = {
  isTracing: false,
  telegramApiUrl: TELEGRAM_API_URL,
  pollTimings: DEFAULT_POLL_TIMINGS,
};

export interface OutboundSettings {
  readonly providerUrls: ProviderUrls;
  /** Providers may stand in networks of our own: only where whoever runs the service has named one. */
  readonly allowsPrivate: boolean;
  /** How long a provider may take to answer. Milliseconds. */
  readonly callTimeoutMs: number;
  /** An attempt of an owner that is gone is settled as unconfirmed so long after it; more than a call and the writing of its end take. Milliseconds. */
  readonly orphanedMs: number;
  /** A message to somebody who is not known to have written waits so long for the matcher before it is refused. Milliseconds. */
  readonly unclearMs: number;
  /** How often the providers are asked how our accounts are. Milliseconds. */
  readonly checkEveryMs: number;
}

export function outboundSettings(values: ProviderUrlValues): OutboundSettings {
  const urlOf = (value: string | undefined, otherwise: URL) => (value === undefined ? otherwise : new URL(value));
  const providerUrls: ProviderUrls = {
    whatsapp: urlOf(values.WHATSAPP_API_URL, DEFAULT_PROVIDER_URLS.whatsapp),
    telegram: urlOf(values.TELEGRAM_API_URL, DEFAULT_PROVIDER_URLS.telegram),
    dialog360: urlOf(values.DIALOG360_API_URL, DEFAULT_PROVIDER_URLS.dialog360),
    twilio: urlOf(values.TWILIO_API_URL, DEFAULT_PROVIDER_URLS.twilio),
  };
  const names = Object.keys(DEFAULT_PROVIDER_URLS) as (keyof ProviderUrls)[];
  const isNamed = names.some((name) => providerUrls[name].href !== DEFAULT_PROVIDER_URLS[name].href);
  return { providerUrls, allowsPrivate: isNamed, callTimeoutMs: 20_000, orphanedMs: 60_000, unclearMs: 3_000, checkEveryMs: 15 * 60_000 };
}
