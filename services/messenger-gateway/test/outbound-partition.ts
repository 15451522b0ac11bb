/** One partition of outbound.v1 with one owner at a time: a worker on a log of ours, its clock on the wall and the steady one in our hands. */
import { OutboundRecord } from '@messtrack/proto/gen/messtrack/v1/outbound.ts';
import type { Batch, BusRecord, OutRecord } from '@messtrack/runtime/bus.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { outboundRecord } from '../src/adapters/outbound-records.ts';
import { createOutboundWorker, type OutboundWorker } from '../src/adapters/outbound-worker.ts';
import { DEFAULT_PROVIDER_URLS } from '../src/adapters/senders/provider-urls.ts';
import { createSenders } from '../src/adapters/senders/senders.ts';
import type { SendResult } from '../src/domain/outbound.ts';
import { sendingWorkspace } from './outbound-world.ts';

export const T0 = 1_790_000_000_000;
export const ACCEPTED: SendResult = { kind: 'accepted', messageId: 'wamid.1', recipient: [] };

export type OutboundPartition = ReturnType<typeof openPartition>;

export function openPartition(answer: () => SendResult = () => ACCEPTED) {
  const log: BusRecord[] = [];
  const sent: string[] = [];
  let workspace: Workspace | undefined = sendingWorkspace();
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
    ask(key: string, part: { readonly atMs?: number; readonly maxWaitMs?: number; readonly recipient?: string } = {}) {
      const request = {
        workspace: 'acme',
        account: 'sales-tg',
        recipient: part.recipient ?? '550199',
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
    /** The workspace files that this owner reads hold it, or do not. */
    setKnown(isKnown: boolean) {
      workspace = isKnown ? sendingWorkspace() : undefined;
    },
    /** A status says that a message with this key was sent. */
    confirm(key: string) {
      const confirmed = { messageId: `wamid.of-${key}`, contact: undefined };
      append([outboundRecord({ workspace: 'acme', account: 'sales-tg', key }, wallMs, { $case: 'confirmed', value: confirmed })]);
    },
    /** What stands in the log is processed and what follows from it written, and nobody reads that. */
    async step() {
      const records = log.slice(read);
      read = log.length;
      append(await worker.process(batchOf(records), false));
      await worker.settled();
    },
    /** Attempts that the owner has recorded and not begun. */
    unbegun: () => worker.unbegun().length,
    /** The owner stops as it does when it is told to, and another begins: the log is folded from its start. */
    async leave() {
      worker.close?.();
      await worker.settled();
      append(worker.unbegun());
      worker = newWorker();
      await worker.process(batchOf(log.slice(0, read)), true);
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
