import { restoreLead } from '../../domain/lead-book.ts';
import type { AccountState, PartitionState } from '../../domain/state.ts';
import type { PackReader } from '../pack-reader.ts';
import type { Chunks, StateWriter } from './state-writer.ts';

/** Open leads, packed as those that wait are held (adapters/packing.ts). Their appointments follow from them. */
export function* writeLeads(to: StateWriter, { open }: AccountState): Chunks {
  to.uint(open.size);
  for (const packed of open.packed()) {
    to.packed(packed);
    if (to.isFull) yield* to.full();
  }
}

export function readLeads(from: PackReader, state: PartitionState, account: AccountState): void {
  for (let left = from.uint(); left > 0; left -= 1) restoreLead(state, account, from.packed());
}
