import { windowSize } from './click-window.ts';
import type { PartitionState } from './state.ts';

/** Snapshots cost work now and save work at a restart. Time is no measure: a quiet partition folds nothing again. */
export interface SnapshotPolicy {
  /** Records between snapshots of a small state: what a restart folds again at most, a fraction of a second. */
  readonly everyRecords: number;
  /** Records between snapshots per item (click, open lead, pending code) of a large one. */
  readonly recordsPerItem: number;
}

/**
 * An item of the state costs 5 to 10 µs to write, so eight records per item keep snapshots at about a microsecond per record; a restart
 * folds at most these eight again, a few seconds for the fullest partition.
 */
export const DEFAULT_SNAPSHOT_POLICY: SnapshotPolicy = { everyRecords: 20_000, recordsPerItem: 8 };

export function isSnapshotDue(state: PartitionState, recordsSince: number, policy: SnapshotPolicy): boolean {
  if (recordsSince < policy.everyRecords) return false;
  const { openLeads, windowClicks, pendingCodes } = sizesOf(state);
  return recordsSince >= policy.recordsPerItem * (openLeads + windowClicks + pendingCodes);
}

export function sizesOf(state: PartitionState) {
  let windowClicks = 0;
  let pendingCodes = 0;
  let openLeads = 0;
  for (const account of state.accounts.values()) {
    windowClicks += windowSize(account.window);
    pendingCodes += account.pending.size;
    openLeads += account.open.size;
  }
  return { partition: state.partition, openLeads, windowClicks, pendingCodes, clockMs: state.clockMs };
}
