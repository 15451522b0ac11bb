import { createHash } from 'node:crypto';

/** 16 bits of a hash tell a corrected number from the mistyped one, and are too few to say whose it is. */
const HASH_DIGITS = 4;

/** Names the message that a form asks for: sent again it is the same one, for another number it is another. */
export function sendbackKey(clickId: string, phone: string): string {
  return `sendback/${clickId}/${createHash('sha256').update(phone).digest('hex').slice(0, HASH_DIGITS)}`;
}

/** A number in [0, 1) that is the same for the same click, so that a form sent again is written to from the same account of a pool. */
export function drawOf(clickId: string): number {
  return createHash('sha256').update(clickId).digest().readUInt32BE() / 2 ** 32;
}
