/** A token that the provider stops to accept, and what becomes of the messages that wait for their turn meanwhile. */
import { SendEnded_Result } from '@messtrack/proto/gen/messtrack/v1/outbound.ts';
import { describe, expect, it } from 'vitest';
import type { SendResult } from '../src/domain/outbound.ts';
import { ask, attempt, type Book, end, newBook, plan, shift } from '../src/domain/outbound-book.ts';
import type { SendLimits } from '../src/domain/pace.ts';
import { ACCEPTED, type OutboundPartition, openPartition } from './outbound-partition.ts';

const REFUSED: SendResult = { kind: 'refused', reason: 'credentials_refused', code: '401' };
const FAILED = { result: SendEnded_Result.RESULT_FAILED, reason: 'credentials_refused' };
const WAITING = 90;

async function minutes(each: OutboundPartition, count: number): Promise<void> {
  for (let second = 0; second < count * 60; second += 1) {
    each.pass(1_000);
    await each.turn();
  }
}

function askMany(each: OutboundPartition, maxWaitMs: number): readonly string[] {
  const keys = Array.from({ length: WAITING }, (_, i) => `k${i}`);
  keys.forEach((key, i) => {
    each.ask(key, { recipient: String(600_000 + i), maxWaitMs });
  });
  return keys;
}

describe('messages that wait while the provider refuses the account', () => {
  it.each(['goes on', 'is followed by another', 'leaves'])(
    'are sent when it has a token again, but for those that found out, whether their owner %s',
    async (what) => {
      let isExpired = true;
      const each = openPartition(() => (isExpired ? REFUSED : ACCEPTED));
      const keys = askMany(each, 900_000);
      await minutes(each, 2);
      if (what === 'is followed by another') await each.restart();
      if (what === 'leaves') await each.leave();
      await minutes(each, 1);
      isExpired = false;
      await minutes(each, 2);
      const ends = keys.map((key) => each.endOf(key));
      const failed = ends.filter(([first]) => first?.reason === FAILED.reason);
      // What was on its way together (30 a second), and an attempt now and then.
      expect(failed.length).toBeLessThan(50);
      expect(failed.length).toBeGreaterThanOrEqual(3);
      expect(ends.filter(([first]) => first?.result === SendEnded_Result.RESULT_SENT)).toHaveLength(WAITING - failed.length);
      expect(new Set(each.sent).size).toBe(each.sent.length);
    },
  );

  it('fail for that reason when they may not wait any longer', async () => {
    const each = openPartition(() => REFUSED);
    const keys = askMany(each, 120_000);
    await minutes(each, 4);
    expect(each.sent.length).toBeLessThan(50);
    expect(keys.map((key) => each.endOf(key))).toEqual(keys.map(() => [FAILED]));
  });

  it('do not include those that are asked meanwhile: their callers are told at once', async () => {
    let isExpired = true;
    const each = openPartition(() => (isExpired ? REFUSED : ACCEPTED));
    askMany(each, 900_000);
    await minutes(each, 2);
    const sent = each.sent.length;
    each.ask('meanwhile', { recipient: '700001', maxWaitMs: 900_000 });
    await each.turn();
    expect(each.endOf('meanwhile')).toEqual([FAILED]);
    expect(each.sent).toHaveLength(sent);
    isExpired = false;
    await minutes(each, 2);
    each.ask('afterwards', { recipient: '700002' });
    await minutes(each, 1);
    expect(each.endOf('afterwards')).toMatchObject([{ result: SendEnded_Result.RESULT_SENT }]);
  });

  it('wait for three refusals in a row: one may be about one person', async () => {
    let calls = 0;
    const each = openPartition(() => (calls++ % 3 === 2 ? ACCEPTED : REFUSED));
    askMany(each, 900_000);
    await minutes(each, 1);
    expect(each.sent).toHaveLength(WAITING);
  });
});

const LIMITS: SendLimits = { account: { intervalMs: 10, burst: 8 }, recipient: { intervalMs: 10, burst: 8 } };
const T0 = 1_790_000_000_000;

function refusedBook(times: number): Book {
  const book = newBook();
  for (let i = 0; i < 40; i += 1)
    ask(book, {
      key: `k${i}`,
      recipient: `person ${i}`,
      content: { kind: 'text', text: 'hello' },
      digest: '',
      askedAtMs: T0,
      waitUntilMs: T0 + 900_000,
      isOptedIn: false,
    });
  const refused = [...book.sends.keys()].slice(0, times);
  for (const key of refused) attempt(book, LIMITS, key, 1, 'me', T0, T0);
  for (const key of refused) end(book, LIMITS, key, { result: 'failed', reason: 'credentials_refused', code: '', retryAtMs: 0 }, T0);
  return book;
}

function planned(book: Book, nowMs: number) {
  const admit = () => ({ kind: 'admitted' as const });
  return plan(book, { limits: LIMITS, nowMs, owner: 'me', horizonMs: 0, orphanedMs: 60_000, maxAttempting: 64, isThorough: true, admit });
}

describe('an account whose credentials are refused', () => {
  it.each([
    [3, 1_000],
    [4, 2_000],
    [9, 60_000],
    [30, 60_000],
  ])('after %s refusals makes one attempt, %s ms later', (times, waitMs) => {
    expect(planned(refusedBook(times), T0 + waitMs - 1)).toEqual([]);
    expect(planned(refusedBook(times), T0 + waitMs)).toMatchObject([{ kind: 'attempt' }]);
  });

  it('waits as long when the clock is set meanwhile', () => {
    const book = refusedBook(9);
    shift(book, -3_600_000);
    expect(planned(book, T0 - 3_600_000 + 59_999)).toEqual([]);
    expect(planned(book, T0 - 3_600_000 + 60_000)).toMatchObject([{ kind: 'attempt' }]);
  });
});
