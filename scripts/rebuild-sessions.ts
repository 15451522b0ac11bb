/** `npm run rebuild-sessions`: fills the join store anew from the log, after Redis, or a folder of the standalone, has lost it. */
import { join } from 'node:path';

import { leadIdOf } from '@messtrack/matcher/adapters/lead-id.ts';
import { openModelDirectory } from '@messtrack/matcher/adapters/model-directory.ts';
import { modelSource } from '@messtrack/matcher/adapters/model-source.ts';
import { DEFAULT_MATCHER_SETTINGS } from '@messtrack/matcher/config.ts';
import { createMatcherMetrics } from '@messtrack/matcher/metrics.ts';
import { rebuildSessions } from '@messtrack/matcher/rebuild.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { loadConfig, logLevel, url } from '@messtrack/runtime/config.ts';
import { beginRebuild, finishRebuild, lockDataFolder } from '@messtrack/runtime/data-folder.ts';
import { kafkaConnection, kafkaRules, kafkaVariables } from '@messtrack/runtime/kafka-variables.ts';
import { checkLmdbFile } from '@messtrack/runtime/lmdb-file-check.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { createMetrics } from '@messtrack/runtime/metrics.ts';
import { JOIN_PREFIX } from '@messtrack/sessions/join-prefix.ts';
import { openLmdbJoinStore } from '@messtrack/sessions/join-store-lmdb.ts';
import { openRebuiltRedisJoinStore } from '@messtrack/sessions/join-store-redis.ts';
import { z } from 'zod';
import { readOptions } from './command-line/read-options.ts';

const HELP = `npm run rebuild-sessions [-- --data <folder>]

Clears the join store in Redis and folds touchpoints.v1 from its first record to what the matcher has committed,
writing the join store and nothing else. Stop the matcher first; start it again afterwards.
Broken off, it is begun anew: until one has come to its end the matcher, or the standalone, waits or refuses to start.

--data <folder>  the same for the data folder of a standalone, which must not run; the variables below are not needed

KAFKA_BROKERS  host:port, separated by commas; KAFKA_SSL and KAFKA_SASL_* as for the services
REDIS_URL      the Redis of the join store
LOG_LEVEL      default info`;

const schema = z.object({
  ...kafkaVariables,
  REDIS_URL: url('redis', 'rediss').describe('Redis of the join store'),
});
const logSchema = z.object({ LOG_LEVEL: logLevel().default('info').describe('lowest level that is logged') });

const { values } = readOptions('rebuild-sessions', { options: { data: { type: 'string' }, help: { type: 'boolean' } } });
if (values.help) {
  console.log(HELP);
} else {
  const log = createLogger('rebuild-sessions', loadConfig(logSchema, process.env).LOG_LEVEL);
  const { bus, joins, begin, finish, release } = values.data === undefined ? await openCluster() : await openFolder(values.data);
  try {
    await begin();
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
    await finish();
    log.info(rebuilt, 'join store rebuilt');
  } finally {
    await joins.close();
    await bus.close();
    await release();
  }

  async function openCluster() {
    const config = loadConfig(schema, process.env, kafkaRules);
    const bus = await openKafkaBus({ ...kafkaConnection(config), clientId: 'rebuild-sessions', log });
    const joins = await openRebuiltRedisJoinStore({ url: config.REDIS_URL, prefix: JOIN_PREFIX, log });
    return {
      bus,
      joins,
      begin: joins.begin,
      finish: joins.finish,
      release: async () => undefined,
    };
  }

  async function openFolder(data: string) {
    const lock = await lockDataFolder(data);
    // A folder that is none must not be made into one with an empty log.
    checkLmdbFile(join(data, 'log', 'data.mdb'), { advice: 'Restore the whole data folder from a backup.' });
    return {
      bus: await openLmdbBus({ path: join(data, 'log'), log }),
      joins: await openLmdbJoinStore({ path: join(data, 'sessions') }),
      begin: () => beginRebuild(data),
      finish: () => finishRebuild(data),
      release: () => lock.release(),
    };
  }
}
