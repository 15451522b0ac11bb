import type { Carrier } from '../../domain/carrier.ts';
import type { Waiting } from '../../domain/pending-codes.ts';
import type { AccountState } from '../../domain/state.ts';
import type { PackReader } from '../pack-reader.ts';
import { at, placeIn } from '../pack-values.ts';
import type { Chunks, StateWriter } from './state-writer.ts';

const CARRIERS: readonly Carrier[] = ['none', 'visible', 'emoji', 'invisible', 'start_payload', 'word'];

/** Codes that were seen before their click, in the order of the log. */
export function* writePending(to: StateWriter, { pending }: AccountState): Chunks {
  to.uint(pending.size);
  for (const [code, { sinceMs, waiting }] of pending) {
    to.text(code);
    to.int(sinceMs);
    to.uint(waiting.length);
    for (const { contact, messageId, messageTimeMs, carrier } of waiting) {
      to.text(contact);
      to.text(messageId);
      to.int(messageTimeMs);
      to.uint(placeIn(CARRIERS, carrier));
    }
    if (to.isFull) yield* to.full();
  }
}

export function readPending(from: PackReader, { pending }: AccountState): void {
  for (let left = from.uint(); left > 0; left -= 1) {
    const code = from.text();
    const sinceMs = from.int();
    const waiting = Array.from(
      { length: from.uint() },
      (): Waiting => ({
        contact: from.text(),
        messageId: from.text(),
        messageTimeMs: from.int(),
        carrier: at(CARRIERS, from.uint()),
      }),
    );
    pending.set(code, { sinceMs, waiting });
  }
}
