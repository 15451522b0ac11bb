import { windowSize } from './click-window.ts';
import type { PartitionState } from './state.ts';

export interface SnapshotPolicy {
  /** Records between snapshots of a small state: what a restart folds again at most, a fraction of a second. */
  readonly everyRecords: number;
}

export const DEFAULT_SNAPSHOT_POLICY: SnapshotPolicy = { everyRecords: 20_000 };

/**
 * An item of the state costs about 5 µs to write, so eight records per item keep snapshots under a microsecond per record; a restart folds
 * at most these eight again, a few seconds for the fullest partition. Time is no measure: a quiet partition folds nothing again.
 */
const RECORDS_PER_ITEM = 8;

export function isSnapshotDue(state: PartitionState, recordsSince: number, policy: SnapshotPolicy): boolean {
  if (recordsSince < policy.everyRecords) return false;
  const { openLeads, windowClicks, pendingCodes } = sizesOf(state);
  return recordsSince >= RECORDS_PER_ITEM * (openLeads + windowClicks + pendingCodes);
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
