/** The gateway without what it sends: a process that is killed and started anew is back at once, because no consumer group has to notice that it died. */
import { TOPIC_LIST } from '@messtrack/proto/topics.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { DEFAULT_LIFECYCLE, runService } from '@messtrack/runtime/lifecycle.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { createMetrics } from '@messtrack/runtime/metrics.ts';
import { processHandle } from '@messtrack/runtime/process-handle.ts';
import { openWorkspaces } from '@messtrack/workspace/registry.ts';
import { fastify } from 'fastify';
import { DEFAULT_GATEWAY_SETTINGS } from '../src/config.ts';
import { startGateway } from '../src/service.ts';

const [, , broker = '', dir = '', telegramApiUrl = ''] = process.argv;
const log = createLogger('polling-child', 'info');

await runService(log, DEFAULT_LIFECYCLE, processHandle(process), async (use) => {
  const workspaces = await openWorkspaces({ dir, env: process.env, log, watch: false });
  const bus = await openKafkaBus({ brokers: [broker], clientId: 'polling-child', log });
  await use('bus', { value: bus, close: () => bus.close() });
  await bus.ensureTopics(TOPIC_LIST);
  const settings = { ...DEFAULT_GATEWAY_SETTINGS, telegramApiUrl };
  await use('gateway', startGateway({ app: fastify(), bus, workspaces, settings, log, registry: createMetrics() }));
});
