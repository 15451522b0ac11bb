import { OutboundRecord, type SendEnded, SendEnded_Result } from '@messtrack/proto/gen/messtrack/v1/outbound.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import { type Bus, BusUnavailableError, type RecordPosition } from '@messtrack/runtime/bus.ts';
import type { SendName } from './outbound-records.ts';

/**
 * Tells callers what came of what they asked, whichever process sends: a question and its answer are records of one partition, so whoever asks reads
 * on from the question. Where the partition's owner is in this process it reads those records anyway and tells what it reads; elsewhere the log is asked, and only while somebody waits.
 */
export interface OutboundAnswers {
  /** Resolves with the answer to what stands at `position`, with undefined when it does not come in time. */
  wait(name: SendName, askId: string, position: RecordPosition, waitMs: number): Promise<SendEnded | undefined>;
  /** An owner in this process begins to read a partition, at or before whatever is asked from now on, and leaves nothing out. */
  feed(partition: number): AnswerFeed;
  close(): void;
}

export interface AnswerFeed {
  /** A batch begins. Its records may be read before whoever wrote them knows where they stand, but what follows from them is in no batch before it. */
  begins(offset: number): void;
  /** The next record. */
  seen(record: OutboundRecord, offset: number): void;
  /** The owner reads no more. */
  end(): void;
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

/** Between two looks at a partition that is read elsewhere. */
const POLL_MS = 40;
/** Between two looks at one whose owner is here: that one may stand still while another has taken over. */
const FED_POLL_MS = 1_000;

export function followAnswers(bus: Bus, onSurprise: (error: unknown) => void): OutboundAnswers {
  const tails = new Map<number, Tail>();
  /** Where the batch begins that the partition's owner in this process tells now. */
  const feeds = new Map<number, { from: number }>();
  let isClosed = false;

  async function follow(partition: number, tail: Tail): Promise<void> {
    let lookedAtMs = performance.now();
    while (tail.waiters.size > 0 && !isClosed) {
      const isFed = feeds.has(partition);
      // All that is still asked, because the owner here may have stood still since the oldest question.
      if (isFed && performance.now() - lookedAtMs >= FED_POLL_MS) tail.rewindTo = Math.min(tail.rewindTo, oldest(tail));
      if (!isFed || tail.rewindTo < Number.POSITIVE_INFINITY) {
        await look(partition, tail);
        lookedAtMs = performance.now();
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    tails.delete(partition);
  }

  /** To the end as it is now. */
  async function look(partition: number, tail: Tail): Promise<void> {
    // What is told by an owner here moves nothing on, and nobody needs what stands before the oldest question.
    const from = Math.max(oldest(tail), Math.min(tail.next, tail.rewindTo));
    tail.rewindTo = Number.POSITIVE_INFINITY;
    try {
      for await (const records of bus.read({ topic: TOPICS.outbound.name, partition }, from)) {
        for (const { value, offset } of records) {
          tail.next = offset + 1;
          tell(tail, decode(value), offset);
        }
      }
    } catch (error) {
      // The callers' own time limits end their waiting.
      if (!(error instanceof BusUnavailableError)) throw error;
    }
  }

  return {
    wait({ workspace, account, key }, askId, { partition, offset }, waitMs) {
      return new Promise((resolve) => {
        let tail = tails.get(partition);
        const isNew = tail === undefined;
        tail ??= { next: offset + 1, rewindTo: Number.POSITIVE_INFINITY, waiters: new Set() };
        tails.set(partition, tail);
        // An owner here that is not beyond the question will tell what follows it.
        if (offset < (feeds.get(partition)?.from ?? Number.POSITIVE_INFINITY)) tail.rewindTo = Math.min(tail.rewindTo, offset + 1);
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
    feed(partition) {
      const fed = { from: 0 };
      feeds.set(partition, fed);
      return {
        begins(offset) {
          fed.from = offset;
        },
        seen(record, offset) {
          const tail = tails.get(partition);
          if (tail !== undefined) tell(tail, record, offset);
        },
        end() {
          // The next owner here may have begun before the last one ended.
          if (feeds.get(partition) !== fed) return;
          feeds.delete(partition);
          const tail = tails.get(partition);
          if (tail !== undefined) tail.rewindTo = Math.min(tail.rewindTo, oldest(tail));
        },
      };
    },
    close() {
      isClosed = true;
      for (const { waiters } of tails.values()) for (const waiter of waiters) waiter.answer(undefined);
    },
  };
}

/** After the oldest question. */
function oldest({ waiters }: Tail): number {
  let after = Number.POSITIVE_INFINITY;
  for (const waiter of waiters) after = Math.min(after, waiter.after);
  return after + 1;
}

function tell({ waiters }: Tail, record: OutboundRecord | undefined, offset: number): void {
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
