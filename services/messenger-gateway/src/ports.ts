import type { OutRecord } from '@messtrack/runtime/bus.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';

/** Where records go. An expected refusal is a value; anything else rejects and ends the service. */
export interface Outbox {
  /** Resolves when all are durable (`durable`), when the log cannot take them now, or when one is larger than it ever takes. */
  publish(records: readonly OutRecord[]): Promise<'durable' | 'unavailable' | 'too_large'>;
}

/** The workspaces in force now. */
export interface Directory {
  workspace(name: string): Workspace | undefined;
  /** All of them by name; another map after every reload. */
  workspaces(): ReadonlyMap<string, Workspace>;
}

/** Milliseconds since the Unix epoch, UTC. */
export type Clock = () => number;

/** When people last wrote: a business may answer them freely for some time after. */
export interface Conversations {
  note(workspace: string, account: string, contactKeys: readonly string[], atMs: number): void;
}
