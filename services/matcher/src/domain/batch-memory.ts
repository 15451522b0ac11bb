import type { Entry, EntryWrite, Lookups } from './entries.ts';

/**
 * What a batch knows of the join store: entries as they stood before its first record, and what the batch has written since.
 * With it a record sees the writes of every earlier record, wherever the batches were cut.
 */
export interface BatchMemory extends Lookups {
  /** What the store holds, or what left the state and is therefore known without asking it. */
  learn(key: string, entry: Entry | null): void;
  /** A write of the fold. */
  wrote(write: EntryWrite): void;
}

/** The first writer of a code or of its use counts for ever; of anything else the last. */
export function isFirstWins(entry: Entry): boolean {
  return entry.kind === 'click' || entry.kind === 'use';
}

export function createBatchMemory(): BatchMemory {
  const learned = new Map<string, Entry | null>();
  const written = new Map<string, Entry>();
  return {
    learn(key, entry) {
      learned.set(key, entry);
    },
    wrote({ key, entry }) {
      if (!isFirstWins(entry) || !written.has(key)) written.set(key, entry);
    },
    get(key) {
      const own = written.get(key);
      if (own !== undefined && !isFirstWins(own)) return own;
      // An own write of a first-wins entry says nothing until we know whether the store had one before it.
      const before = learned.get(key);
      if (before === undefined) return undefined;
      return before ?? own ?? null;
    },
  };
}
