import { HashIndex, hashOf } from './hash-index.ts';
import type { OpenLead, Packed, Packing } from './packing.ts';
import { grown, more, TextColumn } from './text-column.ts';
import { type Numbered, WaitingRoom } from './waiting-room.ts';
import type { Warm, WarmRing } from './warm-ring.ts';

/**
 * How many open leads of a partition stay unpacked. A lead is packed to wait for an hour and unpacked to become final, and the two took a tenth of
 * all time: the leads of an hour of ten thousand clicks never are. Three megabytes; whoever has more is packed as its turn comes.
 */
export const WARM_LEADS = 2_048;

/** The leads of one account that are not final yet, by id. */
export class OpenLeads {
  private readonly packing: Packing;
  private readonly warm: WarmRing;
  private readonly room: WaitingRoom<WarmLead>;
  private readonly byId = new HashIndex();
  /** By number. Ids stand beside the packed leads, because whether a lead is open is asked of every message and must not unpack anything. */
  private readonly ids = new TextColumn();
  private sequences = new Float64Array(8);

  constructor(packing: Packing, warm: WarmRing) {
    this.packing = packing;
    this.warm = warm;
    this.room = new WaitingRoom(packing, (to) => this.renumber(to));
  }

  get size(): number {
    return this.room.size;
  }

  has(leadId: string): boolean {
    return this.placeOf(leadId, hashOf(leadId)) >= 0;
  }

  get(leadId: string): OpenLead | undefined {
    const place = this.placeOf(leadId, hashOf(leadId));
    return place < 0 ? undefined : this.at(this.byId.at(place));
  }

  /** By the hash of its id and its sequence, which no other lead has: what an appointment says. */
  appointed(hash: number, sequence: number): OpenLead | undefined {
    const { byId } = this;
    for (let place = byId.first(hash); place >= 0; place = byId.next(place, hash))
      if (this.sequences[byId.at(place)] === sequence) return this.at(byId.at(place));
    return undefined;
  }

  put(open: OpenLead): void {
    const { leadId } = open.lead;
    const warm = new WarmLead(open, this);
    const hash = hashOf(leadId);
    const place = this.placeOf(leadId, hash);
    if (place < 0) this.add(hash, leadId, this.room.enter(warm), open.sequence);
    else {
      const number = this.byId.at(place);
      this.room.replace(number, warm);
      this.sequences[number] = open.sequence;
    }
    this.warm.add(warm);
  }

  delete(leadId: string): void {
    const place = this.placeOf(leadId, hashOf(leadId));
    if (place < 0) return;
    this.room.remove(this.byId.at(place));
    this.byId.remove(place);
  }

  /** Packs what nobody has replaced or let go meanwhile. */
  cool(warm: WarmLead): void {
    this.room.cool(warm, ({ open }) => this.packing.packLead(open));
  }

  /** For snapshots: packed, in the order in which they were first open; what is warm stays so. */
  *packed(): IterableIterator<Packed> {
    for (const number of this.room.numbers()) {
      const warm = this.room.warmAt(number);
      yield warm === undefined ? this.room.packedAt(number) : this.packing.packLead(warm.open);
    }
  }

  /** Puts back a lead from a snapshot, in the order in which it gave them. */
  restore(leadId: string, sequence: number, packed: Packed): void {
    this.add(hashOf(leadId), leadId, this.room.shelve(packed), sequence);
  }

  private at(number: number): OpenLead {
    return this.room.warmAt(number)?.open ?? this.packing.unpackLead(this.room.packedAt(number));
  }

  private add(hash: number, leadId: string, number: number, sequence: number): void {
    this.byId.add(hash, number);
    this.ids.push(leadId);
    if (number >= this.sequences.length) this.sequences = grown(this.sequences, new Float64Array(more(this.sequences.length)));
    this.sequences[number] = sequence;
  }

  private placeOf(leadId: string, hash: number): number {
    const { byId } = this;
    let place = byId.first(hash);
    while (place >= 0 && !this.ids.is(byId.at(place), leadId)) place = byId.next(place, hash);
    return place;
  }

  private renumber(to: Int32Array): void {
    this.byId.renumber(to);
    this.ids.renumber(to);
    for (let number = 0; number < to.length; number += 1) if (to[number]! >= 0) this.sequences[to[number]!] = this.sequences[number]!;
  }
}

class WarmLead implements Warm, Numbered {
  number = 0;
  readonly open: OpenLead;
  private readonly home: OpenLeads;

  constructor(open: OpenLead, home: OpenLeads) {
    this.open = open;
    this.home = home;
  }

  cool(): void {
    this.home.cool(this);
  }
}
