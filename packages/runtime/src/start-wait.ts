import type { Logger } from 'pino';
import { BusUnavailableError } from './bus.ts';
import type { Health } from './health.ts';
import { createOutageLog } from './outage-log.ts';
import { withRetry } from './retry.ts';

/**
 * Makes `attempt` until it succeeds. After a reboot of the machine everything starts side by side, and a service that ends because Kafka takes half a minute longer is started again by its supervisor, at growing distance, while
 * its restarts look like a fault of its own. So it waits: alive, not ready, saying for what. What does not pass by waiting ends the start as before: a login that is refused, a certificate that nobody vouches for, an answer that
 * was not expected, a name that nobody knows after a minute.
 */
export type WaitForStart = <T>(what: string, attempt: () => Promise<T>) => Promise<T>;

export interface StartWaitOptions {
  readonly log: Logger;
  readonly health: Pick<Health, 'setWaiting'>;
  /** Ends the waiting with its reason, also that for an attempt under way. */
  readonly stopping: AbortSignal;
  /** How long a name may be unknown, milliseconds: names of containers and pods are known some seconds after those who ask for them, one with a typing error never. Default 60,000. */
  readonly unresolvedMs?: number;
  /** First bound between two attempts; it doubles up to five seconds. Milliseconds. Default 250. */
  readonly baseDelayMs?: number;
  /** How long an attempt may take before it is told of: who takes connections and says nothing lets it hang for minutes. Milliseconds. Default 10,000. */
  readonly slowMs?: number;
}

const UNRESOLVED = new Set(['ENOTFOUND', 'EAI_AGAIN']);
/** What one meets who comes before the other side, or while it comes up. */
const NOT_UP = new Set([
  ...UNRESOLVED,
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENETDOWN',
]);

class NoAnswerYetError extends Error {
  override readonly name = 'NoAnswerYetError';
}

export function createStartWait(options: StartWaitOptions): WaitForStart {
  const { log, health, stopping, unresolvedMs = 60_000, baseDelayMs = 250, slowMs = 10_000 } = options;
  const stopped = new Promise<never>((_, reject) => {
    stopping.addEventListener('abort', () => reject(stopping.reason as Error), { once: true });
  });
  stopped.catch(() => undefined);

  return async (what, attempt) => {
    const outage = createOutageLog(log, {
      away: `the start waits for ${what}`,
      back: `${what} answers: the start goes on`,
    });
    let unresolvedSince: number | undefined;

    const tell = (error: unknown) => {
      outage.failed(error);
      health.setWaiting(`waits for ${what}: ${reasonOf(error)}`);
    };
    const isTransient = (error: unknown) => {
      const code = networkCode(error);
      if (code === undefined ? !(error instanceof BusUnavailableError) : !NOT_UP.has(code)) return false;
      if (code === undefined || !UNRESOLVED.has(code)) {
        unresolvedSince = undefined;
        return true;
      }
      unresolvedSince ??= performance.now();
      return performance.now() - unresolvedSince < unresolvedMs;
    };
    const once = async () => {
      const slow = setTimeout(() => tell(new NoAnswerYetError(`no answer within ${slowMs} ms`)), slowMs);
      try {
        return await Promise.race([attempt(), stopped]);
      } finally {
        clearTimeout(slow);
      }
    };
    const made = await withRetry(once, { isTransient, baseDelayMs, budgetMs: Number.POSITIVE_INFINITY, signal: stopping, onRetry: tell });
    outage.recovered();
    health.setWaiting(undefined);
    return made;
  };
}

/** Of the error or what caused it. kafkajs's errors carry numbers where a broker has answered; these are no codes of the network. */
function networkCode(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 8 && current instanceof Error; depth += 1) {
    if ('code' in current && typeof current.code === 'string') return current.code;
    current = current.cause;
  }
  return undefined;
}

/** For readiness: no message, which may hold an address with a password. */
function reasonOf(error: unknown): string {
  return networkCode(error) ?? (error instanceof Error ? error.name : 'failed');
}
