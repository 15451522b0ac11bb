/** Wires the sending side: the queue's owner on the bus, the callers' answers, and the gRPC service in front. */
import { setTimeout as delay } from 'node:timers/promises';
import { OutboundRecord } from '@messtrack/proto/gen/messtrack/v1/outbound.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import { type Bus, BusUnavailableError, type OutRecord, type ProcessOptions, type Producer } from '@messtrack/runtime/bus.ts';
import { deadLetterRecord } from '@messtrack/runtime/dead-letter.ts';
import { createOutageLog } from '@messtrack/runtime/outage-log.ts';
import { isAnyOf, withRetry } from '@messtrack/runtime/retry.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import type { Logger } from 'pino';
import { startAccountChecks } from './adapters/account-checks.ts';
import { createMessenger, type MessengerSide } from './adapters/grpc-messenger.ts';
import type { LastInboundMemory } from './adapters/last-inbound.ts';
import { followAnswers } from './adapters/outbound-answers.ts';
import { createOutboundWorker, type OutboundWorker } from './adapters/outbound-worker.ts';
import { createProviderCall } from './adapters/provider-call.ts';
import { createSenders } from './adapters/senders/senders.ts';
import type { OutboundSettings } from './config.ts';
import type { AccountMetrics, OutboundMetrics } from './metrics.ts';

export interface OutboundOptions {
  readonly bus: Bus;
  readonly producer: Producer;
  readonly workspaces: () => ReadonlyMap<string, Workspace>;
  readonly lastInbound: LastInboundMemory;
  readonly settings: OutboundSettings;
  readonly metrics: OutboundMetrics;
  readonly accounts: AccountMetrics;
  readonly log: Logger;
  readonly clock: () => number;
  readonly onSurprise: (error: unknown) => void;
}

export interface Outbound {
  readonly messenger: MessengerSide;
  close(): Promise<void>;
}

export const OUTBOUND_GROUP = 'messenger-gateway-outbound';
const JOIN_PATIENCE_MS = 1_000;
/** A worker closes while its last transaction is being written, and what takes an attempt back has to stand behind it. */
const PARTING_MS = 2_000;
/** An attempt that cannot be given back so long is left to be settled as unconfirmed: a stop does not wait for an absent log. */
const GIVE_BACK_PATIENCE_MS = 3_000;

export function startOutbound(options: OutboundOptions): Outbound {
  const { bus, producer, workspaces, settings, metrics, log, clock, onSurprise } = options;
  const caller = createProviderCall({
    timeoutMs: settings.callTimeoutMs,
    allowsPrivate: settings.allowsPrivate,
    privateHosts: settings.privateHosts,
  });
  const senderOf = createSenders(settings.providerUrls, clock);
  const workers = new Set<OutboundWorker>();
  const parting = new Set<Promise<void>>();
  /** Aborted when nothing of ours is written in transactions any more. */
  const left = new AbortController();

  /** What a provider answered is worth waiting for the log, however long: without the record the message would count as unconfirmed. */
  async function append(records: readonly OutRecord[]): Promise<void> {
    await withRetry(() => producer.send(records), { isTransient: isAnyOf(BusUnavailableError), budgetMs: Number.POSITIVE_INFINITY });
  }

  /** A call in progress may be a message: what came of it has to be written. */
  async function part(worker: OutboundWorker): Promise<void> {
    // It fails by being cut short alone, when there is nothing left to wait for.
    const parted = delay(PARTING_MS, undefined, { signal: left.signal }).catch(() => undefined);
    try {
      await Promise.all([worker.settled(), parted]);
      await giveBack(worker);
    } catch (error) {
      onSurprise(error);
    } finally {
      workers.delete(worker);
    }
  }

  async function giveBack(worker: OutboundWorker): Promise<void> {
    const records = worker.unbegun();
    if (records.length === 0) return;
    try {
      await withRetry(() => producer.send(records), { isTransient: isAnyOf(BusUnavailableError), budgetMs: GIVE_BACK_PATIENCE_MS });
    } catch (error) {
      if (!(error instanceof BusUnavailableError)) throw error;
    }
  }

  const checks = startAccountChecks({
    workspaces,
    call: caller.call,
    urls: settings.providerUrls,
    metrics: options.accounts,
    producer,
    onSurprise,
    clock,
    everyMs: settings.checkEveryMs,
  });

  const answers = followAnswers(bus, onSurprise);

  const processing: ProcessOptions = {
    groupId: OUTBOUND_GROUP,
    topic: TOPICS.outbound.name,
    async createWorker({ partition }, committed) {
      const offsets = await bus.offsets(TOPICS.outbound.name);
      const first = offsets.find((each) => each.partition === partition)?.first ?? 0;
      const feed = answers.feed(partition);
      const worker = createOutboundWorker(
        {
          workspaceOf: (name) => workspaces().get(name),
          senderOf,
          send: async (sender, account, message, workspace) => {
            const result = await sender.send(account, message, caller.call, workspace);
            if (result.kind === 'refused' && result.reason === 'credentials_refused')
              checks.note(workspace, account, {
                check: account.provider === 'telegram-business' ? 'connection' : 'token',
                isGood: false,
                detail: result.code.slice(0, 64),
                value: 0,
              });
            return result;
          },
          append: (records) => append(records).catch(onSurprise),
          lastInboundMs: options.lastInbound.find,
          decode,
          deadLetter: (raw, of, offset) =>
            deadLetterRecord({
              topic: TOPICS.outboundDlq.name,
              reason: 'undecodable',
              detail: 'the value is no protobuf message of type OutboundRecord',
              raw,
              origin: TOPICS.outbound.name,
              failedAtMs: clock(),
              source: { topic: TOPICS.outbound.name, partition: of, offset },
            }),
          seen: feed.seen,
          clock,
          steady: () => performance.now(),
          count: metrics.ended,
          orphanedMs: settings.orphanedMs,
          unclearMs: settings.unclearMs,
        },
        Math.min(first, committed),
      );
      workers.add(worker);
      return {
        ...worker,
        process(batch, isReplay) {
          feed.begins(batch.records[0]!.offset);
          return worker.process(batch, isReplay);
        },
        close() {
          feed.end();
          worker.close?.();
          const parted = part(worker).finally(() => parting.delete(parted));
          parting.add(parted);
        },
      };
    },
  };

  const leaving = new AbortController();
  const outage = createOutageLog(log, {
    away: 'sending cannot join its group, messages to be sent wait',
    back: 'sending has joined its group',
  });
  // Not waited for: after a crash the broker keeps the partitions of the process before for a while, and webhooks must not wait for that. Nor do they end with a broker that goes away just then.
  const joining = withRetry(() => bus.process(processing), {
    isTransient: isAnyOf(BusUnavailableError),
    budgetMs: Number.POSITIVE_INFINITY,
    signal: leaving.signal,
    onRetry: (error) => outage.failed(error),
  });
  let isJoined = false;
  joining.then(
    (processor) => {
      isJoined = true;
      outage.recovered();
      processor.crashed.catch(onSurprise);
    },
    (error: unknown) => {
      if (!leaving.signal.aborted) onSurprise(error);
    },
  );
  /** A join that waits for the process before to be given up has sent nothing: the stop does not wait for it. */
  async function leave(): Promise<void> {
    leaving.abort();
    const left = joining.then(
      (processor) => processor.close(),
      () => undefined,
    );
    if (isJoined) await left;
    else await Promise.race([left, new Promise((resolve) => setTimeout(resolve, JOIN_PATIENCE_MS).unref())]);
  }

  return {
    messenger: createMessenger({ workspaces, senderOf, producer, answers, clock, log }),
    async close() {
      checks.close();
      answers.close();
      await leave();
      left.abort();
      await Promise.all([...parting, ...[...workers].map((worker) => worker.settled())]);
      caller.close();
    },
  };
}

function decode(value: Uint8Array): OutboundRecord | undefined {
  try {
    return OutboundRecord.decode(value);
  } catch {
    return undefined;
  }
}
