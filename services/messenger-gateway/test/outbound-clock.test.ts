/** The queue while clocks are set: a worker on a log of ours, its clock on the wall and the steady one in our hands. */
import { OutboundRecord, SendEnded_Result } from '@messtrack/proto/gen/messtrack/v1/outbound.ts';
import type { Batch, BusRecord, OutRecord } from '@messtrack/runtime/bus.ts';
import { describe, expect, it } from 'vitest';
import { outboundRecord } from '../src/adapters/outbound-records.ts';
import { createOutboundWorker, type OutboundWorker } from '../src/adapters/outbound-worker.ts';
import { DEFAULT_PROVIDER_URLS } from '../src/adapters/senders/provider-urls.ts';
import { createSenders } from '../src/adapters/senders/senders.ts';
import type { SendResult } from '../src/domain/outbound.ts';
import { sendingWorkspace } from './outbound-world.ts';

const HOUR_MS = 3_600_000;
const T0 = 1_790_000_000_000;
const ACCEPTED: SendResult = { kind: 'accepted', messageId: 'wamid.1', recipient: [] };

/** One partition of outbound.v1 with one owner at a time. */
function world(answer: () => SendResult = () => ACCEPTED) {
  const log: BusRecord[] = [];
  const sent: string[] = [];
  const workspace = sendingWorkspace();
  let [wallMs, steadyMs, brokerMs, read] = [T0, 0, T0, 0];
  const clock = () => wallMs;
  const append = (records: readonly OutRecord[]) => {
    for (const { topic, key, value, headers } of records)
      if (topic === 'outbound.v1')
        log.push({ topic, partition: 0, offset: log.length, key: Buffer.from(key), value, headers, timestampMs: brokerMs });
  };
  const newWorker = (): OutboundWorker =>
    createOutboundWorker(
      {
        workspaceOf: () => workspace,
        senderOf: createSenders(DEFAULT_PROVIDER_URLS, clock),
        send: async (_sender, _account, { correlation }) => {
          sent.push(correlation);
          return answer();
        },
        append: async (records) => append(records),
        decode: (value) => OutboundRecord.decode(value),
        deadLetter: () => {
          throw new Error('every record here can be read');
        },
        lastInboundMs: async () => ({ atMs: wallMs, slackMs: 0 }),
        clock,
        seen: () => undefined,
        steady: () => steadyMs,
        count: () => undefined,
        orphanedMs: 60_000,
        unclearMs: 5_000,
      },
      0,
    );
  let worker = newWorker();
  const batchOf = (records: readonly BusRecord[]): Batch => ({
    topic: 'outbound.v1',
    partition: 0,
    records,
    highWatermark: log.length,
    isStale: () => false,
    heartbeat: async () => undefined,
  });
  return {
    sent,
    log,
    /** Somebody with this clock asks for a message. */
    ask(key: string, part: { readonly atMs?: number; readonly maxWaitMs?: number } = {}) {
      const request = {
        workspace: 'acme',
        account: 'sales-tg',
        recipient: '550199',
        idempotencyKey: key,
        content: { $case: 'text' as const, value: 'hello' },
        maxWaitMs: part.maxWaitMs ?? 60_000,
        answerWithinMs: 0,
        optIn: undefined,
        origin: undefined,
      };
      const name = { workspace: 'acme', account: 'sales-tg', key };
      append([outboundRecord(name, part.atMs ?? wallMs, { $case: 'asked', value: { askId: `ask-${key}`, request } })]);
    },
    /** Until nothing more is written: what the worker says is read back as from any log. */
    async turn() {
      for (;;) {
        const records = log.slice(read);
        read = log.length;
        append(records.length > 0 ? await worker.process(batchOf(records), false) : ((await worker.idle?.()) ?? []));
        await worker.settled();
        if (read === log.length && records.length === 0) return;
      }
    },
    pass(ms: number) {
      wallMs += ms;
      steadyMs += ms;
      brokerMs += ms;
    },
    setClock: (byMs: number) => {
      wallMs += byMs;
    },
    setBroker: (byMs: number) => {
      brokerMs += byMs;
    },
    /** As after a restart of the process: the log is folded from its start. */
    async restart() {
      worker.close?.();
      worker = newWorker();
      await worker.process(batchOf(log.slice(0, read)), true);
    },
    endOf: (key: string) =>
      log
        .map(({ value }) => OutboundRecord.decode(value))
        .filter(({ idempotencyKey, kind }) => idempotencyKey === key && kind?.$case === 'ended')
        .map(({ kind }) => (kind?.$case === 'ended' ? { result: kind.value.result, reason: kind.value.reason } : undefined)),
  };
}

/** Telegram takes a message to one person a second in the long run. */
const PAIR_INTERVAL_MS = 1_000;

async function sendUntilOneWaits(each: ReturnType<typeof world>): Promise<number> {
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
    const each = world();
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
    const each = world();
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
    const each = world(() => answer);
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
    const each = world(() => ({ kind: 'later', reason: 'rate_limited', code: '429', afterMs: 30_000, ofAccount: true }));
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
  const each = world();
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
  const each = world();
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
  const each = world(() => ({ kind: 'later', reason: 'rate_limited', code: '429', afterMs: 30_000, ofAccount: true }));
  each.ask('a', { atMs: T0 + offMs, maxWaitMs: 40_000 });
  await each.turn();
  expect(each.sent).toEqual(['a']);
  each.pass(30_001);
  await each.turn();
  expect(each.endOf('a').at(-1)).toEqual({ result: SendEnded_Result.RESULT_FAILED, reason: 'rate_limited' });
});
