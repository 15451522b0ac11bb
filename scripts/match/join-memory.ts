import { packing } from '@messtrack/matcher/adapters/packing.ts';
import { type BatchMemory, isFirstWins } from '@messtrack/matcher/domain/batch-memory.ts';
import type { Entry, EntryWrite } from '@messtrack/matcher/domain/entries.ts';
import type { Lead } from '@messtrack/matcher/domain/lead.ts';
import type { Source } from '@messtrack/matcher/domain/source.ts';

const DAY_MS = 86_400_000;

/**
 * The join store of a history, in memory: every entry is there or absent, so the fold never waits. Entries are kept as text, a fraction of
 * what their objects take (a code 170 B instead of 400), and go when their time is over.
 */
export interface JoinMemory extends BatchMemory {
  /** The newest revision; undefined when it is past its time. */
  lead(key: string): Lead | undefined;
  /** Lets go of what has expired before the day of this time. */
  expire(clockMs: number): void;
  readonly size: () => number;
}

/** An entry that is written again and each time lives on. */
interface Renewed {
  packed: string;
  expiryDay: number;
}

/** Codes and their use never change once written: their text alone is kept. */
type Kept = string | Renewed;

export function createJoinMemory(): JoinMemory {
  const entries = new Map<string, Kept>();
  /** Keys by the day on which they may go. A key whose time was put off is in the lists of several days. */
  const byExpiry = new Map<number, string[]>();
  const packer = createEntryPacker();
  let expiredUpToDay = 0;

  function expireOn(expiryDay: number, key: string): void {
    const keys = byExpiry.get(expiryDay);
    if (keys === undefined) byExpiry.set(expiryDay, [key]);
    else keys.push(key);
  }

  return {
    learn(key, entry) {
      // The fold tells what the store holds already, under the time it was written with.
      const known = entries.get(key);
      if (typeof known === 'object' && entry !== null) known.packed = packer.pack(entry);
    },
    wrote({ key, entry, expiresAtMs }: EntryWrite) {
      const known = entries.get(key);
      if (known !== undefined && isFirstWins(entry)) return;
      const expiryDay = Math.max(Math.floor(expiresAtMs / DAY_MS), expiredUpToDay);
      const packed = packer.pack(entry);
      if (typeof known === 'object') {
        known.packed = packed;
        if (known.expiryDay === expiryDay) return;
        known.expiryDay = expiryDay;
        expireOn(expiryDay, key);
        return;
      }
      const ownKey = flat(key);
      entries.set(ownKey, isFirstWins(entry) ? packed : { packed, expiryDay });
      expireOn(expiryDay, ownKey);
    },
    get(key) {
      const kept = entries.get(key);
      return kept === undefined ? null : packer.unpack(key, typeof kept === 'string' ? kept : kept.packed);
    },
    lead(key) {
      const kept = entries.get(key);
      return typeof kept === 'object' ? packing.unpackLead(kept.packed).lead : undefined;
    },
    expire(clockMs) {
      const today = Math.floor(clockMs / DAY_MS);
      if (today <= expiredUpToDay) return;
      for (const [day, keys] of byExpiry) {
        if (day >= today) continue;
        for (const key of keys) {
          const kept = entries.get(key);
          if (typeof kept === 'string' || kept?.expiryDay === day) entries.delete(key);
        }
        byExpiry.delete(day);
      }
      expiredUpToDay = today;
    },
    size: () => entries.size,
  };
}

/** Ids of a history hold no control characters (line-fields.ts). */
const SEPARATOR = '\n';

function createEntryPacker() {
  /** Sources by number: a history has thousands, and each stands in many clicks. */
  const sources: Source[] = [];
  const numbers = new Map<Source, number>();

  function numberOf(source: Source): number {
    const known = numbers.get(source);
    if (known !== undefined) return known;
    const number = sources.push(source) - 1;
    numbers.set(source, number);
    return number;
  }

  return {
    pack(entry: Entry): string {
      switch (entry.kind) {
        case 'lead':
          return packing.packLead({ lead: entry.lead, sequence: 0 });
        case 'contact':
          return packing.packContact({ contact: entry.contact, isDirty: false });
        case 'click': {
          const { clickId, clickedAtMs, source } = entry.click;
          return joined(numberOf(source), clickedAtMs, clickId);
        }
        case 'use':
          return joined(entry.contact, entry.leadId);
        case 'alias':
          // A line of a history names its contact by one key.
          throw new Error('a history has no aliases of contacts');
      }
    },
    unpack(key: string, packed: string): Entry {
      switch (key.slice(0, key.indexOf('/'))) {
        case 'lead':
          return { kind: 'lead', lead: packing.unpackLead(packed).lead };
        case 'contact':
          return { kind: 'contact', contact: packing.unpackContact(packed).contact };
        case 'use': {
          const [contact = '', leadId = ''] = packed.split(SEPARATOR);
          return { kind: 'use', contact, leadId };
        }
        case 'code': {
          const [number, clickedAtMs, clickId = ''] = packed.split(SEPARATOR);
          return { kind: 'click', click: { clickId, clickedAtMs: Number(clickedAtMs), source: sources[Number(number)]! } };
        }
        default:
          throw new Error('an entry of the join store has a kind that the fold does not write');
      }
    },
  };
}

function joined(...parts: readonly (string | number)[]): string {
  return parts.join(SEPARATOR);
}

/** V8 keeps a text put together by a template as a tree of its pieces, 32 bytes for each; what is joined from a list is one piece. */
function flat(key: string): string {
  return [key.slice(0, 1), key.slice(1)].join('');
}
