import { SendEnded_Result } from '@messtrack/proto/gen/messtrack/v1/outbound.ts';
import { expect, it } from 'vitest';
import { openPartition } from './outbound-partition.ts';

it('a status that names a key before we have called anybody is of another program, and our message goes out', async () => {
  const each = openPartition();
  each.ask('order-1');
  each.confirm('order-1');
  await each.turn();
  expect(each.sent).toEqual(['order-1']);
});

it('a status that comes before the answer of the call ends the message, and the answer changes nothing', async () => {
  const each = openPartition(() => ({ kind: 'unconfirmed', code: 'ETIMEDOUT' }));
  each.ask('order-1');
  await each.step();
  each.confirm('order-1');
  await each.turn();
  expect(each.sent).toEqual(['order-1']);
  expect(each.endOf('order-1').at(-1)).toEqual({ result: SendEnded_Result.RESULT_SENT, reason: '' });
});
