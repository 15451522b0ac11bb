import { packing } from '@messtrack/matcher/adapters/packing.ts';
import { type BatchMemory, isFirstWins } from '@messtrack/matcher/domain/batch-memory.ts';
import type { Entry, EntryWrite } from '@messtrack/matcher/domain/entries.ts';
import type { Lead } from '@messtrack/matcher/domain/lead.ts';
import { type Place, Shelves } from '@messtrack/matcher/domain/shelves.ts';
import type { Source } from '@messtrack/matcher/domain/source.ts';
import { type Warm, WarmRing } from '@messtrack/matcher/domain/warm-ring.ts';

const DAY_MS = 86_400_000;

/**
 * So many contacts and leads stay as they were written: nearly all are written again within the hour in which their lead is open, and packing them for
 * that hour was half of all packing. Four megabytes.
 */
const WARM_ENTRIES = 2_048;

/**
 * The join store of a history, in memory: every entry is there or absent, so the fold never waits. Entries are kept as text, a fraction of
 * what their objects take (a code 170 B instead of 400), contacts and leads by the shelf, and go when their time is over.
 */
export interface JoinMemory extends BatchMemory {
  /** The newest revision; undefined when it is past its time. */
  lead(key: string): Lead | undefined;
  /** Lets go of what has expired before the day of this time. */
  expire(clockMs: number): void;
  readonly size: () => number;
}

/** An entry that is written again and each time lives on: as it was written, or on a shelf. */
interface Renewed {
  now: WarmEntry | Place;
  expiryDay: number;
}

type RenewedEntry = Extract<Entry, { readonly kind: 'lead' | 'contact' }>;

class WarmEntry implements Warm {
  readonly entry: RenewedEntry;
  private readonly owner: Renewed;
  private readonly shelves: Shelves;

  constructor(entry: RenewedEntry, owner: Renewed, shelves: Shelves) {
    this.entry = entry;
    this.owner = owner;
    this.shelves = shelves;
  }

  /** Unless it was written again, or has gone, meanwhile. */
  cool(): void {
    if (this.owner.now === this) this.owner.now = this.shelves.put(packRenewed(this.entry));
  }
}

const GONE: Place = -1;

/** Codes and their use never change once written: their text alone is kept. */
type Kept = string | Renewed;

export function createJoinMemory(): JoinMemory {
  const entries = new Map<string, Kept>();
  /** Keys by the day on which they may go. A key whose time was put off is in the lists of several days. */
  const byExpiry = new Map<number, string[]>();
  const packer = createEntryPacker();
  const leads = new Shelves(packing);
  const contacts = new Shelves(packing);
  const warm = new WarmRing(WARM_ENTRIES);
  let expiredUpToDay = 0;

  function shelvesOf(kind: RenewedEntry['kind']): Shelves {
    return kind === 'lead' ? leads : contacts;
  }

  /** Returns the entry with what it holds now. */
  function renew(known: Renewed, entry: RenewedEntry): Renewed {
    const shelves = shelvesOf(entry.kind);
    if (typeof known.now === 'number' && known.now !== GONE) shelves.take(known.now);
    const written = new WarmEntry(entry, known, shelves);
    known.now = written;
    warm.add(written);
    return known;
  }

  function read(key: string, { now }: Renewed): RenewedEntry {
    if (typeof now !== 'number') return now.entry;
    return isLeadKey(key)
      ? { kind: 'lead', lead: packing.unpackLead(leads.get(now)).lead }
      : { kind: 'contact', contact: packing.unpackContact(contacts.get(now)).contact };
  }

  /** What is no longer in the map must not be put on a shelf when its turn comes. */
  function letGo(key: string, kept: Renewed): void {
    if (typeof kept.now === 'number') shelvesOf(isLeadKey(key) ? 'lead' : 'contact').take(kept.now);
    kept.now = GONE;
  }

  function expireOn(expiryDay: number, key: string): void {
    const keys = byExpiry.get(expiryDay);
    if (keys === undefined) byExpiry.set(expiryDay, [key]);
    else keys.push(key);
  }

  return {
    learn(key, entry) {
      // The fold tells what the store holds already, under the time it was written with.
      const known = entries.get(key);
      if (typeof known === 'object' && entry !== null && isRenewed(entry)) renew(known, entry);
    },
    wrote({ key, entry, expiresAtMs }: EntryWrite) {
      const known = entries.get(key);
      if (known !== undefined && isFirstWins(entry)) return;
      const expiryDay = Math.max(Math.floor(expiresAtMs / DAY_MS), expiredUpToDay);
      if (typeof known === 'object' && isRenewed(entry)) {
        renew(known, entry);
        if (known.expiryDay === expiryDay) return;
        known.expiryDay = expiryDay;
        expireOn(expiryDay, key);
        return;
      }
      const ownKey = flat(key);
      entries.set(ownKey, isRenewed(entry) ? renew({ now: GONE, expiryDay }, entry) : packer.pack(entry));
      expireOn(expiryDay, ownKey);
    },
    get(key) {
      const kept = entries.get(key);
      if (kept === undefined) return null;
      return typeof kept === 'string' ? packer.unpack(key, kept) : read(key, kept);
    },
    lead(key) {
      const kept = entries.get(key);
      if (typeof kept !== 'object') return undefined;
      const entry = read(key, kept);
      return entry.kind === 'lead' ? entry.lead : undefined;
    },
    expire(clockMs) {
      const today = Math.floor(clockMs / DAY_MS);
      if (today <= expiredUpToDay) return;
      for (const [day, keys] of byExpiry) {
        if (day >= today) continue;
        for (const key of keys) {
          const kept = entries.get(key);
          if (kept === undefined || (typeof kept === 'object' && kept.expiryDay !== day)) continue;
          if (typeof kept === 'object') letGo(key, kept);
          entries.delete(key);
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
    pack(entry: Exclude<Entry, RenewedEntry>): string {
      switch (entry.kind) {
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

function isRenewed(entry: Entry): entry is RenewedEntry {
  return entry.kind === 'lead' || entry.kind === 'contact';
}

function isLeadKey(key: string): boolean {
  return key.startsWith('lead/');
}

function packRenewed(entry: RenewedEntry): string {
  return entry.kind === 'lead'
    ? packing.packLead({ lead: entry.lead, sequence: 0 })
    : packing.packContact({ contact: entry.contact, isDirty: false });
}

function joined(...parts: readonly (string | number)[]): string {
  return parts.join(SEPARATOR);
}

/** V8 keeps a text put together by a template as a tree of its pieces, 32 bytes for each; what is joined from a list is one piece. */
function flat(key: string): string {
  return [key.slice(0, 1), key.slice(1)].join('');
}
