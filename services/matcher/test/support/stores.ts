import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus } from '@messtrack/runtime/bus.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import type { OnPhase } from '@messtrack/runtime/bus-phase.ts';
import type { JoinStore } from '@messtrack/sessions/join-store.ts';
import { openLmdbJoinStore } from '@messtrack/sessions/join-store-lmdb.ts';
import { openRedisJoinStore } from '@messtrack/sessions/join-store-redis.ts';
import { pino } from 'pino';
import { prefixedBus } from './prefixed-bus.ts';

/** Where a matcher under test works; plain data, so that a child process can be told. */
export type Stores =
  | { readonly kind: 'embedded'; readonly path: string }
  | { readonly kind: 'cluster'; readonly brokers: readonly string[]; readonly redisUrl: string; readonly prefix: string };

export const PARTITIONS = 3;

export async function openStores(
  stores: Stores,
  onPhase?: OnPhase,
): Promise<{ readonly bus: Bus; readonly joins: JoinStore; close(): Promise<void> }> {
  const log = pino({ level: 'silent' });
  const phases = onPhase === undefined ? {} : { onPhase };
  const { bus, joins } =
    stores.kind === 'embedded'
      ? {
          bus: await openLmdbBus({ path: `${stores.path}/log`, log, ...phases }),
          joins: await openLmdbJoinStore({ path: `${stores.path}/joins` }),
        }
      : {
          bus: prefixedBus(
            await openKafkaBus({
              brokers: stores.brokers,
              clientId: 'matcher-test',
              log,
              sessionTimeoutMs: 6_000,
              rebalanceTimeoutMs: 6_000,
              ...phases,
            }),
            stores.prefix,
          ),
          joins: await openRedisJoinStore({ url: stores.redisUrl, prefix: stores.prefix, log }),
        };
  await bus.ensureTopics([TOPICS.touchpoints, TOPICS.snapshots, TOPICS.leads].map((topic) => ({ ...topic, partitions: PARTITIONS })));
  await bus.ensureTopics([TOPICS.touchpointsDlq, TOPICS.model]);
  return {
    bus,
    joins,
    close: async () => {
      await bus.close();
      await joins.close();
    },
  };
}
