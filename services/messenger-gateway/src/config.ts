import { duration, logLevel, port, url } from '@messtrack/runtime/config.ts';
import { kafkaVariables } from '@messtrack/runtime/kafka-variables.ts';
import { z } from 'zod';

/** Environment of the messenger gateway. Secrets of accounts stand in the workspaces, by reference. */
export const gatewayConfig = z.object({
  ...kafkaVariables,
  MESSTRACK_WORKSPACES: z.string().describe('folder of workspace files, one YAML file each'),
  HTTP_HOST: z.string().default('0.0.0.0').describe('address of the public HTTP server'),
  HTTP_PORT: port().default(8081).describe('port of the public HTTP server; 0 takes a free one'),
  ADMIN_HOST: z.string().default('0.0.0.0').describe('address of /healthz, /readyz and /metrics'),
  ADMIN_PORT: port().default(9091).describe('port of /healthz, /readyz and /metrics; 0 takes a free one'),
  GRPC_PORT: port().default(0).describe('port kept for the gRPC service Messenger; nothing listens on it yet'),
  LOG_LEVEL: logLevel().default('info').describe('lowest level that is logged'),
  DRAIN_TIMEOUT: duration().default(25_000).describe('how long a stop may take'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http', 'https').optional().describe('OTLP/HTTP collector for traces'),
});

export type GatewayConfig = z.output<typeof gatewayConfig>;

/** What `startGateway` needs besides its clients. */
export interface GatewaySettings {
  /** Record a span per webhook; worth its cost only where a collector takes them. */
  readonly isTracing: boolean;
}

export const DEFAULT_GATEWAY_SETTINGS: GatewaySettings = { isTracing: false };
