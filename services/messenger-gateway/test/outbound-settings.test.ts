/** Two gateways with different workspace files: one takes a message for an account that the owner of the queue does not know. */
import { SendEnded_Result } from '@messtrack/proto/gen/messtrack/v1/outbound.ts';
import { expect, it } from 'vitest';
import { openPartition } from './outbound-partition.ts';

it('a message to an account that is new waits for the file that names it', async () => {
  const each = openPartition();
  each.setKnown(false);
  each.ask('a', { maxWaitMs: 600_000 });
  await each.turn();
  each.pass(60_000);
  await each.turn();
  expect(each.sent).toEqual([]);
  each.setKnown(true);
  await each.turn();
  expect(each.sent).toEqual(['a']);
});

it('a message to an account that is gone is refused, though not at once', async () => {
  const each = openPartition();
  each.setKnown(false);
  each.ask('a', { maxWaitMs: 600_000 });
  await each.turn();
  expect(each.endOf('a')).toEqual([]);
  each.pass(120_000);
  await each.turn();
  expect(each.endOf('a')).toEqual([{ result: SendEnded_Result.RESULT_FAILED, reason: 'not_configured' }]);
  expect(each.sent).toEqual([]);
});
