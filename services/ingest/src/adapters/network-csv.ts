import { type FileHandle, open } from 'node:fs/promises';

const PIECE_BYTES = 65_536;
const NEWLINE = 10;
const COMMA = 44;
const ZERO = 48;
const QUOTE = 34;

/** What a reader of a table of networks is told of each line. `first` and `last`, both in the range, are four words of 32 bits, the highest first. */
export interface NetworkLines {
  /** True when the name of this system is not known yet. */
  isNew(asn: number): boolean;
  name(asn: number, organisation: string): void;
  range(first: Uint32Array, last: Uint32Array, asn: number): void;
}

/**
 * Reads ip-location-db's `*-num.csv`: first, last, number, organisation, the last in quotes where it holds a comma. From bytes and in pieces, with the event loop free
 * in between: as strings the 412,000 lines of IPv4 would leave the process 100 MB larger for good, and stand in the way of requests for a second.
 */
export async function readNetworkLines(file: string, to: NetworkLines): Promise<void> {
  const handle = await open(file);
  try {
    await readPieces(handle, to);
  } finally {
    await handle.close();
  }
}

async function readPieces(handle: FileHandle, to: NetworkLines): Promise<void> {
  const piece = Buffer.allocUnsafe(PIECE_BYTES);
  const first = new Uint32Array(4);
  const last = new Uint32Array(4);
  let held = 0;
  for (;;) {
    const { bytesRead } = await handle.read(piece, held, PIECE_BYTES - held);
    const filled = held + bytesRead;
    // The last line may lack its newline; a line longer than a piece is none of ours and ends the reading like the end of the file.
    const isEnd = bytesRead === 0;
    let start = 0;
    for (let end = piece.indexOf(NEWLINE); end >= 0 && end < filled; end = piece.indexOf(NEWLINE, start)) {
      readLine(piece, start, end, first, last, to);
      start = end + 1;
    }
    if (isEnd) {
      if (start < filled) readLine(piece, start, filled, first, last, to);
      return;
    }
    piece.copyWithin(0, start, filled);
    held = filled - start;
  }
}

function readLine(bytes: Buffer, start: number, end: number, first: Uint32Array, last: Uint32Array, to: NetworkLines): void {
  const one = bytes.indexOf(COMMA, start);
  const two = bytes.indexOf(COMMA, one + 1);
  const three = bytes.indexOf(COMMA, two + 1);
  if (one < 0 || two < 0 || three < 0 || three >= end) return;
  if (!readDecimal(bytes, start, one, first) || !readDecimal(bytes, one + 1, two, last)) return;
  if (three - two > MAX_ASN_DIGITS + 1 || !readDecimal(bytes, two + 1, three, NUMBER)) return;
  const asn = NUMBER[2]! * WORD + NUMBER[3]!;
  if (to.isNew(asn)) to.name(asn, organisation(bytes, three + 1, end));
  to.range(first, last, asn);
}

/** 4294967295 has ten. */
const MAX_ASN_DIGITS = 10;
const NUMBER = new Uint32Array(4);

function organisation(bytes: Buffer, start: number, end: number): string {
  const text = bytes.toString('utf8', start, end).trimEnd();
  return bytes[start] === QUOTE && text.length > 1 && text.endsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text;
}

const CHUNK_DIGITS = 6;
const WORD = 2 ** 32;

/** A decimal of up to 39 digits as four words; six digits at a time keep every product below 2^53. False when it is no such number. */
function readDecimal(bytes: Buffer, start: number, end: number, words: Uint32Array): boolean {
  if (end <= start || end - start > 39) return false;
  words.fill(0);
  for (let at = start; at < end; at += CHUNK_DIGITS) {
    const stop = Math.min(at + CHUNK_DIGITS, end);
    let chunk = 0;
    for (let index = at; index < stop; index += 1) {
      const digit = bytes[index]! - ZERO;
      if (digit < 0 || digit > 9) return false;
      chunk = chunk * 10 + digit;
    }
    const factor = 10 ** (stop - at);
    let carry = chunk;
    for (let word = 3; word >= 0; word -= 1) {
      const product = words[word]! * factor + carry;
      carry = Math.floor(product / WORD);
      words[word] = product % WORD;
    }
  }
  return true;
}
