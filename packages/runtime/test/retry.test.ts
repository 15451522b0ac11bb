import { describe, expect, it } from 'vitest';
import { BusUnavailableError, RecordTooLargeError } from '../src/bus.ts';
import { delayBound, hasCode, isAnyOf, RetryBudgetError, type RetryOptions, withRetry } from '../src/retry.ts';

/** A clock that moves only by sleeping. */
function fakeTime(random = 0.5) {
  const delays: number[] = [];
  let now = 0;
  const options: Pick<RetryOptions, 'now' | 'random' | 'sleep'> = {
    now: () => now,
    random: () => random,
    sleep: async (delayMs) => {
      delays.push(delayMs);
      now += delayMs;
    },
  };
  return { delays, options };
}

const isTransient = isAnyOf(BusUnavailableError);

function failing(times: number, error: Error): (number: number) => Promise<number> {
  return async (number) => {
    if (number <= times) throw error;
    return number;
  };
}

describe('withRetry', () => {
  it('gives the result of the first attempt that succeeds', async () => {
    const { delays, options } = fakeTime();
    await expect(withRetry(failing(3, new BusUnavailableError('away')), { isTransient, budgetMs: 10_000, ...options })).resolves.toBe(4);
    expect(delays).toEqual([25, 50, 100]);
  });

  it('throws an error it does not know at once', async () => {
    const { delays, options } = fakeTime();
    const error = new RecordTooLargeError('too large');
    await expect(withRetry(failing(1, error), { isTransient, budgetMs: 10_000, ...options })).rejects.toBe(error);
    expect(delays).toEqual([]);
  });

  it('ends with the last error as cause when the budget is spent, and starts no attempt after it', async () => {
    const { delays, options } = fakeTime(1);
    const cause = new BusUnavailableError('away');
    const result = withRetry(failing(99, cause), { isTransient, budgetMs: 400, ...options });
    await expect(result).rejects.toMatchObject({ name: 'RetryBudgetError', attempts: 4, cause });
    await expect(result).rejects.toBeInstanceOf(RetryBudgetError);
    expect(delays).toEqual([50, 100, 200]);
  });

  it('waits at most the maximum, and anything between nothing and the bound', async () => {
    const low = fakeTime(0);
    await withRetry(failing(12, new BusUnavailableError('away')), { isTransient, budgetMs: 1_000, ...low.options });
    expect(new Set(low.delays)).toEqual(new Set([0]));
    expect([1, 2, 3, 20, 2_000].map((number) => delayBound(number, 50, 5_000))).toEqual([50, 100, 200, 5_000, 5_000]);
  });

  it('tells of every wait before it', async () => {
    const { options } = fakeTime();
    const told: unknown[] = [];
    const onRetry = (error: unknown, attempt: number, delayMs: number): void => void told.push([error, attempt, delayMs]);
    const error = new BusUnavailableError('away');
    await withRetry(failing(2, error), { isTransient, budgetMs: 10_000, onRetry, ...options });
    expect(told).toEqual([
      [error, 1, 25],
      [error, 2, 50],
    ]);
  });

  it('ends a real wait when aborted, with the reason given', async () => {
    const controller = new AbortController();
    const reason = new Error('stopping');
    const result = withRetry(failing(99, new BusUnavailableError('away')), {
      isTransient,
      budgetMs: Number.POSITIVE_INFINITY,
      baseDelayMs: 3_600_000,
      maxDelayMs: 3_600_000,
      random: () => 1,
      signal: controller.signal,
      onRetry: () => queueMicrotask(() => controller.abort(reason)),
    });
    await expect(result).rejects.toBe(reason);
  });

  it('makes no attempt when aborted before', async () => {
    let attempts = 0;
    const result = withRetry(
      async () => {
        attempts++;
      },
      { isTransient, budgetMs: 1, signal: AbortSignal.abort(new Error('stopping')) },
    );
    await expect(result).rejects.toThrow('stopping');
    expect(attempts).toBe(0);
  });
});

describe('the classification', () => {
  it('goes by class', () => {
    expect(isTransient(new BusUnavailableError('x'))).toBe(true);
    expect(isTransient(new Error('BusUnavailableError'))).toBe(false);
    expect(isTransient('BusUnavailableError')).toBe(false);
  });

  it('goes by code, also of a cause, never by text', () => {
    const isReset = hasCode('ECONNRESET');
    const cause = Object.assign(new Error('x'), { code: 'ECONNRESET' });
    expect(isReset(cause)).toBe(true);
    expect(isReset(new Error('fetch failed', { cause }))).toBe(true);
    expect(isReset(new Error('ECONNRESET'))).toBe(false);
    const circular = new Error('x');
    circular.cause = circular;
    expect(isReset(circular)).toBe(false);
  });
});
