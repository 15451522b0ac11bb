/**
 * The owner of one partition of outbound.v1. Its state is a fold over the partition; what it decides becomes records first and happens when they are read back:
 *
 *   asked ─► attempted (durable) ─► read back ─► provider ─► ended (durable) ─► read back ─► touchpoint `sent`, in the transaction of the offset
 *
 * A crash before `attempted` is read back sends nothing. After it, only the owner that wrote it calls the provider, and an attempt without an end is settled as
 * unconfirmed, never repeated. An owner that leaves in peace gives back what it has not begun.
 */
import { type OutboundRecord, SendEnded_Result } from '@messtrack/proto/gen/messtrack/v1/outbound.ts';
import type { Batch, OutRecord, PartitionWorker } from '@messtrack/runtime/bus.ts';
import type { Account } from '@messtrack/workspace/accounts/account-kinds.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { type ClockWatch, JUMP_MS, jumpOf } from '../domain/clock-jump.ts';
import type { Content, SendResult } from '../domain/outbound.ts';
import {
  type Admission,
  ask,
  attempt,
  type Book,
  end,
  forget,
  giveBack,
  isOver,
  newBook,
  type Plan,
  plan,
  type Send,
  shift,
} from '../domain/outbound-book.ts';
import type { SendLimits } from '../domain/pace.ts';
import type { SendReason } from '../domain/send-reason.ts';
import { type AdmissionPorts, admissionsOf } from './outbound-admission.ts';
import { answerOf, ended, newId, type OutboundKind, outboundRecord, type SendName, toAsked, toEnded } from './outbound-records.ts';
import type { Sender } from './senders/sender.ts';
import type { SenderOf } from './senders/senders.ts';
import { recipientContact, sentRecord } from './touchpoint-record.ts';

export interface WorkerPorts extends AdmissionPorts {
  readonly senderOf: SenderOf;
  /** Calls the provider; resolves always. */
  readonly send: (
    sender: Sender,
    account: Account,
    message: { readonly recipient: string; readonly content: Content; readonly correlation: string },
    workspace: Workspace,
  ) => Promise<SendResult>;
  /** Writes outside of a transaction, again and again until it is durable. */
  readonly append: (records: readonly OutRecord[]) => Promise<void>;
  readonly decode: (value: Uint8Array) => OutboundRecord | undefined;
  readonly deadLetter: (value: Uint8Array, partition: number, offset: number) => OutRecord;
  /** Told of every record that can be read, in order, also of those read again. */
  readonly seen: (record: OutboundRecord, offset: number) => void;
  readonly clock: () => number;
  /** Milliseconds that pass, whatever is done to the clock on the wall. */
  readonly steady: () => number;
  readonly count: (workspace: string, account: string, provider: string, outcome: 'sent' | 'deferred' | 'unconfirmed' | SendReason) => void;
  /** An attempt without an end that another owner began is settled after so long. Milliseconds. */
  readonly orphanedMs: number;
}

/** Attempts are recorded so far ahead of the call; a kill leaves them in doubt, so it is short. While messages go out, every answer plans the next. */
const HORIZON_MS = 300;
const MAX_ATTEMPTING = 64;
const FORGET_EVERY_MS = 60_000;
/** A queue longer than this is looked through once a second, not at every record. */
const SHORT_QUEUE = 500;
const THOROUGH_EVERY_MS = 1_000;
/** Whoever took the message knows its account, and we do not: a changed file reaches the machines of a cluster one after another, within a minute or so. */
const SETTINGS_PATIENCE_MS = 120_000;

interface Queue {
  readonly workspace: string;
  readonly account: string;
  readonly book: Book;
  /** The request's click and template, until the message is sent. */
  readonly origins: Map<string, SentBy>;
  /** When all of it was looked through last, by the steady clock. */
  thoroughAtMs: number;
}

interface SentBy {
  readonly origin: NonNullable<Parameters<typeof sentRecord>[0]['origin']> | undefined;
  readonly template: string;
  readonly recipient: string;
  readonly optedInAtMs: number;
  readonly optInWhere: string;
}

export interface OutboundWorker extends PartitionWorker {
  /** Resolves when no call is in progress and what came of them is durable. */
  settled(): Promise<void>;
  /** After the close, and after whatever it still wrote: what gives back attempts that were recorded and never begun. The next owner makes them. */
  unbegun(): readonly OutRecord[];
}

export function createOutboundWorker(ports: WorkerPorts, startOffset: number): OutboundWorker {
  const owner = newId();
  const queues = new Map<string, Queue>();
  const calls = new Set<Promise<void>>();
  /** Which attempt of a Send was begun last. */
  const begun = new WeakMap<Send, number>();
  const watch: ClockWatch = { wallMs: ports.clock(), steadyMs: ports.steady() };
  let isClosed = false;
  let forgottenAtMs = ports.steady();
  /** Newest attempt of an earlier owner: where that owner's clock stood. */
  let ownersMs = 0;

  function shiftAll(byMs: number): void {
    ownersMs += byMs;
    for (const { book } of queues.values()) shift(book, byMs);
  }

  /** The time, with all that the books hold moved to it when the clock was set. */
  function look(): number {
    const nowMs = ports.clock();
    const byMs = jumpOf(watch, nowMs, ports.steady());
    if (byMs !== 0) shiftAll(byMs);
    return nowMs;
  }

  /** An owner before us whose clock was ahead, or was set back behind its own records: what it left is moved to the clock that came after it. */
  function follow(clockMs: number): void {
    if (clockMs < ownersMs - JUMP_MS) shiftAll(clockMs - ownersMs);
    ownersMs = clockMs;
  }

  function queueOf(workspace: string, account: string): Queue {
    const name = `${workspace}/${account}`;
    let queue = queues.get(name);
    if (queue === undefined) {
      queue = { workspace, account, book: newBook(), origins: new Map(), thoroughAtMs: Number.NEGATIVE_INFINITY };
      queues.set(name, queue);
    }
    return queue;
  }

  /** How far a time in a record is ahead of every clock that we know: whoever wrote it has one that is wrong, or that was set back since. */
  function aheadBy(atMs: number): number {
    const byMs = atMs - Math.max(ports.clock(), ownersMs);
    return byMs < JUMP_MS ? 0 : byMs;
  }

  /** Folds a record; what follows from it goes into `output`. */
  function fold(record: OutboundRecord, appendedAtMs: number, isReplay: boolean, output: OutRecord[]): void {
    const { workspace, account, idempotencyKey: key, atMs, kind } = record;
    const queue = queueOf(workspace, account);
    const name = { workspace, account, key };
    const sender = senderOf(queue);
    const limits = limitsOf(sender);
    switch (kind?.$case) {
      case 'asked': {
        // By the clock of whoever asks, as far as the log's and ours bear it out: it may be an hour off, and nobody is to wait that long or be refused for it.
        const asked = toAsked(key, Math.max(atMs, appendedAtMs) - aheadBy(Math.max(atMs, appendedAtMs)), kind.value);
        if (asked === undefined) return;
        const reply = ask(queue.book, asked);
        if (reply?.kind === 'key_reused') {
          const refused = ended(SendEnded_Result.RESULT_FAILED, { reason: 'key_reused', askId: kind.value.askId });
          output.push(outboundRecord(name, ports.clock(), { $case: 'ended', value: refused }));
        } else if (reply?.kind === 'settled') {
          output.push(outboundRecord(name, ports.clock(), { $case: 'ended', value: answerOf(reply.send, kind.value.askId) }));
        } else if (!queue.origins.has(key)) {
          const template = asked.content.kind === 'template' ? asked.content.name : '';
          const { origin, optIn } = kind.value.request ?? {};
          const optedIn = { optedInAtMs: optIn?.atMs ?? 0, optInWhere: optIn?.where ?? '' };
          queue.origins.set(key, { origin, template, recipient: asked.recipient, ...optedIn });
        }
        return;
      }
      case 'queried':
        output.push(outboundRecord(name, ports.clock(), { $case: 'ended', value: answerOf(queue.book.sends.get(key), kind.value.askId) }));
        return;
      case 'attempted': {
        const { attempt: number, ownerId, notBeforeMs } = kind.value;
        if (ownerId !== owner) follow(atMs);
        attempt(queue.book, limits, key, number, ownerId, notBeforeMs, atMs);
        if (ownerId === owner && !isReplay) launch(queue, key, notBeforeMs);
        return;
      }
      case 'ended': {
        const told = toEnded(kind.value);
        const what = told?.result === 'deferred' ? { ...told, retryAtMs: told.retryAtMs - aheadBy(atMs) } : told;
        if (what === undefined || !end(queue.book, limits, key, what, atMs)) return;
        if (sender !== undefined && !isReplay)
          ports.count(workspace, account, sender.account.provider, what.result === 'failed' ? what.reason : what.result);
        if (what.result === 'sent') tellSent(queue, key, what.messageId, kind.value.contact, atMs, output);
        else if (what.result === 'failed') queue.origins.delete(key);
        return;
      }
      case 'confirmed': {
        const { messageId, contact } = kind.value;
        // Before the first attempt nothing of ours has left: the status is of a message of somebody else's program, which gave the provider the same text to hand back.
        if (queue.book.sends.get(key)?.attempts === 0) return;
        if (!end(queue.book, limits, key, { result: 'sent', messageId }, atMs)) return;
        tellSent(queue, key, messageId, contact, atMs, output);
        // Whoever waits is told; read back, it changes nothing.
        output.push(outboundRecord(name, atMs, { $case: 'ended', value: ended(SendEnded_Result.RESULT_SENT, { messageId }) }));
        return;
      }
      case 'returned':
        giveBack(queue.book, key, kind.value.ownerId);
        return;
      case undefined:
        return;
    }
  }

  function tellSent(
    queue: Queue,
    key: string,
    messageId: string,
    contact: Parameters<typeof recipientContact>[2],
    atMs: number,
    output: OutRecord[],
  ): void {
    const by = queue.origins.get(key);
    queue.origins.delete(key);
    const known = senderOf(queue);
    const workspace = ports.workspaceOf(queue.workspace);
    if (known === undefined || workspace === undefined) return;
    const identifiers = by === undefined ? [] : (known.sender.identifiersOf(by.recipient, known.account) ?? []);
    const where = { workspace, account: queue.account, observedAtMs: atMs, traceparent: undefined };
    const ref = recipientContact(identifiers, known.account.channel, contact, workspace);
    if (ref.keys.length === 0) return;
    const { channel } = known.account;
    const { template = '', origin, optedInAtMs = 0, optInWhere = '' } = by ?? {};
    const sent = { messageId, channel, contact: ref, correlation: key, template, origin, optedInAtMs, optInWhere };
    output.push(sentRecord(sent, atMs, where));
  }

  function senderOf({ workspace, account }: Queue): Known | undefined {
    const owner = ports.workspaceOf(workspace);
    const found = owner?.accounts.get(account);
    const sender = found === undefined ? undefined : ports.senderOf(found);
    return owner === undefined || found === undefined || sender === undefined ? undefined : { workspace: owner, account: found, sender };
  }

  /** The attempt is durable, and ours: nobody else makes the call, and we make it once. */
  function launch(queue: Queue, key: string, notBeforeMs: number): void {
    const send = queue.book.sends.get(key);
    if (send === undefined || isOver(send) || send.content === undefined || isClosed) return;
    begun.set(send, send.attempts);
    const call = callProvider(queue, send, send.content, notBeforeMs);
    calls.add(call);
    void call.finally(() => calls.delete(call));
  }

  async function callProvider(queue: Queue, send: Send, content: Content, notBeforeMs: number): Promise<void> {
    // Never planned further ahead: whatever says so has had its clock set back since.
    const waitMs = Math.min(notBeforeMs - ports.clock(), HORIZON_MS);
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const known = senderOf(queue);
    const result: SendResult =
      known === undefined
        ? { kind: 'refused', reason: 'not_configured', code: '' }
        : await ports.send(known.sender, known.account, { recipient: send.recipient, content, correlation: send.key }, known.workspace);
    const atMs = ports.clock();
    const name = { workspace: queue.workspace, account: queue.account, key: send.key };
    await ports.append([outboundRecord(name, atMs, { $case: 'ended', value: endedBy(result, known?.account, queue, atMs) })]);
  }

  function endedBy(result: SendResult, account: Account | undefined, queue: Queue, atMs: number) {
    switch (result.kind) {
      case 'accepted': {
        const workspace = ports.workspaceOf(queue.workspace);
        const contact =
          account === undefined || workspace === undefined
            ? undefined
            : recipientContact(result.recipient, account.channel, undefined, workspace);
        return ended(SendEnded_Result.RESULT_SENT, { messageId: result.messageId, contact });
      }
      case 'refused':
        return ended(SendEnded_Result.RESULT_FAILED, { reason: result.reason, providerCode: result.code });
      case 'unconfirmed':
        return ended(SendEnded_Result.RESULT_UNCONFIRMED, { reason: 'unconfirmed', providerCode: result.code });
      case 'later':
        return ended(SendEnded_Result.RESULT_DEFERRED, {
          reason: result.reason,
          providerCode: result.code,
          retryAtMs: Math.ceil(atMs + result.afterMs),
          ofAccount: result.ofAccount,
        });
    }
  }

  async function planAll(output: OutRecord[]): Promise<void> {
    const nowMs = look();
    if (ownersMs > nowMs) follow(nowMs);
    for (const queue of queues.values()) {
      if (queue.book.waiting.size === 0 && queue.book.attempting.size === 0) continue;
      const known = senderOf(queue);
      const steadyMs = ports.steady();
      const isThorough = queue.book.waiting.size <= SHORT_QUEUE || steadyMs - queue.thoroughAtMs >= THOROUGH_EVERY_MS;
      if (isThorough) queue.thoroughAtMs = steadyMs;
      const rules = { limits: limitsOf(known), nowMs, horizonMs: HORIZON_MS };
      const canSend = known?.sender.canSend(known.account, known.workspace) === true;
      const admissions = known === undefined || !canSend ? undefined : await admissionsOf(ports, queue, known, rules);
      const plans = plan(queue.book, {
        ...rules,
        owner,
        isThorough,
        maxAttempting: MAX_ATTEMPTING,
        orphanedMs: ports.orphanedMs,
        admit: (send) => {
          if (admissions !== undefined) return admissions.get(send.key) ?? NOT_ASKED;
          return nowMs < send.askedAtMs + SETTINGS_PATIENCE_MS ? NOT_ASKED : GONE;
        },
      });
      for (const each of plans) {
        const name: SendName = { workspace: queue.workspace, account: queue.account, key: each.send.key };
        output.push(outboundRecord(name, nowMs, planned(each)));
      }
    }
    const steadyMs = ports.steady();
    if (steadyMs - forgottenAtMs < FORGET_EVERY_MS) return;
    forgottenAtMs = steadyMs;
    for (const { book, origins } of queues.values()) {
      forget(book, nowMs);
      for (const key of origins.keys()) if (!book.sends.has(key)) origins.delete(key);
    }
  }

  function planned(each: Plan): OutboundKind {
    switch (each.kind) {
      case 'attempt':
        return { $case: 'attempted', value: { attempt: each.send.attempts, notBeforeMs: each.notBeforeMs, ownerId: owner } };
      case 'fail':
        return {
          $case: 'ended',
          value: ended(SendEnded_Result.RESULT_FAILED, { reason: each.reason, providerCode: each.send.code, retryAtMs: each.retryAtMs }),
        };
      case 'orphan':
        return { $case: 'ended', value: ended(SendEnded_Result.RESULT_UNCONFIRMED, { reason: 'unconfirmed' }) };
    }
  }

  return {
    startOffset,
    async process(batch: Batch, isReplay: boolean) {
      const output: OutRecord[] = [];
      look();
      for (const { value, partition, offset, timestampMs } of batch.records) {
        const record = ports.decode(value);
        if (record === undefined) output.push(ports.deadLetter(value, partition, offset));
        else {
          ports.seen(record, offset);
          fold(record, timestampMs, isReplay, output);
        }
      }
      if (!isReplay) await planAll(output);
      return output;
    },
    async idle() {
      const output: OutRecord[] = [];
      await planAll(output);
      return output;
    },
    close() {
      isClosed = true;
    },
    async settled() {
      while (calls.size > 0) await Promise.all(calls);
    },
    unbegun() {
      return [...queues.values()].flatMap(({ workspace, account, book }) =>
        [...book.attempting]
          .map((key) => book.sends.get(key)!)
          .filter((send) => send.attemptOwner === owner && begun.get(send) !== send.attempts)
          .map(({ key }) => outboundRecord({ workspace, account, key }, ports.clock(), { $case: 'returned', value: { ownerId: owner } })),
      );
    },
  };
}

interface Known {
  readonly workspace: Workspace;
  readonly account: Account;
  readonly sender: Sender;
}

function limitsOf(known: Known | undefined): SendLimits {
  return known === undefined ? NO_LIMITS : known.sender.rulesOf(known.account).limits;
}

const GONE: Admission = { kind: 'refused', reason: 'not_configured' };
const NOT_ASKED: Admission = { kind: 'unclear' };

/** Of an account that is gone: nothing is sent, everything fails as not configured. */
const NO_LIMITS: SendLimits = { account: { intervalMs: 0, burst: 1 }, recipient: { intervalMs: 0, burst: 1 } };
