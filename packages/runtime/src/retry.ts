import { setTimeout as delay } from 'node:timers/promises';

export interface RetryOptions {
  /**
   * Whether an error passes by itself. Judge by class or code (`isAnyOf`, `hasCode`), never by message text: texts change with versions and languages.
   * What it does not know is thrown on at once.
   */
  readonly isTransient: (error: unknown) => boolean;
  /** Upper bound of the first wait. Milliseconds. Default 50. */
  readonly baseDelayMs?: number;
  /** Upper bound of any wait. Milliseconds. Default 5,000. */
  readonly maxDelayMs?: number;
  /** No attempt begins later than this after the first. Milliseconds; Infinity for ever. */
  readonly budgetMs: number;
  /** Ends the waiting: rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Told before each wait; log or count here. */
  readonly onRetry?: (error: unknown, attempt: number, delayMs: number) => void;
  /** Uniform in [0, 1). */
  readonly random?: () => number;
  /** Milliseconds on any monotonic scale. */
  readonly now?: () => number;
  readonly sleep?: (delayMs: number, signal: AbortSignal | undefined) => Promise<void>;
}

/** The budget ran out; `cause` is the last error. */
export class RetryBudgetError extends Error {
  override readonly name = 'RetryBudgetError';
  readonly attempts: number;

  constructor(attempts: number, cause: unknown) {
    super(`gave up after ${attempts} attempt(s)`, { cause });
    this.attempts = attempts;
  }
}

/**
 * Repeats `attempt` while its error is transient, waiting a random time up to a bound that doubles ("full jitter": clients that failed together
 * must not come back together). `attempt` gets its number, counted from 1.
 *
 * @throws the error itself when it is not transient, RetryBudgetError when the budget is spent, the signal's reason when aborted
 */
export async function withRetry<T>(attempt: (number: number) => Promise<T>, options: RetryOptions): Promise<T> {
  const baseDelayMs = options.baseDelayMs ?? 50;
  const maxDelayMs = options.maxDelayMs ?? 5_000;
  const random = options.random ?? Math.random;
  const now = options.now ?? (() => performance.now());
  const sleep = options.sleep ?? sleepFor;
  const startedAt = now();
  for (let number = 1; ; number++) {
    options.signal?.throwIfAborted();
    try {
      return await attempt(number);
    } catch (error) {
      if (!options.isTransient(error)) throw error;
      const delayMs = delayBound(number, baseDelayMs, maxDelayMs) * random();
      if (now() - startedAt + delayMs > options.budgetMs) throw new RetryBudgetError(number, error);
      options.onRetry?.(error, number, delayMs);
      await sleep(delayMs, options.signal);
    }
  }
}

/** Upper bound of the wait after attempt `number`, counted from 1: doubles from the base, never over the maximum. */
export function delayBound(number: number, baseDelayMs: number, maxDelayMs: number): number {
  return Math.min(maxDelayMs, baseDelayMs * 2 ** (number - 1));
}

/** Transient when the error is an instance of one of the classes. */
export function isAnyOf(...classes: readonly (new (...args: never[]) => Error)[]): (error: unknown) => boolean {
  return (error) => classes.some((each) => error instanceof each);
}

/** Transient when the error, or a cause of it, carries one of the codes: `hasCode('ECONNREFUSED', 'ECONNRESET')`. */
export function hasCode(...codes: readonly string[]): (error: unknown) => boolean {
  return (error) => {
    let current = error;
    for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
      if ('code' in current && typeof current.code === 'string' && codes.includes(current.code)) return true;
      current = current.cause;
    }
    return false;
  };
}

async function sleepFor(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(delayMs, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    // node:timers rejects with its own AbortError; the caller asked for the signal's reason.
    signal?.throwIfAborted();
    throw error;
  }
}
