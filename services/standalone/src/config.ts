import { ingestEdgeVariables, proxies } from '@messtrack/ingest/config.ts';
import { TELEGRAM_API_URL } from '@messtrack/messenger-gateway/adapters/telegram-api.ts';
import { providerUrlVariables } from '@messtrack/messenger-gateway/config.ts';
import { duration, flag, logLevel, port, secret, url } from '@messtrack/runtime/config.ts';
import { grpcTlsVariables } from '@messtrack/runtime/grpc.ts';
import { z } from 'zod';

/** Environment of the standalone. Everything has a default: `npm start` needs nothing set. */
export const standaloneConfig = z.object({
  PORT: port().default(8080).describe('public HTTP port; 0 takes a free one'),
  HOST: z.string().default('127.0.0.1').describe('address to listen on; 0.0.0.0 opens it to other machines'),
  GRPC_PORT: port().optional().describe('port for gRPC (Attribution, Messenger, Placements, Visits, Exports); none is opened when not set'),
  ...grpcTlsVariables,
  ...providerUrlVariables,
  MESSTRACK_DATA: z.string().default('./.messtrack').describe('folder of the log, the sessions and the warehouse'),
  MESSTRACK_WORKSPACES: z.string().default('examples/workspaces').describe('folder of workspace files, one YAML file each'),
  MESSTRACK_SQL_TOKEN: secret(16)
    .optional()
    .describe('opens /sql and / to other machines for whoever sends it as the ClickHouse password; at least 16 characters'),
  LOG_LEVEL: logLevel().default('warn').describe('lowest level that is logged'),
  REDIRECT_DEADLINE_MS: duration()
    .default(150)
    .describe('how long a redirect waits for the log before the click is spooled, with its unit: 150ms'),
  ...ingestEdgeVariables,
  TELEGRAM_API_URL: url('http', 'https')
    .default(TELEGRAM_API_URL)
    .describe('address of the Telegram Bot API, for those who run a Bot API server of their own'),
  TRUST_PROXY: proxies().optional().describe('addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas'),
  DRAIN_TIMEOUT: duration().default(25_000).describe('how long a stop may take'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http', 'https').optional().describe('OTLP/HTTP collector for traces'),
  WATCH_WORKSPACES: flag().default(true).describe('reload workspace files when they change'),
});

export type StandaloneConfig = z.output<typeof standaloneConfig>;
