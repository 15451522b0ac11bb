/** `npm run rebuild-sessions`: fills the join store anew from the log, after Redis has lost it. */

import { leadIdOf } from '@messtrack/matcher/adapters/lead-id.ts';
import { openModelDirectory } from '@messtrack/matcher/adapters/model-directory.ts';
import { modelSource } from '@messtrack/matcher/adapters/model-source.ts';
import { DEFAULT_MATCHER_SETTINGS } from '@messtrack/matcher/config.ts';
import { createMatcherMetrics } from '@messtrack/matcher/metrics.ts';
import { rebuildSessions } from '@messtrack/matcher/rebuild.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { list, loadConfig, logLevel, url } from '@messtrack/runtime/config.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { createMetrics } from '@messtrack/runtime/metrics.ts';
import { JOIN_PREFIX } from '@messtrack/sessions/join-prefix.ts';
import { openRedisJoinStore } from '@messtrack/sessions/join-store-redis.ts';
import { z } from 'zod';

const HELP = `npm run rebuild-sessions

Clears the join store in Redis and folds touchpoints.v1 from its first record to what the matcher has committed,
writing the join store and nothing else. Stop the matcher first; start it again afterwards.

KAFKA_BROKERS  host:port, separated by commas
REDIS_URL      the Redis of the join store
LOG_LEVEL      default info`;

const schema = z.object({
  KAFKA_BROKERS: list().describe('brokers as host:port, separated by commas'),
  REDIS_URL: url('redis', 'rediss').describe('Redis of the join store'),
  LOG_LEVEL: logLevel().default('info').describe('lowest level that is logged'),
});

if (process.argv.includes('--help')) {
  console.log(HELP);
} else {
  const config = loadConfig(schema, process.env);
  const log = createLogger('rebuild-sessions', config.LOG_LEVEL);
  const bus = await openKafkaBus({ brokers: config.KAFKA_BROKERS, clientId: 'rebuild-sessions', log });
  const joins = await openRedisJoinStore({ url: config.REDIS_URL, prefix: JOIN_PREFIX, log });
  try {
    const { groupId, snapshotPolicy } = DEFAULT_MATCHER_SETTINGS;
    const metrics = createMatcherMetrics(createMetrics(), Date.now);
    const rebuilt = await rebuildSessions(bus, joins, groupId, {
      tools: { leadId: leadIdOf },
      models: modelSource(openModelDirectory(bus), metrics, log),
      listener: { committed: () => undefined },
      metrics,
      clock: Date.now,
      snapshotPolicy,
    });
    log.info(rebuilt, 'join store rebuilt');
  } finally {
    await joins.close();
    await bus.close();
  }
}
