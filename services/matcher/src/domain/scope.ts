import type { ProbabilisticRule } from './answer.ts';
import type { BatchMemory } from './batch-memory.ts';
import type { Entry, EntryWrite } from './entries.ts';
import type { Lead } from './lead.ts';
import type { AccountState, PartitionState } from './state.ts';

/** What the fold is given from outside. */
export interface FoldTools {
  /** Hash of workspace, account, contact and first message; a function of its arguments (adapters/lead-id.ts: a hash is no business of the domain). */
  readonly leadId: (workspace: string, account: string, contact: string, firstMessageId: string) => string;
  /** Row 6; without it, messages without identifier are `unresolved` or `none`. */
  readonly probabilistic?: ProbabilisticRule | undefined;
}

/** What folding a record leaves to be written. */
export interface Effects {
  readonly leads: Lead[];
  readonly writes: EntryWrite[];
}

/** One record being folded. */
export interface Scope {
  readonly state: PartitionState;
  readonly account: AccountState;
  readonly memory: BatchMemory;
  readonly tools: FoldTools;
  readonly effects: Effects;
  readonly offset: number;
}

export function write(scope: Scope, key: string, entry: Entry, expiresAtMs: number): void {
  const made: EntryWrite = { key, entry, offset: scope.offset, expiresAtMs };
  scope.memory.wrote(made);
  scope.effects.writes.push(made);
}
