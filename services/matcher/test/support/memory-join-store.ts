import type { JoinEntry, JoinStore, JoinWrite } from '@messtrack/sessions/join-store.ts';

interface Version {
  readonly value: Uint8Array;
  readonly position: number;
}

/** The join store's contract in a Map, without expiry: unit tests of the fold need its semantics, not its durability. */
export function memoryJoinStore(): JoinStore & { readonly size: () => number } {
  const entries = new Map<string, { readonly mode: JoinWrite['mode']; readonly versions: Map<number, Version> }>();

  function visible(key: string, before: number): JoinEntry | null {
    const entry = entries.get(key);
    if (entry === undefined) return null;
    const sorted = [...entry.versions.values()].sort((a, b) => a.position - b.position);
    const found = entry.mode === 'first' ? sorted[0] : sorted.findLast((version) => version.position < before);
    return found !== undefined && found.position < before ? found : null;
  }

  return {
    size: () => entries.size,
    read: async (reads) => reads.map(({ key, before }) => visible(key, before)),
    write: async (writes) => {
      for (const { key, value, position, mode } of writes) {
        const entry = entries.get(key) ?? { mode, versions: new Map<number, Version>() };
        entry.versions.set(position, { value, position });
        while (mode === 'latest' && entry.versions.size > 16) entry.versions.delete(Math.min(...entry.versions.keys()));
        entries.set(key, entry);
      }
    },
    clear: async (prefix) => {
      const keys = [...entries.keys()].filter((key) => key.startsWith(prefix));
      for (const key of keys) entries.delete(key);
      return keys.length;
    },
    ping: async () => undefined,
    close: async () => undefined,
  };
}
