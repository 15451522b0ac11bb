import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ask,
  attempt,
  type Book,
  due,
  end,
  forget,
  giveBack,
  newBook,
  type PlanRules,
  plan,
  REMEMBERED_MS,
  shift,
} from '../src/domain/outbound-book.ts';
import type { SendLimits } from '../src/domain/pace.ts';

const T0 = 1_790_000_000_000;
const LIMITS: SendLimits = { account: { intervalMs: 1_000 / 80, burst: 8 }, recipient: { intervalMs: 6_000, burst: 3 } };

function asked(key: string, recipient = 'ann', part: { readonly at?: number; readonly waitMs?: number; readonly text?: string } = {}) {
  const { at = T0, waitMs = 60_000, text = 'hello' } = part;
  return {
    key,
    recipient,
    content: { kind: 'text' as const, text },
    digest: text,
    askedAtMs: at,
    waitUntilMs: at + waitMs,
    isOptedIn: false,
  };
}

function rules(part: Partial<PlanRules> = {}): PlanRules {
  return {
    limits: LIMITS,
    nowMs: T0,
    owner: 'me',
    horizonMs: 300,
    orphanedMs: 60_000,
    maxAttempting: 64,
    isThorough: true,
    admit: () => ({ kind: 'admitted' }),
    ...part,
  };
}

const keysOf = (book: Book, part: Partial<PlanRules> = {}) => plan(book, rules(part)).map(({ kind, send }) => `${kind} ${send.key}`);
const SENT = { result: 'sent' as const, messageId: 'wamid.1' };
const UNKNOWN = { result: 'unconfirmed' as const, reason: 'unconfirmed' as const, code: '', retryAtMs: 0 };
const later = (retryAtMs: number, ofAccount = false) => ({
  result: 'deferred' as const,
  reason: 'rate_limited' as const,
  code: '429',
  retryAtMs,
  ofAccount,
});

describe('the queue of an account', () => {
  it('plans a key once, and answers a repeated one with what is known', () => {
    const book = newBook();
    expect(ask(book, asked('a'))).toBeUndefined();
    expect(ask(book, asked('a'))).toBeUndefined();
    expect(keysOf(book)).toEqual(['attempt a']);
    expect(keysOf(book, { nowMs: T0 + 10_000 })).toEqual([]);
    end(book, LIMITS, 'a', SENT, T0);
    expect(ask(book, asked('a'))).toMatchObject({ kind: 'settled', send: { phase: 'sent', messageId: 'wamid.1', content: undefined } });
    expect(ask(book, asked('a', 'ann', { text: 'other' }))).toEqual({ kind: 'key_reused' });
  });

  it('never repeats an attempt whose owner is gone, and a proof that it was sent counts at any time', () => {
    const book = newBook();
    ask(book, asked('a'));
    attempt(book, LIMITS, 'a', 1, 'the owner before', T0, T0);
    expect(keysOf(book, { nowMs: T0 + 59_999 })).toEqual([]);
    expect(keysOf(book, { nowMs: T0 + 60_000 })).toEqual(['orphan a']);
    end(book, LIMITS, 'a', UNKNOWN, T0 + 60_000);
    expect(keysOf(book, { nowMs: T0 + 70_000 })).toEqual([]);
    expect(end(book, LIMITS, 'a', { result: 'failed', reason: 'provider_refused', code: '1', retryAtMs: 0 }, T0)).toBe(false);
    expect(end(book, LIMITS, 'a', SENT, T0 + 80_000)).toBe(true);
    expect(end(book, LIMITS, 'a', UNKNOWN, T0 + 90_000)).toBe(false);
    expect(book.sends.get('a')).toMatchObject({ phase: 'sent', messageId: 'wamid.1' });
  });

  it('takes an attempt back from its own owner alone, and plans it again before what was asked later', () => {
    const book = newBook();
    for (const key of ['a', 'b']) ask(book, asked(key));
    attempt(book, LIMITS, 'a', 1, 'the owner before', T0, T0);
    giveBack(book, 'a', 'somebody else');
    expect(keysOf(book)).toEqual([]);
    giveBack(book, 'a', 'the owner before');
    expect(keysOf(book)).toEqual(['attempt a']);
    giveBack(book, 'a', 'the owner before');
    expect(keysOf(book)).toEqual([]);
    end(book, LIMITS, 'a', SENT, T0);
    giveBack(book, 'a', 'me');
    expect(keysOf(book)).toEqual(['attempt b']);
  });

  it('tries again only what the provider put off, not before it said, and before what was asked later', () => {
    const book = newBook();
    for (const key of ['a', 'b']) ask(book, asked(key));
    expect(keysOf(book)).toEqual(['attempt a']);
    end(book, LIMITS, 'a', later(T0 + 7_000), T0);
    expect(keysOf(book, { nowMs: T0 + 6_000 })).toEqual([]);
    expect(keysOf(book, { nowMs: T0 + 7_000 })).toEqual(['attempt a']);
    end(book, LIMITS, 'a', SENT, T0 + 7_100);
    expect(keysOf(book, { nowMs: T0 + 20_000 })).toEqual(['attempt b']);
  });

  it('holds everybody when the limit is the account, and one when it is theirs', () => {
    const book = newBook();
    for (const [key, to] of [
      ['a', 'ann'],
      ['b', 'bob'],
    ] as const)
      ask(book, asked(key, to));
    expect(keysOf(book)).toEqual(['attempt a', 'attempt b']);
    end(book, LIMITS, 'a', later(T0 + 5_000), T0);
    end(book, LIMITS, 'b', SENT, T0);
    ask(book, asked('c', 'bob'));
    expect(keysOf(book, { nowMs: T0 + 1_000 })).toEqual(['attempt c']);
    end(book, LIMITS, 'c', later(T0 + 9_000, true), T0 + 1_000);
    expect(keysOf(book, { nowMs: T0 + 8_000 })).toEqual([]);
  });

  it('fails what may not wait, saying when it would have gone', () => {
    const book = newBook();
    ask(book, asked('a', 'ann', { waitMs: 2_000 }));
    plan(book, rules());
    end(book, LIMITS, 'a', later(T0 + 30_000), T0);
    expect(plan(book, rules())).toMatchObject([{ kind: 'fail', reason: 'rate_limited', retryAtMs: T0 + 30_000, send: { key: 'a' } }]);
  });

  it('looks no further than something can go, unless it is to be thorough', () => {
    const [quick, thorough] = [newBook(), newBook()];
    for (const book of [quick, thorough]) {
      for (let i = 0; i < 100; i += 1) ask(book, asked(`k${i}`, `person ${i}`));
      ask(book, asked('late', 'ann', { waitMs: 0 }));
    }
    const kinds = (book: Book, isThorough: boolean) => plan(book, rules({ isThorough })).map(({ kind, send }) => `${kind} ${send.key}`);
    const planned = kinds(quick, false);
    // 8 at once and 24 in the 0.3 s ahead.
    expect(planned).toEqual(Array.from({ length: 32 }, (_, i) => `attempt k${i}`));
    expect(kinds(thorough, true)).toEqual([...planned, 'fail late']);
    expect(due(quick, rules(), 64)).toEqual([]);
    expect(due(quick, rules({ nowMs: T0 + 25 }), 64)[0]?.key).toBe('k32');
  });

  it('lets nobody past a message to the same person that is not clear yet', () => {
    const book = newBook();
    for (const key of ['a', 'b']) ask(book, asked(key));
    expect(keysOf(book, { admit: ({ key }) => ({ kind: key === 'a' ? 'unclear' : 'admitted' }) })).toEqual([]);
    expect(keysOf(book, { admit: () => ({ kind: 'refused', reason: 'outside_window' }) })).toEqual(['fail a', 'fail b']);
  });

  it('says whose turn it is: the first of each person, nobody whose person is being written to or has to wait', () => {
    const book = newBook();
    for (const [key, to] of [
      ['a1', 'ann'],
      ['a2', 'ann'],
      ['b1', 'bob'],
      ['c1', 'cat'],
      ['c2', 'cat'],
      ['d1', 'dan'],
      ['e1', 'eve'],
    ] as const)
      ask(book, asked(key, to));
    attempt(book, LIMITS, 'b1', 1, 'me', T0, T0);
    attempt(book, LIMITS, 'c1', 1, 'me', T0, T0);
    end(book, LIMITS, 'c1', later(T0 + 5_000), T0);
    const keys = (atMost: number, nowMs = T0) => due(book, rules({ nowMs }), atMost).map(({ key }) => key);
    expect(keys(9)).toEqual(['a1', 'd1', 'e1']);
    expect(keys(2)).toEqual(['a1', 'd1']);
    expect(keys(9, T0 + 5_000)).toEqual(['c1', 'a1', 'd1', 'e1']);
  });

  it('plans as if nothing had happened when the clock was set and the book was moved with it', () => {
    const request = fc.record({
      to: fc.constantFrom('ann', 'bob'),
      gapMs: fc.nat(2_000),
      laterMs: fc.option(fc.nat(9_000), { nil: undefined }),
    });
    const jump = fc.integer({ min: -3 * 86_400_000, max: 3 * 86_400_000 });
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 30 }), jump, (requests, byMs) => {
        const [still, moved] = [newBook(), newBook()];
        let nowMs = T0;
        for (const [index, { to, gapMs, laterMs }] of requests.entries()) {
          for (const book of [still, moved]) {
            ask(book, asked(String(index), to, { at: nowMs, waitMs: 20_000 }));
            for (const { kind, send } of plan(book, rules({ nowMs }))) {
              if (kind === 'fail') end(book, LIMITS, send.key, { result: 'failed', reason: 'rate_limited', code: '', retryAtMs: 0 }, nowMs);
              else end(book, LIMITS, send.key, laterMs === undefined ? SENT : later(nowMs + laterMs), nowMs);
            }
          }
          nowMs += gapMs;
        }
        shift(moved, byMs);
        for (let step = 0; step < 100; step++) {
          const expected = plan(still, rules({ nowMs }));
          const plans = plan(moved, rules({ nowMs: nowMs + byMs }));
          expect(plans.map(({ kind, send }) => `${kind} ${send.key}`)).toEqual(expected.map(({ kind, send }) => `${kind} ${send.key}`));
          for (const { send } of expected) for (const book of [still, moved]) end(book, LIMITS, send.key, SENT, nowMs);
          nowMs += 500;
        }
        expect(moved.waiting.size).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('forgets a key three days after its end, and not one that is still open', () => {
    const book = newBook();
    for (const key of ['a', 'b']) ask(book, asked(key, key));
    end(book, LIMITS, 'a', SENT, T0);
    forget(book, T0 + REMEMBERED_MS - 1);
    expect([...book.sends.keys()]).toEqual(['a', 'b']);
    forget(book, T0 + REMEMBERED_MS);
    expect([...book.sends.keys()]).toEqual(['b']);
  });

  it('keeps the limits whatever is asked when, also over a new owner in the middle, and loses nothing', () => {
    const request = fc.record({ to: fc.constantFrom('ann', 'bob', 'eve', 'joe'), gapMs: fc.nat(400) });
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 120 }), fc.nat(60), (requests, takeover) => {
        let book = newBook();
        const history: (() => void)[] = [];
        const record = (step: (of: Book) => void) => {
          history.push(() => step(book));
          step(book);
        };
        const calls: { readonly to: string; readonly key: string; readonly atMs: number }[] = [];
        let nowMs = T0;
        const work = () => {
          for (const each of plan(book, rules({ nowMs }))) {
            if (each.kind !== 'attempt') throw new Error(`${each.kind} of ${each.send.key}`);
            const { key, recipient, attempts } = each.send;
            history.push(() => attempt(book, LIMITS, key, attempts, 'me', each.notBeforeMs, nowMs));
            calls.push({ to: recipient, key, atMs: each.notBeforeMs });
            record((of) => end(of, LIMITS, key, { result: 'sent', messageId: key }, nowMs));
          }
        };
        for (const [index, { to, gapMs }] of requests.entries()) {
          nowMs += gapMs;
          record((of) => ask(of, asked(String(index), to, { at: nowMs, waitMs: 10_000_000 })));
          work();
          if (index === takeover) {
            book = newBook();
            for (const step of [...history]) step();
          }
        }
        while (book.waiting.size > 0) {
          nowMs += 250;
          work();
        }
        expect(calls.map(({ key }) => key).sort()).toEqual(requests.map((_, index) => String(index)).sort());
        for (const to of ['ann', 'bob', 'eve', 'joe']) {
          const times = calls.filter((call) => call.to === to).map(({ atMs }) => atMs);
          // 3 at once, and one more for every 6 s: of any four the last is at least 6 s after the first.
          for (let i = 3; i < times.length; i += 1) expect(times[i]! - times[i - 3]!).toBeGreaterThanOrEqual(6_000 - 1);
          const keys = calls.filter((call) => call.to === to).map(({ key }) => Number(key));
          expect(keys).toEqual(keys.toSorted((a, b) => a - b));
        }
        const all = calls.map(({ atMs }) => atMs).sort((a, b) => a - b);
        for (let i = 88; i < all.length; i += 1) expect(all[i]! - all[i - 88]!).toBeGreaterThanOrEqual(1_000 - 1);
      }),
      { numRuns: 150 },
    );
  });
});
