import { OutboundRecord, type SendEnded, SendEnded_Result } from '@messtrack/proto/gen/messtrack/v1/outbound.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import { type Bus, BusUnavailableError, type RecordPosition } from '@messtrack/runtime/bus.ts';
import type { SendName } from './outbound-records.ts';

/**
 * Tells callers what came of what they asked, whichever process sends: a question and its answer are records of one partition, so whoever asks reads
 * on from the question. Nothing is read while nobody waits.
 */
export interface OutboundAnswers {
  /** Resolves with the answer to what stands at `position`, with undefined when it does not come in time. */
  wait(name: SendName, askId: string, position: RecordPosition, waitMs: number): Promise<SendEnded | undefined>;
  close(): void;
}

interface Waiter {
  readonly name: SendName;
  readonly askId: string;
  readonly after: number;
  readonly answer: (ended: SendEnded | undefined) => void;
}

interface Tail {
  next: number;
  /** Where the next pass has to begin because somebody asked meanwhile: the pass in progress may be beyond their answer. */
  rewindTo: number;
  readonly waiters: Set<Waiter>;
}

const POLL_MS = 40;

export function followAnswers(bus: Bus, onSurprise: (error: unknown) => void): OutboundAnswers {
  const tails = new Map<number, Tail>();
  let isClosed = false;

  async function follow(partition: number, tail: Tail): Promise<void> {
    while (tail.waiters.size > 0 && !isClosed) {
      const from = Math.min(tail.next, tail.rewindTo);
      tail.rewindTo = Number.POSITIVE_INFINITY;
      try {
        for await (const records of bus.read({ topic: TOPICS.outbound.name, partition }, from)) {
          for (const { value, offset } of records) {
            tail.next = offset + 1;
            tell(tail, value, offset);
          }
        }
      } catch (error) {
        // The callers' own time limits end their waiting.
        if (!(error instanceof BusUnavailableError)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    tails.delete(partition);
  }

  return {
    wait({ workspace, account, key }, askId, { partition, offset }, waitMs) {
      return new Promise((resolve) => {
        let tail = tails.get(partition);
        const isNew = tail === undefined;
        tail ??= { next: offset + 1, rewindTo: Number.POSITIVE_INFINITY, waiters: new Set() };
        tails.set(partition, tail);
        tail.rewindTo = Math.min(tail.rewindTo, offset + 1);
        const { waiters } = tail;
        const timer = setTimeout(() => waiter.answer(undefined), waitMs);
        const waiter: Waiter = {
          name: { workspace, account, key },
          askId,
          after: offset,
          answer(ended) {
            clearTimeout(timer);
            waiters.delete(waiter);
            resolve(ended);
          },
        };
        waiters.add(waiter);
        if (isNew) follow(partition, tail).catch(onSurprise);
      });
    },
    close() {
      isClosed = true;
      for (const { waiters } of tails.values()) for (const waiter of waiters) waiter.answer(undefined);
    },
  };
}

function tell({ waiters }: Tail, value: Uint8Array, offset: number): void {
  const record = decode(value);
  if (record?.kind?.$case !== 'ended') return;
  const ended = record.kind.value;
  if (ended.result === SendEnded_Result.RESULT_DEFERRED) return;
  for (const waiter of waiters) {
    const { workspace, account, key } = waiter.name;
    const isSame = record.workspace === workspace && record.account === account && record.idempotencyKey === key;
    if (isSame && offset > waiter.after && (ended.askId === '' || ended.askId === waiter.askId)) waiter.answer(ended);
  }
}

function decode(value: Uint8Array): OutboundRecord | undefined {
  try {
    return OutboundRecord.decode(value);
  } catch {
    return undefined;
  }
}
