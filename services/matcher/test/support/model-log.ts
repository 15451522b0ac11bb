import { TOPICS } from '@messtrack/proto/topics.ts';
import { type Bus, type BusRecord, BusUnavailableError, type OutRecord } from '@messtrack/runtime/bus.ts';
import { encodeStatistics } from '../../src/adapters/statistics-codec.ts';
import { emptyPlatformStatistics, type PlatformStatistics } from '../../src/domain/model/platform-statistics.ts';

export interface ModelLog extends Pick<Bus, 'read'> {
  append(records: readonly OutRecord[]): void;
  /** What compaction would have taken. */
  forget(key: string): void;
  isAway: boolean;
}

/** Partition 0 of model.v1 in a list, read in pieces of three. */
export function memoryModelLog(): ModelLog {
  const records: (BusRecord | undefined)[] = [];
  return {
    isAway: false,
    append(added) {
      for (const { topic, partition, key, value, headers } of added) {
        if (topic !== TOPICS.model.name || partition !== 0) continue;
        records.push({ topic, partition, offset: records.length, key: Buffer.from(key), value, headers, timestampMs: 0 });
      }
    },
    forget(key) {
      for (const [offset, record] of records.entries()) if (record !== undefined && String(record.key) === key) records[offset] = undefined;
    },
    async *read(_, fromOffset) {
      if (this.isAway) throw new BusUnavailableError('away');
      const left = records.slice(fromOffset).filter((record) => record !== undefined);
      for (let at = 0; at < left.length; at += 3) yield left.slice(at, at + 3);
    },
  };
}

/** Statistics of so many leads with identifier, of a partition that began at `fromMs`. */
export function statisticsOf(identified: number, fromMs: number): PlatformStatistics {
  const statistics = emptyPlatformStatistics();
  statistics.fadedAtMs = fromMs;
  statistics.scalars.identified = identified;
  statistics.keepers[0] = identified;
  statistics.tallies.home.set('US', identified);
  return statistics;
}

export function bytesOf(statistics: PlatformStatistics): string {
  return Buffer.from(encodeStatistics(statistics)).toString('base64');
}
