import { packing } from '@messtrack/matcher/adapters/packing.ts';
import { type BatchMemory, isFirstWins } from '@messtrack/matcher/domain/batch-memory.ts';
import type { Entry, EntryWrite } from '@messtrack/matcher/domain/entries.ts';
import type { Lead } from '@messtrack/matcher/domain/lead.ts';

const DAY_MS = 86_400_000;

/**
 * The join store of a history, in memory: every entry is there or absent, so the fold never waits. Leads and contacts are kept packed, a
 * tenth of what their objects take, and everything goes when its time is over.
 */
export interface JoinMemory extends BatchMemory {
  /** The newest revision; undefined when it is past its time. */
  lead(key: string): Lead | undefined;
  /** Lets go of what has expired before the day of this time. */
  expire(clockMs: number): void;
  readonly size: () => number;
}

/** A text stands for a packed lead or contact; the rest is small as it is. */
type Stored = string | Exclude<Entry, { kind: 'lead' | 'contact' }>;

interface Kept {
  value: Stored;
  expiryDay: number;
}

export function createJoinMemory(): JoinMemory {
  const entries = new Map<string, Kept>();
  /** Keys by the day on which they may go. A key whose time was put off is in two days' lists. */
  const byExpiry = new Map<number, string[]>();
  let expiredUpToDay = 0;

  function keep(key: string, value: Stored, expiresAtMs: number): void {
    const expiryDay = Math.max(Math.floor(expiresAtMs / DAY_MS), expiredUpToDay);
    const known = entries.get(key);
    if (known === undefined) entries.set(key, { value, expiryDay });
    else known.value = value;
    if (known?.expiryDay === expiryDay) return;
    if (known !== undefined) known.expiryDay = expiryDay;
    const keys = byExpiry.get(expiryDay);
    if (keys === undefined) byExpiry.set(expiryDay, [key]);
    else keys.push(key);
  }

  return {
    learn(key, entry) {
      // The fold tells what the store holds already, under the time it was written with.
      const known = entries.get(key);
      if (known !== undefined && entry !== null) known.value = pack(entry);
    },
    wrote({ key, entry, expiresAtMs }: EntryWrite) {
      if (isFirstWins(entry) && entries.has(key)) return;
      keep(key, pack(entry), expiresAtMs);
    },
    get(key) {
      const kept = entries.get(key);
      return kept === undefined ? null : unpack(key, kept.value);
    },
    lead(key) {
      const value = entries.get(key)?.value;
      return typeof value === 'string' ? packing.unpackLead(value).lead : undefined;
    },
    expire(clockMs) {
      const today = Math.floor(clockMs / DAY_MS);
      if (today <= expiredUpToDay) return;
      for (const [day, keys] of byExpiry) {
        if (day >= today) continue;
        for (const key of keys) if (entries.get(key)?.expiryDay === day) entries.delete(key);
        byExpiry.delete(day);
      }
      expiredUpToDay = today;
    },
    size: () => entries.size,
  };
}

function pack(entry: Entry): Stored {
  switch (entry.kind) {
    case 'lead':
      return packing.packLead({ lead: entry.lead, sequence: 0 });
    case 'contact':
      return packing.packContact({ contact: entry.contact, isDirty: false });
    case 'click': {
      // Not the facts the click came with: the code finds these three.
      const { clickId, clickedAtMs, source } = entry.click;
      return { kind: 'click', click: { clickId, clickedAtMs, source } };
    }
    case 'use':
    case 'alias':
      return entry;
  }
}

function unpack(key: string, value: Stored): Entry {
  if (typeof value !== 'string') return value;
  return key.startsWith('contact/')
    ? { kind: 'contact', contact: packing.unpackContact(value).contact }
    : { kind: 'lead', lead: packing.unpackLead(value).lead };
}
