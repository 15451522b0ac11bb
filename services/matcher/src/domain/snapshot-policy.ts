import { liveClicks } from './click-store.ts';
import type { PartitionState } from './state.ts';

/** Snapshots cost work now and save work at a restart. */
export interface SnapshotPolicy {
  /** Records between snapshots of a small state: what a restart folds again at most, a fraction of a second. Also the fewest of any: a quiet partition folds nothing again. */
  readonly everyRecords: number;
  /** Records between snapshots per item (click, open lead, pending code) of a large one. */
  readonly recordsPerItem: number;
  /** Milliseconds after which an item may be written again although fewer records have come: where time is left, it is spent on short restarts. */
  readonly restMsPerItem: number;
  /** Records between snapshots of the largest: they bound what a restart folds again, whatever the state has grown to. */
  readonly mostRecords: number;
  /** Bytes of state per record of a snapshot. Default half a megabyte: half of what the topic takes, because keys, headers and the broker's own framing need room too. */
  readonly chunkBytes?: number;
}

/** What has happened since the last snapshot, or since the start. */
export interface SinceSnapshot {
  readonly records: number;
  readonly elapsedMs: number;
}

/**
 * An item of the state costs about two microseconds to write and as much to read (tests/bench/state.ts), a record some 35 to fold in a process that is warm and 80 in one that has just begun and writes
 * to the join store again: one record per item keeps snapshots below a tenth of the work of a partition that is behind, up to the 120,000 that a restart folds again in some ten seconds beside reading the
 * snapshot; half a millisecond per item takes 4 ‰ of the time of one that is in step, whose restart folds some 20,000 again, four seconds in all (tests/bench/matcher/recovery.ts).
 */
export const DEFAULT_SNAPSHOT_POLICY: SnapshotPolicy = {
  everyRecords: 20_000,
  recordsPerItem: 1,
  restMsPerItem: 0.5,
  mostRecords: 120_000,
};

export function isSnapshotDue(state: PartitionState, { records, elapsedMs }: SinceSnapshot, policy: SnapshotPolicy): boolean {
  if (records < policy.everyRecords) return false;
  if (records >= policy.mostRecords) return true;
  const { openLeads, windowClicks, pendingCodes } = sizesOf(state);
  const items = openLeads + windowClicks + pendingCodes;
  return records >= policy.recordsPerItem * items || elapsedMs >= policy.restMsPerItem * items;
}

export function sizesOf(state: PartitionState) {
  let windowClicks = 0;
  let pendingCodes = 0;
  let openLeads = 0;
  for (const account of state.accounts.values()) {
    windowClicks += liveClicks(account.matching.clicks);
    pendingCodes += account.pending.size;
    openLeads += account.open.size;
  }
  return { partition: state.partition, openLeads, windowClicks, pendingCodes, clockMs: state.clockMs };
}
