import { mkdirSync } from 'node:fs';
import { type Database, open, type RootDatabase, type RootDatabaseOptions } from 'lmdb';
import type { TopicDefinition } from './bus.ts';
import { addressEncoder, type LoadedRecord, type RecordAddress, recordEncoder, type StoredRecord } from './bus-lmdb-codec.ts';

/** A topic as stored. Ids are small numbers given once, in the order of creation, and never used again. */
export interface Topic extends TopicDefinition {
  readonly id: number;
}

/** First offset that may still exist, and the offset of the next record. */
export interface Head {
  readonly first: number;
  readonly next: number;
}

/** What a group knows of a partition. */
export interface GroupPosition {
  /** Next offset to read, -1 when nothing was ever committed. */
  readonly offset: number;
  /** Counts owners of the partition, over restarts and over processes. Who holds an older number is fenced. */
  readonly epoch: number;
}

/** A record of a compacted topic that a newer one of its key has replaced. Sorted by the time it may go. */
export type Replaced = [dueMs: number, topicId: number, partition: number, offset: number];

/** The tables of the log in one LMDB environment, which commits them together. Reads inside a write transaction see what it wrote. */
export interface Tables {
  readonly env: RootDatabase;
  readonly topics: Database<Topic, string>;
  readonly heads: Database<[first: number, next: number], [topicId: number, partition: number]>;
  readonly groups: Database<[offset: number, epoch: number], [groupId: string, topicId: number, partition: number]>;
  /** Written as `StoredRecord` under an address; ranges give `LoadedRecord` and the offset alone (see the codec). */
  readonly records: Database<StoredRecord | LoadedRecord, never>;
  /** Compacted topics: hash of the key to the offset of its newest record. */
  readonly newest: Database<number, [topicId: number, partition: number, keyHash: string]>;
  readonly replaced: Database<true, Replaced>;
  /** What `ping` writes to find out whether a full disk has room again. */
  readonly probe: Database<Uint8Array, string>;
}

export function openTables(path: string): Tables {
  mkdirSync(path, { recursive: true });
  // Synced before a promise resolves and before a reader sees it: with overlapping sync a consumer could act on a record that a power cut takes back.
  // Without event turn batching, whose own promise nobody sees: when a commit fails it would reject unheard and end the process.
  const env = open({ path, maxDbs: 8, overlappingSync: false, noMemInit: true, eventTurnBatching: false });
  // lmdb reads these two for any database; its types know them for the root alone.
  const recordsOptions: RootDatabaseOptions & { name: string } = { name: 'records', encoder: recordEncoder(), keyEncoder: addressEncoder };
  return {
    env,
    topics: env.openDB({ name: 'topics' }),
    heads: env.openDB({ name: 'heads' }),
    groups: env.openDB({ name: 'groups' }),
    records: env.openDB(recordsOptions),
    newest: env.openDB({ name: 'newest' }),
    replaced: env.openDB({ name: 'replaced' }),
    probe: env.openDB({ name: 'probe', encoding: 'binary' }),
  };
}

/** lmdb types a key alike for writing and for reading; here an address goes in and its offset comes out. */
export function recordKey(topicId: number, partition: number, offset: number): never {
  const address: RecordAddress = { topicId, partition, offset };
  return address as never;
}

export function readHead(tables: Tables, topic: Topic, partition: number): Head {
  const stored = tables.heads.get([topic.id, partition]);
  return stored === undefined ? { first: 0, next: 0 } : { first: stored[0], next: stored[1] };
}

export function readGroup(tables: Tables, groupId: string, topic: Topic, partition: number): GroupPosition {
  const stored = tables.groups.get([groupId, topic.id, partition]);
  return stored === undefined ? { offset: -1, epoch: 0 } : { offset: stored[0], epoch: stored[1] };
}
