import type { Contact } from './contact.ts';
import { HashIndex, hashOf } from './hash-index.ts';
import type { OpenContact, Packed, Packing } from './packing.ts';
import { type Numbered, WaitingRoom } from './waiting-room.ts';
import type { Warm, WarmRing } from './warm-ring.ts';

/**
 * How many contacts of a partition stay unpacked: more than a batch touches (2,000 records, one in a few a message), so that what is
 * unpacked to prefetch is still there to be folded. Half a megabyte.
 */
export const WARM_CONTACTS = 1_024;

class WarmContact implements OpenContact, Warm, Numbered {
  number = 0;
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

/**
 * The contacts of one account that have an open lead, found under every key of theirs. Packed but for those looked at last.
 *
 * Of a key nothing is kept but its hash, beside the number of its contact: 15 bytes where two Maps took 90 and more. Whose it is the contact itself says, which is
 * unpacked to be answered anyway; a key of somebody else meets a hash once in seven thousand look-ups among 600,000 keys.
 */
export class OpenContacts {
  private readonly packing: Packing;
  private readonly warm: WarmRing;
  private readonly room: WaitingRoom<WarmContact>;
  private readonly byKey = new HashIndex();

  constructor(packing: Packing, warm: WarmRing) {
    this.packing = packing;
    this.warm = warm;
    this.room = new WaitingRoom(packing, (to) => this.byKey.renumber(to));
  }

  get size(): number {
    return this.room.size;
  }

  get(key: string): Contact | undefined {
    return this.open(key)?.contact;
  }

  open(key: string): OpenContact | undefined {
    const number = this.numberOf(key);
    if (number === undefined) return undefined;
    const warm = this.room.warmAt(number);
    if (warm !== undefined) return warm;
    return this.keepWarm(number, this.packing.unpackContact(this.room.packedAt(number)));
  }

  /** A contact that was open under keys of its own until now and has become one with this one is replaced by it. */
  put(open: OpenContact): void {
    const { key, aliases } = open.contact;
    let own: number | undefined;
    for (const number of this.holders(key)) {
      if (this.contactAt(number).key === key) own = number;
      else this.takeKey(number, key);
    }
    for (const alias of aliases) {
      if (alias === key) continue;
      for (const number of this.holders(alias)) {
        if (number === own) continue;
        const holder = this.contactAt(number);
        if (holder.key === alias) this.remove(number, holder);
        else this.takeKey(number, alias);
      }
    }
    if (own === undefined) this.addKeys(this.enter(open), open.contact);
    else {
      this.keepWarm(own, open);
      this.addKeys(own, open.contact);
    }
  }

  delete({ key }: Contact): void {
    for (const number of this.holders(key)) {
      const contact = this.contactAt(number);
      if (contact.key === key) this.remove(number, contact);
    }
  }

  /** Packs what nobody has replaced or let go meanwhile. */
  cool(warm: WarmContact): void {
    this.room.cool(warm, (each) => this.packing.packContact(each));
  }

  /** For snapshots: packed, in the order in which they were first open; what is warm stays so. */
  *packed(): IterableIterator<Packed> {
    for (const number of this.room.numbers()) {
      const warm = this.room.warmAt(number);
      yield warm === undefined ? this.room.packedAt(number) : this.packing.packContact(warm);
    }
  }

  /** Puts back a contact from a snapshot. */
  restore(packed: Packed): void {
    this.addKeys(this.room.shelve(packed), this.packing.keysOf(packed));
  }

  private enter(open: OpenContact): number {
    const warm = new WarmContact(open, this);
    const number = this.room.enter(warm);
    this.warm.add(warm);
    return number;
  }

  private keepWarm(number: number, open: OpenContact): WarmContact {
    const warm = new WarmContact(open, this);
    this.room.replace(number, warm);
    this.warm.add(warm);
    return warm;
  }

  private numberOf(key: string): number | undefined {
    const hash = hashOf(key);
    const { byKey } = this;
    for (let place = byKey.first(hash); place >= 0; place = byKey.next(place, hash)) {
      const number = byKey.at(place);
      if (this.holds(number, key)) return number;
    }
    return undefined;
  }

  /** Numbers of contacts that are found under this key; more than one only while keys change hands. */
  private holders(key: string): readonly number[] {
    const hash = hashOf(key);
    const { byKey } = this;
    let place = byKey.first(hash);
    if (place < 0) return NOBODY;
    const found: number[] = [];
    for (; place >= 0; place = byKey.next(place, hash)) if (this.holds(byKey.at(place), key)) found.push(byKey.at(place));
    return found;
  }

  private holds(number: number, key: string): boolean {
    const { key: canonical, aliases } = this.keysAt(number);
    return canonical === key || aliases.includes(key);
  }

  private contactAt(number: number): Contact {
    return this.room.warmAt(number)?.contact ?? this.packing.unpackContact(this.room.packedAt(number)).contact;
  }

  private keysAt(number: number): Pick<Contact, 'key' | 'aliases'> {
    return this.room.warmAt(number)?.contact ?? this.packing.keysOf(this.room.packedAt(number));
  }

  private addKeys(number: number, { key, aliases }: Pick<Contact, 'key' | 'aliases'>): void {
    this.addHash(hashOf(key), number);
    for (const alias of aliases) if (alias !== key) this.addHash(hashOf(alias), number);
  }

  /** Once per hash: two keys of one contact may share it. */
  private addHash(hash: number, number: number): void {
    const { byKey } = this;
    for (let place = byKey.first(hash); place >= 0; place = byKey.next(place, hash)) if (byKey.at(place) === number) return;
    byKey.add(hash, number);
  }

  /** From now on the key is another contact's. */
  private takeKey(number: number, key: string): void {
    this.byKey.removeNumber(hashOf(key), number);
  }

  private remove(number: number, { key, aliases }: Contact): void {
    this.byKey.removeNumber(hashOf(key), number);
    for (const alias of aliases) if (alias !== key) this.byKey.removeNumber(hashOf(alias), number);
    this.room.remove(number);
  }
}

const NOBODY: readonly number[] = [];
