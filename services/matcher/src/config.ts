import { duration, integer, logLevel, port, url } from '@messtrack/runtime/config.ts';
import { grpcTlsVariables } from '@messtrack/runtime/grpc.ts';
import { kafkaVariables } from '@messtrack/runtime/kafka-variables.ts';
import { z } from 'zod';
import { DEFAULT_SNAPSHOT_POLICY, type SnapshotPolicy } from './domain/snapshot-policy.ts';

/** Environment of the matcher. It reads workspace files for the API tokens alone: settings of decisions come from the log. */
export const matcherConfig = z.object({
  ...kafkaVariables,
  REDIS_URL: url('redis', 'rediss').describe('Redis of the join store, e.g. redis://redis:6379/0'),
  MESSTRACK_WORKSPACES: z.string().describe('folder of workspace files, one YAML file each; read for their API tokens'),
  HTTP_HOST: z.string().default('0.0.0.0').describe('address of the public HTTP server'),
  HTTP_PORT: port().default(8082).describe('port of GET /v1/leads and POST /v1/goals; 0 takes a free one'),
  ADMIN_HOST: z.string().default('0.0.0.0').describe('address of /healthz, /readyz and /metrics'),
  ADMIN_PORT: port().default(9092).describe('port of /healthz, /readyz and /metrics; 0 takes a free one'),
  GRPC_PORT: port().default(7002).describe('port of the gRPC service Attribution; 0 takes a free one'),
  ...grpcTlsVariables,
  LOG_LEVEL: logLevel().default('info').describe('lowest level that is logged'),
  DRAIN_TIMEOUT: duration().default(25_000).describe('how long a stop may take'),
  OTEL_EXPORTER_OTLP_ENDPOINT: url('http', 'https').optional().describe('OTLP/HTTP collector for traces'),
  BATCH_RECORDS: integer(1, 100_000).default(2_000).describe('upper bound of the touchpoints of one transaction'),
});

export interface MatcherSettings {
  /** Consumer group; its committed offsets are the truth about what has been folded. */
  readonly groupId: string;
  readonly maxBatchRecords: number;
  readonly snapshotPolicy: SnapshotPolicy;
  /** Callers who may wait for a lead at once. */
  readonly maxWaiting: number;
  /** How often the trainer looks at what other partitions have taught. Milliseconds of wall time; models themselves change by the hour. */
  readonly lookEveryMs: number;
  /** How long a stop waits for a batch that waits for the join store; well below the drain deadline, for the group has to be left in order too. Milliseconds. */
  readonly stopPatienceMs: number;
}

export const DEFAULT_MATCHER_SETTINGS: MatcherSettings = {
  groupId: 'matcher',
  maxBatchRecords: 2_000,
  snapshotPolicy: DEFAULT_SNAPSHOT_POLICY,
  maxWaiting: 1_000,
  lookEveryMs: 10_000,
  stopPatienceMs: 5_000,
};
