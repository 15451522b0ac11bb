import type { OutRecord } from '@messtrack/runtime/bus.ts';
import type { Lead } from './domain/lead.ts';
import type { LearnedModel, Taught } from './domain/model/learned-model.ts';
import type { PlatformModel } from './domain/model/platform-model.ts';

/** Milliseconds since the Unix epoch, UTC. Wall time decides when a tick is worth writing, and nothing else. */
export type Clock = () => number;

/** Told of leads once their transaction is durable. */
export interface LeadListener {
  committed(leads: readonly Lead[]): void;
}

/** Where the chunks of a snapshot go, one at a time. */
export interface SnapshotSink {
  /** Resolves when the chunk is durable. Rejects with `BusUnavailableError` when it cannot be written now. */
  send(chunk: OutRecord): Promise<void>;
}

/** Nobody can say now whether there is such a lead; later somebody can. */
export class LeadsUnavailableError extends Error {
  override readonly name = 'LeadsUnavailableError';
}

/** Leads by id and by contact, for people and bots who ask. Rejects with `LeadsUnavailableError`. */
export interface LeadDirectory {
  /** Newest revision; undefined when the workspace has no such lead. */
  lead(workspace: string, leadId: string): Promise<Lead | undefined>;
  /** Newest lead of the first of these contact keys that has one, of those that had begun by `atMs` if that is given; undefined when none has. */
  leadOfContact(workspace: string, account: string, contactKeys: readonly string[], atMs?: number): Promise<Lead | undefined>;
}

/** Whose token it is. */
export interface TokenDirectory {
  /** Name of the workspace that has this API token; undefined when none has. The time taken tells nothing about any token. */
  workspaceOf(token: string): string | undefined;
}

/** Why a version that the log names is not to be had: deleted, written by another version of this program, or never written at all. */
export type ModelGone = 'deleted' | 'foreign_format' | 'never_written';

export type FoundModel = { readonly kind: 'found'; readonly learned: LearnedModel } | { readonly kind: 'gone'; readonly reason: ModelGone };

/** Model versions by number, and what the partitions have taught for the next one. */
export interface ModelDirectory {
  /** Waits while the version may still come; whoever calls tells its group meanwhile that it lives. */
  find(version: number): Promise<FoundModel>;
  /** Takes in what has been written since the last time. Rejects with `BusUnavailableError`. */
  refresh(): Promise<void>;
  /** Newest version ever written, as far as `refresh` has seen; 0 when there is none. */
  newest(): number;
  /** Versions that are there, with the partition time they were learned at. */
  versions(): readonly { readonly version: number; readonly learnedAtMs: number }[];
  /** The newest statistics of every partition, the caller's to change. */
  taught(): readonly Taught[];
  taughtBy(partition: number): Taught | undefined;
}

/** The model of a version that a partition's log names; undefined when it is gone, which the source has logged and counted. */
export interface ModelSource {
  find(version: number, partition: number): Promise<PlatformModel | undefined>;
}
