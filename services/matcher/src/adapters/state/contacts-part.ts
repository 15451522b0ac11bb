import type { AccountState } from '../../domain/state.ts';
import type { PackReader } from '../pack-reader.ts';
import type { Chunks, StateWriter } from './state-writer.ts';

/** Contacts with an open lead, packed as they are held (adapters/packing.ts). */
export function* writeContacts(to: StateWriter, { contacts }: AccountState): Chunks {
  to.uint(contacts.size);
  for (const packed of contacts.packed()) {
    to.packed(packed);
    if (to.isFull) yield* to.full();
  }
}

export function readContacts(from: PackReader, { contacts }: AccountState): void {
  for (let left = from.uint(); left > 0; left -= 1) contacts.restore(from.packed());
}
