/**
 * A text as a row of symbols, the form in which codes are looked for: a code is ten neighbours in that row. What stands between two
 * neighbours is kept as a gap of five kinds.
 *
 * Which symbols are digits, which are letters and where gaps are is kept as one bit per symbol beside them: whether any of twenty windows has the
 * shape of a code is a dozen operations, and nearly always the answer is none.
 */
/** What lies between a symbol and the one before it, as `gapAt` tells. */
export const JOINED = 0;
export const PUNCTUATED = 1;
export const SPACED = 2;
/** One foreign character between two symbols, beside the dash or not: a slip of the finger inside a code. */
export const HOLE = 3;
export const APART = 4;

export const MAX_SEPARATORS = 3;

/** What stands between two symbols while it is read: foreign characters, separators and spaces counted in ten bits each. */
export const FOREIGN = 1 << 20;
export const SEPARATOR = 1 << 10;
/** Foreign characters that tear a text apart. */
export const ENOUGH = 2;
export const NOTHING_BEFORE = ENOUGH * FOREIGN;

/** One bit per symbol, the lowest first; at least one word more than the symbols fill. */
export type SymbolBits = Int32Array;

/** Valid until the next text is read. */
export interface SymbolRow {
  count: number;
  symbols: Int8Array;
  /** What stands before each symbol, counted; 0 where it joins the one before it, and `between[count]` is NOTHING_BEFORE. Most are never asked for, so `gapAt` tells what they amount to. */
  between: Int32Array;
  /** Offset of each symbol in the text (UTF-16), for cutting codes out of a greeting. */
  offsets: Uint32Array;
  /** Digits 2 to 9. */
  digits: SymbolBits;
  /** Plain letters. */
  letters: SymbolBits;
  /** Symbols with another gap before them than JOINED, and the end of the row. */
  breaks: SymbolBits;
}

export function emptyRow(length: number): SymbolRow {
  const words = (length >> 5) + 2;
  return {
    count: 0,
    symbols: new Int8Array(length + 1),
    between: new Int32Array(length + 1),
    offsets: new Uint32Array(length + 1),
    digits: new Int32Array(words),
    letters: new Int32Array(words),
    breaks: new Int32Array(words),
  };
}

export function growRow(row: SymbolRow, length: number): void {
  if (length >= row.symbols.length) Object.assign(row, emptyRow(length));
}

export function gapAt(row: SymbolRow, at: number): number {
  const between = row.between[at]!;
  if (between === 0) return JOINED;
  const foreign = between >> 20;
  const separators = (between >> 10) & 0x3ff;
  if (foreign >= ENOUGH || (foreign === 1 && separators > 1) || separators > MAX_SEPARATORS) return APART;
  if (foreign === 1) return HOLE;
  return (between & 0x3ff) > 0 ? SPACED : PUNCTUATED;
}

/** The row ends, which tears as two foreign characters do: what earlier texts left behind its last symbol is taken away. The word of the last symbol holds no bit behind it. */
export function endRow(row: SymbolRow, count: number): void {
  row.count = count;
  row.between[count] = NOTHING_BEFORE;
  const behind = (count + 31) >> 5;
  row.digits[behind] = 0;
  row.letters[behind] = 0;
  row.breaks[behind] = 0;
  row.breaks[count >> 5]! |= 1 << count;
}

/** Which bit is the lowest of some that are set. */
export function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

/** Bits of 32 symbols from `from`, which comes lowest. */
export function bitsFrom(bits: SymbolBits, from: number): number {
  const word = from >> 5;
  // In two steps: a shift by 32 is none at all.
  return (bits[word]! >>> from) | ((bits[word + 1]! << 1) << (31 - (from & 31)));
}

/** At most 31 symbols from `from` on. */
export function bitsOf(bits: SymbolBits, from: number, length: number): number {
  return bitsFrom(bits, from) & ((1 << length) - 1);
}

/** Whether some symbol from `from` up to `to` has its bit set. */
export function hasBit(bits: SymbolBits, from: number, to: number): boolean {
  for (let at = from; at < to; at += 31) if (bitsOf(bits, at, Math.min(31, to - at)) !== 0) return true;
  return false;
}

/** The first symbol from `from` on with its bit set; `to` when there is none before it. */
export function nextBit(bits: SymbolBits, from: number, to: number): number {
  for (let at = from; at < to; at += 32) {
    const left = bitsFrom(bits, at);
    if (left !== 0) return Math.min(to, at + lowestBit(left));
  }
  return to;
}

/** The last symbol before `to` with its bit set; -1 when there is none. */
export function lastBitBefore(bits: SymbolBits, to: number): number {
  if (to === 0) return -1;
  let word = (to - 1) >> 5;
  let left = bits[word]! & (-1 >>> (31 - ((to - 1) & 31)));
  while (left === 0) {
    if (word === 0) return -1;
    word -= 1;
    left = bits[word]!;
  }
  return (word << 5) + 31 - Math.clz32(left);
}

/** Symbols from `from` on, at most 31, hold a plain digit and a plain letter. */
export function isMixedIn(row: SymbolRow, from: number, length: number): boolean {
  return bitsOf(row.digits, from, length) !== 0 && bitsOf(row.letters, from, length) !== 0;
}
