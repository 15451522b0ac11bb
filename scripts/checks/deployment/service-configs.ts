import { exporterConfig } from '@messtrack/exporter/config.ts';
import { ingestConfig } from '@messtrack/ingest/config.ts';
import { matcherConfig } from '@messtrack/matcher/config.ts';
import { gatewayConfig } from '@messtrack/messenger-gateway/config.ts';
import { standaloneConfig } from '@messtrack/standalone/config.ts';
import type { z } from 'zod';

/** What each process of ours reads from its environment, by the file that starts it. */
export const SERVICE_CONFIGS: Readonly<Record<string, z.ZodObject>> = {
  'services/ingest/src/main.ts': ingestConfig,
  'services/messenger-gateway/src/main.ts': gatewayConfig,
  'services/matcher/src/main.ts': matcherConfig,
  'services/exporter/src/main.ts': exporterConfig,
  'services/standalone/src/main.ts': standaloneConfig,
};
