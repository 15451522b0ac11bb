import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus, BusRecord, OutRecord } from '@messtrack/runtime/bus.ts';

/** touchpoints.v1, leads.v1 and snapshots.v1 in memory; leads and snapshots as compaction leaves them: the newest record of each key. */
export interface MemoryLog {
  append(partition: number, record: Pick<BusRecord, 'key' | 'value' | 'headers' | 'timestampMs'>): void;
  fetch(partition: number, from: number, to: number): readonly BusRecord[];
  endOf(partition: number): number;
  committedOf(partition: number): number;
  /** A chunk of a snapshot, at once and whatever becomes of the batch. */
  keepSnapshot(chunk: OutRecord): void;
  /** One transaction: the offset and what a batch has led to. */
  commit(partition: number, nextOffset: number, output: readonly OutRecord[]): void;
  readonly leads: ReadonlyMap<string, Uint8Array>;
  /** What reads from a bus reads this. */
  readonly bus: Bus;
}

const READ_RECORDS = 2_000;

export function memoryLog(partitions: number): MemoryLog {
  const touchpoints: BusRecord[][] = Array.from({ length: partitions }, () => []);
  const snapshots: Map<string, BusRecord>[] = Array.from({ length: partitions }, () => new Map());
  const committed = new Array<number>(partitions).fill(0);
  const leads = new Map<string, Uint8Array>();
  let appended = 0;

  function recordsOf(topic: string, partition: number): readonly BusRecord[] {
    switch (topic) {
      case TOPICS.touchpoints.name:
        return touchpoints[partition]!;
      case TOPICS.snapshots.name:
        return [...snapshots[partition]!.values()];
      case TOPICS.leads.name:
        return partition === 0
          ? [...leads].map(([key, value], offset) => recordOf(topic, 0, offset, { key: Buffer.from(key), value }))
          : [];
      default:
        throw new Error(`no test reads ${topic}`);
    }
  }

  async function* read(topic: string, partition: number, from: number): AsyncGenerator<readonly BusRecord[]> {
    const all = recordsOf(topic, partition);
    for (let at = from; at < all.length; at += READ_RECORDS) yield all.slice(at, at + READ_RECORDS);
  }

  const refuse = (): never => {
    throw new Error('a replay only reads');
  };

  return {
    append(partition, record) {
      const records = touchpoints[partition]!;
      records.push({ ...record, topic: TOPICS.touchpoints.name, partition, offset: records.length });
    },
    fetch: (partition, from, to) => touchpoints[partition]!.slice(from, to),
    endOf: (partition) => touchpoints[partition]!.length,
    committedOf: (partition) => committed[partition]!,
    commit(partition, nextOffset, output) {
      committed[partition] = nextOffset;
      for (const { topic, key, value } of output) if (topic === TOPICS.leads.name) leads.set(String(key), value);
    },
    keepSnapshot({ key, value, topic, partition = 0 }) {
      snapshots[partition]!.set(String(key), recordOf(topic, partition, appended++, { key: Buffer.from(key), value }));
    },
    leads,
    bus: {
      read: ({ topic, partition }, from) => read(topic, partition, from),
      offsets: async (topic) =>
        Array.from({ length: partitions }, (_, partition) => ({ topic, partition, first: 0, next: recordsOf(topic, partition).length })),
      committed: async (_group, topic) => committed.map((offset, partition) => ({ topic, partition, offset })),
      ensureTopics: refuse,
      producer: refuse,
      consume: refuse,
      process: refuse,
      lag: refuse,
      ping: async () => undefined,
      assertIntact: () => undefined,
      close: async () => undefined,
    },
  };
}

function recordOf(topic: string, partition: number, offset: number, { key, value }: Pick<BusRecord, 'key' | 'value'>): BusRecord {
  return { topic, partition, offset, key, value, headers: {}, timestampMs: 0 };
}
