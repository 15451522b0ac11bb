import { windowSize } from './click-window.ts';
import type { PartitionState } from './state.ts';

export interface SnapshotPolicy {
  /** At most this many records are folded again after a restart, for a small state. */
  readonly everyRecords: number;
  /** Partition time between snapshots of a slow partition. Milliseconds. */
  readonly everyMs: number;
}

export const DEFAULT_SNAPSHOT_POLICY: SnapshotPolicy = { everyRecords: 20_000, everyMs: 600_000 };

/** A state of n items costs about as much to write as n records cost to fold: four times that between snapshots keeps them under a fifth. */
const RECORDS_PER_ITEM = 4;

export function isSnapshotDue(
  state: PartitionState,
  since: { readonly records: number; readonly takenAtMs: number },
  policy: SnapshotPolicy,
): boolean {
  const { openLeads, windowClicks, pendingCodes } = sizesOf(state);
  const items = openLeads + windowClicks + pendingCodes;
  if (since.records >= Math.max(policy.everyRecords, RECORDS_PER_ITEM * items)) return true;
  return since.records * RECORDS_PER_ITEM >= items && state.clockMs - since.takenAtMs >= policy.everyMs;
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
