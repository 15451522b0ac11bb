import type { Bus } from '@messtrack/runtime/bus.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { prefixedBus } from './prefixed-bus.ts';

/** The bus of `openBus` in world.ts, without vitest. */
export async function openChildBus(json: string): Promise<Bus> {
  const place: { kind: string; where: string; prefix: string } = JSON.parse(json);
  const log = createLogger('exporter-child', 'warn');
  if (place.kind === 'lmdb') return openLmdbBus({ path: place.where, log });
  return prefixedBus(await openKafkaBus({ brokers: place.where.split(','), clientId: 'exporter-child', log }), place.prefix);
}
