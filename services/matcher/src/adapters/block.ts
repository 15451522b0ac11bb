/**
 * Encoded leads and entries live until their batch is committed, a second or so. Cut from blocks like these they cost no allocation each:
 * Node's own pool has 8 KiB, room for ten leads, and each new one costs a microsecond and its share of the garbage collector.
 */
const BLOCK_BYTES = 256 * 1_024;

let block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
let taken = 0;

/** A copy of the bytes. Do not keep it: it holds on to its whole block. */
export function copied(bytes: Buffer, length: number): Buffer {
  const copy = room(length);
  bytes.copy(copy, 0, 0, length);
  taken += length;
  return copy;
}

/** The text as UTF-8. Do not keep it: it holds on to its whole block. */
export function utf8(text: string): Buffer {
  // A UTF-16 code unit takes three bytes at most.
  const longest = room(3 * text.length);
  const length = longest.write(text, 0, 'utf8');
  taken += length;
  return longest.subarray(0, length);
}

function room(length: number): Buffer {
  if (length > BLOCK_BYTES - taken) {
    block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, length));
    taken = 0;
  }
  return block.subarray(taken, taken + length);
}
