import type { Contact } from './contact.ts';
import type { OpenContact, Packed, Packing } from './packing.ts';
import { type Place, Shelves } from './shelves.ts';
import type { Warm, WarmRing } from './warm-ring.ts';

/**
 * How many contacts of a partition stay unpacked: more than a batch touches (2,000 records, one in a few a message), so that what is
 * unpacked to prefetch is still there to be folded. Half a megabyte.
 */
export const WARM_CONTACTS = 1_024;

class WarmContact implements OpenContact, Warm {
  readonly contact: Contact;
  readonly isDirty: boolean;
  private readonly home: OpenContacts;

  constructor({ contact, isDirty }: OpenContact, home: OpenContacts) {
    this.contact = contact;
    this.isDirty = isDirty;
    this.home = home;
  }

  cool(): void {
    this.home.cool(this);
  }
}

/** The contacts of one account that have an open lead, found under every key of theirs. Packed but for those looked at last. */
export class OpenContacts {
  /** By canonical key. */
  private readonly byKey = new Map<string, Place | WarmContact>();
  /** Canonical keys by every other key. */
  private readonly aliases = new Map<string, string>();
  private readonly packing: Packing;
  private readonly shelves: Shelves;
  private readonly warm: WarmRing;

  constructor(packing: Packing, warm: WarmRing) {
    this.packing = packing;
    this.shelves = new Shelves(packing);
    this.warm = warm;
  }

  get size(): number {
    return this.byKey.size;
  }

  get(key: string): Contact | undefined {
    return this.open(key)?.contact;
  }

  open(key: string): OpenContact | undefined {
    const canonical = this.byKey.has(key) ? key : this.aliases.get(key);
    const found = canonical === undefined ? undefined : this.byKey.get(canonical);
    if (typeof found !== 'number') return found;
    return this.keepWarm(this.packing.unpackContact(this.shelves.get(found)));
  }

  /** A contact that was open under keys of its own until now and has become one with this one is replaced by it. */
  put(open: OpenContact): void {
    const { key, aliases } = open.contact;
    for (const alias of aliases) {
      if (alias === key) continue;
      this.remove(alias);
      this.aliases.set(alias, key);
    }
    this.aliases.delete(key);
    this.keepWarm(open);
  }

  delete({ key, aliases }: Contact): void {
    this.remove(key);
    for (const alias of aliases) this.aliases.delete(alias);
  }

  /** Packs what nobody has replaced or let go meanwhile. */
  cool(warm: WarmContact): void {
    if (this.byKey.get(warm.contact.key) === warm) this.byKey.set(warm.contact.key, this.shelves.put(this.packing.packContact(warm)));
  }

  /** For snapshots: packed, in the order in which they were first open; what is warm stays so. */
  *packed(): IterableIterator<Packed> {
    for (const each of this.byKey.values()) yield typeof each === 'number' ? this.shelves.get(each) : this.packing.packContact(each);
  }

  /** Puts back a contact from a snapshot. */
  restore(packed: Packed): void {
    const { key, aliases } = this.packing.keysOf(packed);
    this.byKey.set(key, this.shelves.put(packed));
    for (const alias of aliases) if (alias !== key) this.aliases.set(alias, key);
  }

  private remove(key: string): void {
    this.takeFromShelf(key);
    this.byKey.delete(key);
  }

  private takeFromShelf(key: string): void {
    const found = this.byKey.get(key);
    if (typeof found === 'number') this.shelves.take(found);
  }

  private keepWarm(open: OpenContact): WarmContact {
    const warm = new WarmContact(open, this);
    this.takeFromShelf(open.contact.key);
    this.byKey.set(open.contact.key, warm);
    this.warm.add(warm);
    return warm;
  }
}
