import { liveClicks } from './click-store.ts';
import type { PartitionState } from './state.ts';

/** Snapshots cost work now and save work at a restart. Time is no measure: a quiet partition folds nothing again. */
export interface SnapshotPolicy {
  /** Records between snapshots of a small state: what a restart folds again at most, a fraction of a second. */
  readonly everyRecords: number;
  /** Records between snapshots per item (click, open lead, pending code) of a large one. */
  readonly recordsPerItem: number;
  /** Records between snapshots of the largest: they bound what a restart folds again, whatever the state has grown to. */
  readonly mostRecords: number;
  /** Bytes of state per record of a snapshot. Default half a megabyte: half of what the topic takes, because keys, headers and the broker's own framing need room too. */
  readonly chunkBytes?: number;
}

/**
 * An item of the state costs about a microsecond to write and one and a half to read (tests/bench/state.ts), so one record per item keeps
 * snapshots at a microsecond per record. A restart folds up to 300,000 records again, some five seconds, beside reading the snapshot.
 */
export const DEFAULT_SNAPSHOT_POLICY: SnapshotPolicy = { everyRecords: 20_000, recordsPerItem: 1, mostRecords: 300_000 };

export function isSnapshotDue(state: PartitionState, recordsSince: number, policy: SnapshotPolicy): boolean {
  if (recordsSince < policy.everyRecords) return false;
  if (recordsSince >= policy.mostRecords) return true;
  const { openLeads, windowClicks, pendingCodes } = sizesOf(state);
  return recordsSince >= policy.recordsPerItem * (openLeads + windowClicks + pendingCodes);
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
