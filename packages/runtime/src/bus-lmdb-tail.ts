import type { BusRecord } from './bus.ts';
import type { Assignment, Claim } from './bus-lmdb-group.ts';
import type { LogStore } from './bus-lmdb-store.ts';

/** Reads one claimed partition onward from an offset, and waits at its end. */
export interface Tail {
  /** Records from `offset` to before `end`, with the offset after the last record of the partition. Empty where there is nothing. */
  fetch(offset: number, end: number): { readonly records: readonly BusRecord[]; readonly highWatermark: number };
  /** Resolves when records arrive, the assignment is revoked, or the time is over. */
  wait(timeoutMs: number): Promise<void>;
  close(): void;
}

/**
 * A commit of this process wakes the reader at once. The wait is bounded only because another process may write the same log, while a folder is
 * handed from one to the next.
 */
export const FOREIGN_WRITES_POLL_MS = 500;

export function openTail(store: LogStore, claim: Claim, assignment: Assignment, maxRecords: number): Tail {
  let isWoken = false;
  let wake: (() => void) | undefined;
  const notify = () => {
    isWoken = true;
    wake?.();
  };
  const stops = [store.onAppend(claim.of, claim.partition, notify), assignment.onRevoked(notify)];
  return {
    fetch(offset, end) {
      // Cleared before looking: what is appended after the look wakes the next wait.
      isWoken = false;
      const highWatermark = store.head(claim.of, claim.partition).next;
      const until = Math.min(end, highWatermark);
      return { records: offset < until ? store.fetch(claim.of, claim.partition, offset, until, maxRecords) : [], highWatermark };
    },
    async wait(timeoutMs) {
      if (isWoken || assignment.isRevoked()) return;
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        wake = resolve;
        timer = setTimeout(resolve, timeoutMs);
      });
      wake = undefined;
      clearTimeout(timer);
    },
    close() {
      for (const stop of stops) stop();
    },
  };
}
