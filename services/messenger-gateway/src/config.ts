import { duration, logLevel, port, url } from '@messtrack/runtime/config.ts';
import { grpcTlsVariables } from '@messtrack/runtime/grpc.ts';
import { kafkaVariables } from '@messtrack/runtime/kafka-variables.ts';
import { z } from 'zod';
import { DEFAULT_PROVIDER_URLS, type ProviderUrls } from './adapters/senders/provider-urls.ts';
import { TELEGRAM_API_URL } from './adapters/telegram-api.ts';
import { DEFAULT_POLL_TIMINGS, type PollTimings } from './adapters/telegram-poller.ts';

const apiUrl = (key: keyof ProviderUrls, what: string) =>
  url('http', 'https').default(DEFAULT_PROVIDER_URLS[key].href).describe(`${what}; another one for a proxy or for tests`);

/** Where messages are sent; spread into the schema of whoever runs a gateway. */
export const providerUrlVariables = {
  WHATSAPP_API_URL: apiUrl('whatsapp', 'base URL of the WhatsApp Cloud API, version included'),
  DIALOG360_API_URL: apiUrl('dialog360', 'base URL of the 360dialog API'),
  TWILIO_API_URL: apiUrl('twilio', 'base URL of the Twilio API, or of one of its regions'),
  MESSENGER_API_URL: apiUrl('messenger', 'base URL of the Graph API for Messenger and Instagram with Facebook login, version included'),
  INSTAGRAM_API_URL: apiUrl('instagram', 'base URL of the Instagram API with Instagram login, version included'),
  GUPSHUP_API_URL: apiUrl('gupshup', 'base URL of the Gupshup API'),
  WAZZUP_API_URL: apiUrl('wazzup', 'base URL of the Wazzup24 API'),
  EDNA_API_URL: apiUrl('edna', 'base URL of the edna Pulse API: https://app.edna.io or https://app.edna.ru'),
  GREEN_API_URL: apiUrl('greenApi', 'base URL of GREEN-API for accounts that name none'),
  CHATAPP_API_URL: apiUrl('chatApp', 'base URL of the ChatApp API'),
  ZAPI_API_URL: apiUrl('zApi', 'base URL of Z-API'),
  VK_API_URL: apiUrl('vk', 'base URL of the VK API'),
  MAX_API_URL: apiUrl('max', 'base URL of the MAX Bot API'),
  PRIVATE_API_HOSTS: z
    .string()
    .default('')
    .describe(
      'hosts in private networks that workspace files may name in api_url, separated by commas: servers of WAHA or Evolution API beside this one',
    ),
};

type UrlVariable = Exclude<keyof typeof providerUrlVariables, 'PRIVATE_API_HOSTS'> | 'TELEGRAM_API_URL';
type ProviderUrlValues = Readonly<Partial<Record<UrlVariable | 'PRIVATE_API_HOSTS', string | undefined>>>;

const URL_VARIABLES: Readonly<Record<keyof ProviderUrls, UrlVariable>> = {
  whatsapp: 'WHATSAPP_API_URL',
  telegram: 'TELEGRAM_API_URL',
  dialog360: 'DIALOG360_API_URL',
  twilio: 'TWILIO_API_URL',
  messenger: 'MESSENGER_API_URL',
  instagram: 'INSTAGRAM_API_URL',
  gupshup: 'GUPSHUP_API_URL',
  wazzup: 'WAZZUP_API_URL',
  edna: 'EDNA_API_URL',
  greenApi: 'GREEN_API_URL',
  chatApp: 'CHATAPP_API_URL',
  zApi: 'ZAPI_API_URL',
  vk: 'VK_API_URL',
  max: 'MAX_API_URL',
};

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
  /** Hosts in networks of our own that workspace files may name. */
  readonly privateHosts: ReadonlySet<string>;
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
  const names = Object.keys(DEFAULT_PROVIDER_URLS) as (keyof ProviderUrls)[];
  const urlOf = (name: keyof ProviderUrls) => {
    const value = values[URL_VARIABLES[name]];
    return value === undefined ? DEFAULT_PROVIDER_URLS[name] : new URL(value);
  };
  const providerUrls = Object.fromEntries(names.map((name) => [name, urlOf(name)])) as Record<keyof ProviderUrls, URL>;
  return {
    providerUrls,
    allowsPrivate: names.some((name) => providerUrls[name].href !== DEFAULT_PROVIDER_URLS[name].href),
    privateHosts: new Set(
      (values.PRIVATE_API_HOSTS ?? '')
        .split(',')
        .map((host) => host.trim())
        .filter((host) => host !== ''),
    ),
    callTimeoutMs: 20_000,
    orphanedMs: 60_000,
    unclearMs: 3_000,
    checkEveryMs: 15 * 60_000,
  };
}
