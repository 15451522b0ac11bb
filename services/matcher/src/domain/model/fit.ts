import { capped } from './audience.ts';
import { derivePlatform, type PlatformModel } from './platform-model.ts';
import { emptyPlatformStatistics, mergePlatform, type PlatformStatistics } from './platform-statistics.ts';

/** The next version of the platform's model: what all partitions have taught, added up. Pure; the order of the partitions fixes the digits. */
export function fit(partitions: readonly PlatformStatistics[], previous: Pick<PlatformModel, 'version'>): PlatformModel {
  const all = emptyPlatformStatistics();
  for (const statistics of partitions) {
    mergePlatform(all, statistics);
    all.fadedAtMs = Math.max(all.fadedAtMs, statistics.fadedAtMs);
  }
  return derivePlatform({ ...all, audience: capped(all.audience) }, previous.version + 1);
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const GROWTH = 1.05;

/** A new version is worth its place when leads have grown by a twentieth or a day has passed; never more often than hourly. */
export function isFitDue(statistics: PlatformStatistics, { statistics: known }: Pick<PlatformModel, 'statistics'>, nowMs: number): boolean {
  const passedMs = nowMs - known.fadedAtMs;
  if (passedMs >= DAY_MS) return true;
  return passedMs >= HOUR_MS && statistics.scalars.identified > known.scalars.identified * GROWTH + 1;
}
