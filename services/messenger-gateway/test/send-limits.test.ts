import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { TELEGRAM_RULES } from '../src/adapters/senders/telegram-sender.ts';
import { ask, attempt, end, newBook, plan } from '../src/domain/outbound-book.ts';

const T0 = 1_790_000_000_000;

/** When each message is called, by a clock of our own that goes on in uneven steps; every call is answered before the next step. */
function ledger(chats: readonly number[], steps: readonly number[]): readonly { readonly chat: string; readonly atMs: number }[] {
  const book = newBook();
  const { limits } = TELEGRAM_RULES;
  chats.forEach((chat, index) => {
    const content = { kind: 'text', text: 'x' } as const;
    ask(book, {
      key: `k${index}`,
      recipient: String(chat),
      content,
      digest: 'x',
      askedAtMs: T0,
      waitUntilMs: T0 + 3_600_000,
      isOptedIn: false,
    });
  });
  const calls: { chat: string; atMs: number }[] = [];
  let nowMs = T0;
  for (let step = 0; calls.length < chats.length; step += 1) {
    const rules = {
      limits,
      nowMs,
      owner: 'me',
      horizonMs: 300,
      orphanedMs: 60_000,
      maxAttempting: 64,
      isThorough: true,
      admit: () => ({ kind: 'admitted' }) as const,
    };
    for (const each of plan(book, rules)) {
      if (each.kind !== 'attempt') throw new Error(`${each.kind} was not expected`);
      calls.push({ chat: each.send.recipient, atMs: each.notBeforeMs });
      attempt(book, limits, each.send.key, 1, 'me', each.notBeforeMs, nowMs);
      end(book, limits, each.send.key, { result: 'sent', messageId: each.send.key }, nowMs);
    }
    nowMs += steps[step % steps.length]!;
  }
  return calls.sort((a, b) => a.atMs - b.atMs);
}

it('no second has more than 30 messages of a bot, and no chat two within one, however the clock goes on', () => {
  const chats = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 120 });
  const steps = fc.array(fc.integer({ min: 1, max: 2_500 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(chats, steps, (people, clock) => {
      const calls = ledger(people, clock);
      const last = new Map<string, number>();
      calls.forEach(({ chat, atMs }, index) => {
        // The 31st after any message is a full second later, but for the rounding to whole milliseconds.
        const earlier = calls[index - 30];
        if (earlier !== undefined) expect(atMs - earlier.atMs).toBeGreaterThanOrEqual(999);
        const before = last.get(chat);
        if (before !== undefined) expect(atMs - before).toBeGreaterThanOrEqual(999);
        last.set(chat, atMs);
      });
    }),
    { numRuns: 60 },
  );
});
