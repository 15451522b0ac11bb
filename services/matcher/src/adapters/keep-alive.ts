import type { Batch } from '@messtrack/runtime/bus.ts';

const EVERY_MS = 3_000;

/** The process stops and waits no longer for what is away. The batch is nobody's: whoever owns the partition next folds it from the log. */
export class StoppedWaitingError extends Error {
  override readonly name = 'StoppedWaitingError';
}

/** Waits for the join store, however long it is away, and tells the group meanwhile that this owner lives: the matcher waits, it never guesses. Until `stopping` says that it waits no more. */
export async function keepAlive<T>(batch: Batch, work: Promise<T>, stopping?: AbortSignal): Promise<T> {
  // A heartbeat that fails means that the partition is moving; the transaction will find out, and the work itself is harmless.
  const timer = setInterval(() => void batch.heartbeat().catch(() => undefined), EVERY_MS);
  const stopped = Promise.withResolvers<never>();
  const stop = () => stopped.reject(new StoppedWaitingError('the matcher stops'));
  if (stopping?.aborted) stop();
  stopping?.addEventListener('abort', stop);
  try {
    return await Promise.race([work, stopped.promise]);
  } finally {
    stopping?.removeEventListener('abort', stop);
    clearInterval(timer);
  }
}
