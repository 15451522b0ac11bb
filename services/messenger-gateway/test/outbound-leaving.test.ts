/** Owners of the queue that stop as they are told to: what they recorded and never began is made by the next. */
import { SendEnded_Result } from '@messtrack/proto/gen/messtrack/v1/outbound.ts';
import { expect, it } from 'vitest';
import { openPartition } from './outbound-partition.ts';

it('an attempt that was recorded and not begun is made by the next owner, once, and is never in doubt', async () => {
  const each = openPartition();
  each.ask('a');
  await each.step();
  expect(each.sent).toEqual([]);
  await each.leave();
  for (let second = 0; second < 100; second += 1) {
    await each.turn();
    each.pass(1_000);
  }
  expect(each.sent).toEqual(['a']);
  expect(each.endOf('a')).toEqual([{ result: SendEnded_Result.RESULT_SENT, reason: '' }]);
});

it('an attempt that was begun is not given back, and one that was put off is', async () => {
  const each = openPartition(() => ({ kind: 'later', reason: 'rate_limited', code: '429', afterMs: 0, ofAccount: false }));
  each.ask('a');
  await each.step();
  await each.step();
  expect(each.sent).toEqual(['a']);
  expect(each.unbegun()).toBe(0);
  each.pass(1_000);
  // The end of the first attempt is read and the second planned.
  await each.step();
  expect(each.unbegun()).toBe(1);
});
