/** The queue while clocks are set: a worker on a log of ours, its clock on the wall and the steady one in our hands. */
import { SendEnded_Result } from '@messtrack/proto/gen/messtrack/v1/outbound.ts';
import { describe, expect, it } from 'vitest';
import type { SendResult } from '../src/domain/outbound.ts';
import { ACCEPTED, type OutboundPartition, openPartition, T0 } from './outbound-partition.ts';

const HOUR_MS = 3_600_000;
/** Telegram takes a message to one person a second in the long run. */
const PAIR_INTERVAL_MS = 1_000;

async function sendUntilOneWaits(each: OutboundPartition): Promise<number> {
  let asked = 0;
  do {
    each.ask(`first-${asked++}`);
    await each.turn();
  } while (each.sent.length === asked);
  return each.sent.length;
}

describe.each([
  ['back by an hour', -HOUR_MS],
  ['back by a day', -24 * HOUR_MS],
  ['forward by an hour', HOUR_MS],
  ['forward by a day', 24 * HOUR_MS],
])('when the clock is set %s', (_name, byMs) => {
  it('a message that waits for its turn waits no longer and no shorter for it', async () => {
    const each = openPartition();
    const before = await sendUntilOneWaits(each);
    each.setClock(byMs);
    each.setBroker(byMs);
    await each.turn();
    expect(each.sent).toHaveLength(before);
    each.pass(PAIR_INTERVAL_MS - 500);
    await each.turn();
    expect(each.sent).toHaveLength(before);
    each.pass(500);
    await each.turn();
    expect(each.sent).toHaveLength(before + 1);
  });

  it('a message that is asked for afterwards is sent at its turn', async () => {
    const each = openPartition();
    const before = await sendUntilOneWaits(each);
    each.pass(PAIR_INTERVAL_MS);
    await each.turn();
    each.setClock(byMs);
    each.setBroker(byMs);
    each.ask('after');
    await each.turn();
    each.pass(PAIR_INTERVAL_MS);
    await each.turn();
    expect(each.sent.slice(before)).toEqual([`first-${before}`, 'after']);
  });

  it('what the provider put off is put off by as much', async () => {
    let answer: SendResult = { kind: 'later', reason: 'rate_limited', code: '429', afterMs: 30_000, ofAccount: true };
    const each = openPartition(() => answer);
    each.ask('a');
    await each.turn();
    answer = ACCEPTED;
    each.setClock(byMs);
    each.setBroker(byMs);
    each.pass(29_000);
    await each.turn();
    expect(each.sent).toEqual(['a']);
    each.pass(1_001);
    await each.turn();
    expect(each.sent).toEqual(['a', 'a']);
  });

  it('a message that may not wait as long is refused after that time', async () => {
    const each = openPartition(() => ({ kind: 'later', reason: 'rate_limited', code: '429', afterMs: 30_000, ofAccount: true }));
    each.ask('a', { maxWaitMs: 40_000 });
    await each.turn();
    each.setClock(byMs);
    each.setBroker(byMs);
    await each.turn();
    expect(each.endOf('a').map((end) => end?.result)).toEqual([SendEnded_Result.RESULT_DEFERRED]);
    each.pass(30_001);
    await each.turn();
    expect(each.endOf('a').at(-1)).toEqual({ result: SendEnded_Result.RESULT_FAILED, reason: 'rate_limited' });
  });
});

it('after a restart under a clock that was set back, a message waits for its turn and not for the clock to catch up', async () => {
  const each = openPartition();
  const before = await sendUntilOneWaits(each);
  each.setClock(-HOUR_MS);
  each.setBroker(-HOUR_MS);
  await each.restart();
  await each.turn();
  expect(each.sent).toHaveLength(before);
  each.pass(PAIR_INTERVAL_MS);
  await each.turn();
  expect(each.sent).toHaveLength(before + 1);
});

it('a clock that was set back between two attempts in the log costs one interval after a restart, not an hour', async () => {
  const each = openPartition();
  const before = await sendUntilOneWaits(each);
  each.setClock(-HOUR_MS);
  each.setBroker(-HOUR_MS);
  each.pass(PAIR_INTERVAL_MS);
  await each.turn();
  expect(each.sent).toHaveLength(before + 1);
  await each.restart();
  each.ask('next');
  // How much time passed between the two nobody knows any more: it counts as none.
  each.pass(2 * PAIR_INTERVAL_MS);
  await each.turn();
  expect(each.sent).toHaveLength(before + 2);
});

it.each([
  ['an hour ahead', HOUR_MS],
  ['an hour behind', -HOUR_MS],
])('a message asked for by a process whose clock is %s waits as long as it may, and no longer', async (_name, offMs) => {
  const each = openPartition(() => ({ kind: 'later', reason: 'rate_limited', code: '429', afterMs: 30_000, ofAccount: true }));
  each.ask('a', { atMs: T0 + offMs, maxWaitMs: 40_000 });
  await each.turn();
  expect(each.sent).toEqual(['a']);
  each.pass(30_001);
  await each.turn();
  expect(each.endOf('a').at(-1)).toEqual({ result: SendEnded_Result.RESULT_FAILED, reason: 'rate_limited' });
});
