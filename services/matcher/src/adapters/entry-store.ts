import type { JoinStore, JoinWrite } from '@messtrack/sessions/join-store.ts';
import { type BatchMemory, isFirstWins } from '../domain/batch-memory.ts';
import type { EntryWrite } from '../domain/entries.ts';
import type { Lead } from '../domain/lead.ts';
import { decodeEntry, encodeEntry } from './entry-codec.ts';

/** Reads entries as they stood before a position into the memory of a batch. One round trip. */
export async function learnEntries(joins: JoinStore, keys: readonly string[], before: number, memory: BatchMemory): Promise<void> {
  const found = await joins.read(keys.map((key) => ({ key, before })));
  keys.forEach((key, index) => {
    const entry = found[index] ?? null;
    memory.learn(key, entry === null ? null : decodeEntry(key, entry.value));
  });
}

/** `encoded` holds the leads of the batch as bytes: the same bytes go to the topic and to the store. */
export function joinWrites(writes: readonly EntryWrite[], encoded: ReadonlyMap<Lead, Uint8Array>): readonly JoinWrite[] {
  return writes.map(({ key, entry, offset, expiresAtMs }) => ({
    key,
    value: (entry.kind === 'lead' ? encoded.get(entry.lead) : undefined) ?? encodeEntry(entry),
    position: offset,
    expiresAtMs,
    mode: isFirstWins(entry) ? 'first' : 'latest',
  }));
}
