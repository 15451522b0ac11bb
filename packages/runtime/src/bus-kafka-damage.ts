/**
 * Batches that are not what was written: their checksum does not hold (`bus-kafka-decoding.ts`). A byte that flipped on the wire is right when it is fetched again, and one that rotted on a broker's disk when
 * another replica leads; until then their partition waits, for what is passed over is lost without a word. What waits is told here: to the log once, and to readiness for as long as it lasts.
 */
import type { Logger } from 'pino';
import type { RecordPosition, TopicPartition } from './bus.ts';
import { createOutageLog } from './outage-log.ts';

export class DamagedBatchError extends Error {
  override readonly name = 'DamagedBatchError';
  readonly healthDetail: string;
  readonly position: RecordPosition;
  /** Where the batch ends, if its header can be believed. */
  readonly nextOffset: number;

  constructor(position: RecordPosition, nextOffset: number) {
    const { topic, partition, offset } = position;
    super(`${topic}/${partition} from offset ${offset} on is not what was written: the checksum of a batch does not hold`);
    this.position = position;
    this.nextOffset = nextOffset;
    this.healthDetail = `${topic}/${partition} from offset ${offset} on is not what was written`;
  }
}

export interface DamageLog {
  found(error: DamagedBatchError): void;
  /** Everything before `nextOffset` has been read. Cheap where nothing is damaged. */
  passed(partition: TopicPartition, nextOffset: number): void;
  /** @throws DamagedBatchError while a partition waits */
  assertNone(): void;
}

/** Who waits looks again every ten seconds (`LAST_DAMAGE_PAUSE_MS`). A partition that nobody has looked at for so long is somebody else's by now. */
const FORGOTTEN_AFTER_MS = 30_000;

/** @param now milliseconds on a monotonic scale */
export function createDamageLog(log: Logger, now: () => number = () => performance.now()): DamageLog {
  const outage = createOutageLog(
    log,
    {
      away: 'records of the log are not what was written: their partition waits, the others go on',
      back: 'records of the log are what was written again',
    },
    now,
  );
  const waiting = new Map<string, { readonly error: DamagedBatchError; readonly atMs: number }>();

  return {
    found(error) {
      const key = keyOf(error.position);
      waiting.set(key, { error, atMs: now() });
      outage.failed(error, { ...error.position }, key);
    },
    passed(partition, nextOffset) {
      if (waiting.size === 0) return;
      const key = keyOf(partition);
      const known = waiting.get(key);
      // What stands before the batch may be read again, after a rebalance.
      if (known === undefined || nextOffset <= known.error.position.offset) return;
      waiting.delete(key);
      outage.recovered({ topic: partition.topic, partition: partition.partition }, key);
    },
    assertNone() {
      for (const [key, { error, atMs }] of waiting) {
        if (now() - atMs <= FORGOTTEN_AFTER_MS) throw error;
        waiting.delete(key);
        outage.dropped(key);
      }
    },
  };
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
