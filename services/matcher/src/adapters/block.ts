/**
 * Encoded leads and entries live until their batch is committed, a second or so. Cut from blocks like these they cost no allocation each:
 * Node's own pool has 8 KiB, room for ten leads, and each new one costs a microsecond and its share of the garbage collector.
 */
const BLOCK_BYTES = 256 * 1_024;

let block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
let taken = 0;

/** A copy of the first bytes. Do not keep it: it holds on to its whole block. */
export function copied(bytes: Buffer, length: number): Buffer {
  makeRoom(length);
  bytes.copy(block, taken, 0, length);
  return cut(length);
}

/** The text as UTF-8. Do not keep it: it holds on to its whole block. */
export function utf8(text: string): Buffer {
  // A UTF-16 code unit takes three bytes at most.
  makeRoom(3 * text.length);
  return cut(block.write(text, taken, 'utf8'));
}

function cut(length: number): Buffer {
  const from = taken;
  taken += length;
  return block.subarray(from, taken);
}

function makeRoom(length: number): void {
  if (length <= BLOCK_BYTES - taken) return;
  block = Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, length));
  taken = 0;
}
