import { OutboundRecord, SendEnded_Result } from '@messtrack/proto/gen/messtrack/v1/outbound.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus, BusRecord } from '@messtrack/runtime/bus.ts';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type AnswerFeed, followAnswers } from '../src/adapters/outbound-answers.ts';
import { ended, outboundRecord } from '../src/adapters/outbound-records.ts';

const NAME = { workspace: 'acme', account: 'sales-wa', key: 'k-1' };
const topic = TOPICS.outbound.name;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A log of one partition that counts how often it is read. */
function world() {
  const log: Uint8Array[] = [];
  let reads = 0;
  async function* read(_: unknown, from: number) {
    reads += 1;
    const records = log.slice(from).map((value, index): BusRecord => {
      return { topic, partition: 0, offset: from + index, key: null, value, headers: {}, timestampMs: 0 };
    });
    if (records.length > 0) yield records;
  }
  const answers = followAnswers({ read } as unknown as Bus, (error) => {
    throw error;
  });
  const append = (messageId: string) =>
    log.push(outboundRecord(NAME, 1, { $case: 'ended', value: ended(SendEnded_Result.RESULT_SENT, { messageId }) }).value) - 1;
  return {
    answers,
    reads: () => reads,
    append,
    tell(feed: AnswerFeed, offset: number) {
      feed.begins(offset);
      feed.seen(OutboundRecord.decode(log[offset]!), offset);
    },
    ask: async (offset: number) => (await answers.wait(NAME, 'ask-1', { topic, partition: 0, offset }, 10_000))?.messageId,
  };
}

it('what an owner here reads is told at once, and the log is not read for it', async () => {
  const { answers, append, tell, ask, reads } = world();
  const feed = answers.feed(0);
  const question = append('before');
  tell(feed, question);
  const answer = ask(question);
  tell(feed, append('m-1'));
  expect(await answer).toBe('m-1');
  expect(reads()).toBe(0);
});

it('a question that an owner here is beyond already is answered from the log', async () => {
  const { answers, append, tell, ask } = world();
  const feed = answers.feed(0);
  const question = append('before');
  for (const offset of [question, append('m-1')]) tell(feed, offset);
  const answer = ask(question);
  await vi.advanceTimersByTimeAsync(100);
  expect(await answer).toBe('m-1');
});

it('an owner that ends, or stands still, leaves nobody without the answer', async () => {
  for (const doesEnd of [true, false]) {
    const { answers, append, ask } = world();
    const feed = answers.feed(0);
    const answer = ask(append('before'));
    await vi.advanceTimersByTimeAsync(200);
    append('m-1');
    if (doesEnd) feed.end();
    await vi.advanceTimersByTimeAsync(doesEnd ? 100 : 1_000);
    expect(await answer).toBe('m-1');
  }
});

it('without an owner here the log is read until the answer comes', async () => {
  const { append, ask } = world();
  const answer = ask(append('before'));
  await vi.advanceTimersByTimeAsync(200);
  append('m-1');
  await vi.advanceTimersByTimeAsync(100);
  expect(await answer).toBe('m-1');
});
