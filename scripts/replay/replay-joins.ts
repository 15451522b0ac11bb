import { decodeEntry, encodeEntry } from '@messtrack/matcher/adapters/entry-codec.ts';
import { type BatchMemory, isFirstWins } from '@messtrack/matcher/domain/batch-memory.ts';
import type { Entry } from '@messtrack/matcher/domain/entries.ts';

const DAY_MS = 86_400_000;

/**
 * The join store of one replayed partition, in memory: two folds must never write to the same store, and a replay starts from an empty one.
 * Entries pass through the codec of the real stores and are gone when their time is over, as they are there.
 */
export interface ReplayJoins extends BatchMemory {
  /** Newest revision of every lead, as leads.v1 would hold it: the bytes as text, one character each. */
  leads(): Iterable<readonly [leadId: string, bytes: string]>;
  /** Lets go of what has expired, a day at a time. Leads stay: they are what a replay is for. */
  sweep(): void;
}

interface Stored {
  readonly isFirst: boolean;
  bytes: string;
  expiresAtMs: number;
}

/** `clockMs`: partition time; what is past its time then is not seen any more. */
export function createReplayJoins(clockMs: () => number): ReplayJoins {
  const entries = new Map<string, Stored>();
  const newestLeads = new Map<string, string>();
  /** Keys by the day on which they may go; a key whose time was put off stands under several. */
  const byDay = new Map<number, string[]>();
  let sweptDay = 0;

  function appoint(key: string, expiresAtMs: number): void {
    const day = Math.floor(expiresAtMs / DAY_MS);
    const keys = byDay.get(day);
    if (keys === undefined) byDay.set(day, [key]);
    else keys.push(key);
  }

  return {
    learn(key, entry) {
      // What leaves the state unchanged is in the store already; the fold tells it for the sake of stores that would have to be asked.
      const known = entries.get(key);
      if (known !== undefined && entry !== null && !known.isFirst) known.bytes = packed(entry);
    },
    wrote({ key, entry, expiresAtMs }) {
      const isFirst = isFirstWins(entry);
      const bytes = packed(entry);
      if (entry.kind === 'lead') newestLeads.set(entry.lead.leadId, bytes);
      const known = entries.get(key);
      if (known === undefined || known.expiresAtMs <= clockMs()) {
        entries.set(key, { isFirst, bytes, expiresAtMs });
        appoint(key, expiresAtMs);
        return;
      }
      if (known.isFirst) return;
      known.bytes = bytes;
      if (expiresAtMs <= known.expiresAtMs) return;
      if (Math.floor(expiresAtMs / DAY_MS) > Math.floor(known.expiresAtMs / DAY_MS)) appoint(key, expiresAtMs);
      known.expiresAtMs = expiresAtMs;
    },
    get(key): Entry | null {
      const stored = entries.get(key);
      if (stored === undefined || stored.expiresAtMs <= clockMs()) return null;
      return decodeEntry(key, Buffer.from(stored.bytes, 'latin1'));
    },
    leads: () => newestLeads,
    sweep() {
      const nowMs = clockMs();
      const today = Math.floor(nowMs / DAY_MS);
      if (today <= sweptDay) return;
      sweptDay = today;
      for (const [day, keys] of byDay) {
        if (day >= today) continue;
        byDay.delete(day);
        for (const key of keys) {
          const stored = entries.get(key);
          if (stored !== undefined && stored.expiresAtMs <= nowMs) entries.delete(key);
        }
      }
    },
  };
}

/** A text of one character per byte takes half of what a Buffer takes beside its content. */
function packed(entry: Entry): string {
  const bytes = encodeEntry(entry);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
