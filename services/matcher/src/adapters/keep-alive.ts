import type { Batch } from '@messtrack/runtime/bus.ts';

const EVERY_MS = 3_000;

/** Waits for the join store, however long it is away, and tells the group meanwhile that this owner lives: the matcher waits, it never guesses. */
export async function keepAlive<T>(batch: Batch, work: Promise<T>): Promise<T> {
  // A heartbeat that fails means that the partition is moving; the transaction will find out, and the work itself is harmless.
  const timer = setInterval(() => void batch.heartbeat().catch(() => undefined), EVERY_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
  }
}
