import type { OpenLead, Packed, Packing } from './packing.ts';
import { type Place, Shelves } from './shelves.ts';
import type { Warm, WarmRing } from './warm-ring.ts';

/**
 * How many open leads of a partition stay unpacked. A lead is packed to wait for an hour and unpacked to become final, and the two took a tenth of
 * all time: the leads of an hour of ten thousand clicks never are. Three megabytes; whoever has more is packed as its turn comes.
 */
export const WARM_LEADS = 2_048;

/** The leads of one account that are not final yet, by id. */
export class OpenLeads {
  /** In the order in which they were first open. */
  private readonly byId = new Map<string, Place | WarmLead>();
  private readonly packing: Packing;
  private readonly shelves: Shelves;
  private readonly warm: WarmRing;

  constructor(packing: Packing, warm: WarmRing) {
    this.packing = packing;
    this.shelves = new Shelves(packing);
    this.warm = warm;
  }

  get size(): number {
    return this.byId.size;
  }

  has(leadId: string): boolean {
    return this.byId.has(leadId);
  }

  get(leadId: string): OpenLead | undefined {
    const found = this.byId.get(leadId);
    return typeof found === 'number' ? this.packing.unpackLead(this.shelves.get(found)) : found?.open;
  }

  put(open: OpenLead): void {
    const warm = new WarmLead(open, this);
    this.takeFromShelf(open.lead.leadId);
    this.byId.set(open.lead.leadId, warm);
    this.warm.add(warm);
  }

  delete(leadId: string): void {
    this.takeFromShelf(leadId);
    this.byId.delete(leadId);
  }

  /** Packs what nobody has replaced or let go meanwhile. */
  cool(warm: WarmLead): void {
    const { leadId } = warm.open.lead;
    if (this.byId.get(leadId) === warm) this.byId.set(leadId, this.shelves.put(this.packing.packLead(warm.open)));
  }

  /** For snapshots: packed, in the order in which they were first open; what is warm stays so. */
  *packed(): IterableIterator<Packed> {
    for (const each of this.byId.values()) yield typeof each === 'number' ? this.shelves.get(each) : this.packing.packLead(each.open);
  }

  /** Puts back a lead from a snapshot. */
  restore(leadId: string, packed: Packed): void {
    this.byId.set(leadId, this.shelves.put(packed));
  }

  private takeFromShelf(leadId: string): void {
    const found = this.byId.get(leadId);
    if (typeof found === 'number') this.shelves.take(found);
  }
}

class WarmLead implements Warm {
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
