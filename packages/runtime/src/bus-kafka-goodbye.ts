import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { becameSilent } from './silence.ts';

/**
 * Waits for the end of something that speaks with Kafka, as long as Kafka speaks. A consumer takes leave of its group, a client waits for the answers it is owed, a transaction is tried to its end: with a broker that is silent
 * each of them for the thirty seconds that a request may take, beyond the deadline of any stop. Leave is a courtesy: whoever goes without it is put out when its session ends, and what it had begun is undone or read again, as
 * after a kill.
 */
export type Goodbye = (close: () => Promise<void>) => Promise<void>;

export interface GoodbyeOptions {
  readonly log: Logger;
  /** Resolves when a broker answers, by a connection of its own. */
  readonly ping: () => Promise<void>;
  /** As in silence.ts. Milliseconds. */
  readonly patienceMs?: number;
}

export function createGoodbye({ log, ping, patienceMs }: GoodbyeOptions): Goodbye {
  /** Found out at the first that closes; of the others it is asked once. */
  let isSilent = false;

  return async (close) => {
    const over = new AbortController();
    const closing = close().finally(() => over.abort());
    // Whether or not anybody waits for it to the end.
    closing.catch(() => undefined);
    if (!(await becameSilent({ ping, over: over.signal, patienceMs, questions: isSilent ? 1 : undefined }))) return closing;
    if (!isSilent)
      log.warn('Kafka is silent: stopping without leave of it; what was under way and not committed is read again by whoever comes next');
    isSilent = true;
  };
}

/** For what answers the question itself: asked while it closes, it would open what has just been closed. */
export async function closeWithin(ms: number, close: () => Promise<void>): Promise<void> {
  const timer = new AbortController();
  try {
    await Promise.race([close(), delay(ms, undefined, { signal: timer.signal }).catch(() => undefined)]);
  } finally {
    timer.abort();
  }
}
