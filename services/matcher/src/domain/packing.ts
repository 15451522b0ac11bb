import type { Contact } from './contact.ts';
import type { Lead } from './lead.ts';

/**
 * A value put away as text, one character per byte. A lead waits an hour to become final and is hardly ever looked at meanwhile: as an
 * object it takes 1.4 KB, as a text a third of that. A text and not a Uint8Array, because V8 spends 180 bytes on each typed array beside
 * its content and allocates the content outside its heap (tests/bench/state.ts measures all three).
 */
export type Packed = string;

/** Many of them in one piece. */
export type Shelf = Uint8Array;

/** A lead that is not final yet. */
export interface OpenLead {
  readonly lead: Lead;
  /** Breaks ties of the due queue. */
  readonly sequence: number;
}

/** What can be read of a packed lead without unpacking the rest. */
export interface LeadHead {
  readonly leadId: string;
  readonly sequence: number;
  readonly startedAtMs: number;
}

/** A contact with an open lead. */
export interface OpenContact {
  readonly contact: Contact;
  /** True when the join store does not have this version yet. */
  readonly isDirty: boolean;
}

/** Given from outside (adapters/packing.ts): bytes are no business of the domain. What is unpacked equals what was packed. */
export interface Packing {
  packLead(open: OpenLead): Packed;
  unpackLead(packed: Packed): OpenLead;
  glanceLead(packed: Packed): LeadHead;
  packContact(open: OpenContact): Packed;
  unpackContact(packed: Packed): OpenContact;
  keysOf(packed: Packed): Pick<Contact, 'key' | 'aliases'>;
  /** Texts that are not to be looked at for long: a third of their size, and as long to get at as forty of them take to unpack. */
  shelve(texts: readonly Packed[]): Shelf;
  unshelve(shelf: Shelf): readonly Packed[];
}
