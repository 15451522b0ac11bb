/**
 * Invisible codes in a text, whole, damaged or only traces of one.
 *
 * Whole ones are looked for in the row of all invisible digits, so that a comma typed into the middle of one does no harm. What is left is taken piece by
 * piece as it stands in the text. A piece that is one character short, long or wrong is put right where the frames and the checksum
 * allow it; the result is a damaged code all the same, for the matcher to accept or not. ZWNJ in Persian and Indic words and ZWJ in
 * emoji are pieces of one digit each: they hold no frame and are nothing.
 */
import { IGNORED } from './alphabet.ts';
import { BASE, END_PAIR, INVISIBLE_DIGITS, INVISIBLE_LENGTH, START_PAIR } from './invisible-alphabet.ts';
import type { Stretch } from './letter-reading.ts';
import { CODE_LENGTH, checksumHolds, hasShape, type TrackingCode, toText } from './tracking-code.ts';
import { classOf } from './unit-table.ts';

export interface InvisibleCode {
  readonly code: TrackingCode;
  readonly intact: boolean;
}

export interface InvisibleReading {
  readonly codes: readonly InvisibleCode[];
  /** Pieces too small or too broken to name a code, recognisably ours all the same: the client or the person took the rest. */
  readonly fragments: number;
}

/** Shorter pieces may be anything: a family emoji holds three joiners, and a slip of a Persian keyboard doubles one. */
const MIN_FRAGMENT = 6;
/** Putting a piece right takes up to 150 tries: a person's message holds two copies, a hostile one may hold thousands. */
const MAX_REPAIRED_PIECES = 8;

const FIRST_UNIT = 0x200c;
const LAST_UNIT = 0x2064;
/** By unit from U+200C on; -1 is no digit. */
const DIGIT_OF = new Int8Array(LAST_UNIT + 1 - FIRST_UNIT).fill(-1);
INVISIBLE_DIGITS.forEach((digit, value) => {
  DIGIT_OF[digit.charCodeAt(0) - FIRST_UNIT] = value;
});

/** Digits of a text; a piece is a run that nothing visible interrupts. Valid until the next text is read. */
interface DigitRow {
  count: number;
  pieces: number;
  digits: Uint8Array;
  offsets: Uint32Array;
  /** Where pieces begin, as indexes into `digits`; the first is 0. */
  starts: Uint32Array;
}

function emptyDigits(length: number): DigitRow {
  return { count: 0, pieces: 0, digits: new Uint8Array(length), offsets: new Uint32Array(length), starts: new Uint32Array(length) };
}

let scratch = emptyDigits(512);

function readDigits(text: string, { from, to }: Stretch): DigitRow {
  if (to - from > scratch.digits.length) scratch = emptyDigits(to - from);
  const row = scratch;
  let count = 0;
  let pieces = 0;
  let isNew = true;
  for (let i = from; i < to; i += 1) {
    const unit = text.charCodeAt(i);
    const digit = unit < FIRST_UNIT || unit > LAST_UNIT ? -1 : DIGIT_OF[unit - FIRST_UNIT]!;
    if (digit >= 0) {
      if (isNew) {
        row.starts[pieces] = count;
        pieces += 1;
      }
      isNew = false;
      row.digits[count] = digit;
      row.offsets[count] = i;
      count += 1;
    } else if (!isNew && classOf(unit) !== IGNORED) isNew = true;
  }
  row.count = count;
  row.pieces = pieces;
  return row;
}

/** Linear in the length of the stretch, which holds all invisible characters of the text; `cuts` is given everything that was ours, whole or not, in rising order. Never throws. */
export function readInvisible(text: string, stretch: Stretch, cuts: Stretch[] | undefined): InvisibleReading {
  const row = readDigits(text, stretch);
  const { digits, offsets, starts, count } = row;
  const codes: InvisibleCode[] = [];
  let fragments = 0;
  let repaired = 0;

  const readLeft = (from: number, to: number) => {
    for (let piece = pieceAt(row, from); piece < row.pieces && starts[piece]! < to; piece += 1) {
      const first = Math.max(from, starts[piece]!);
      const last = Math.min(to, piece + 1 < row.pieces ? starts[piece + 1]! : count);
      if (last - first < MIN_FRAGMENT) continue;
      cuts?.push({ from: offsets[first]!, to: offsets[last - 1]! + 1 });
      const damaged = repaired < MAX_REPAIRED_PIECES ? readDamaged(digits.subarray(first, last)) : [];
      repaired += 1;
      if (damaged.length === 0) fragments += 1;
      for (const code of damaged) codes.push({ code, intact: false });
    }
  };

  let left = 0;
  let whole = -1;
  for (let from = 0; from + INVISIBLE_LENGTH <= count; from += 1) {
    // A code stands twice in most texts, and the second copy is no second code.
    const isCopy = whole !== -1 && isSame(digits, whole, from);
    const code = isCopy ? undefined : readWhole(digits, from);
    if ((code === undefined && !isCopy) || !isInOnePiece(row, from)) continue;
    readLeft(left, from);
    if (code !== undefined) codes.push({ code, intact: true });
    whole = from;
    left = from + INVISIBLE_LENGTH;
    if (cuts !== undefined) pushRanges(offsets, from, left, cuts);
    from = left - 1;
  }
  readLeft(left, count);
  return { codes, fragments };
}

/** The digits of two codes are the same. */
function isSame(digits: ArrayLike<number>, a: number, b: number): boolean {
  for (let i = 0; i < INVISIBLE_LENGTH; i += 1) if (digits[a + i] !== digits[b + i]) return false;
  return true;
}

/** One range per stretch of the text, so that what was typed into the middle of a code stays. */
function pushRanges(offsets: ArrayLike<number>, from: number, to: number, ranges: Stretch[]): void {
  let start = from;
  for (let digit = from + 1; digit <= to; digit += 1) {
    if (digit < to && offsets[digit] === offsets[digit - 1]! + 1) continue;
    ranges.push({ from: offsets[start]!, to: offsets[digit - 1]! + 1 });
    start = digit;
  }
}

/**
 * Somebody may have typed into the middle of a code. A single digit by itself is no part of one: it may as well be the ZWNJ of a Persian word far
 * away, and then the code would pass for whole that lost its first character.
 */
function isInOnePiece(row: DigitRow, from: number): boolean {
  const to = from + INVISIBLE_LENGTH;
  let start = from;
  for (let piece = pieceAt(row, from) + 1; piece < row.pieces && row.starts[piece]! < to; piece += 1) {
    if (row.starts[piece]! - start < 2) return false;
    start = row.starts[piece]!;
  }
  return to - start >= 2;
}

/** The last piece that begins at or before `from`. */
function pieceAt({ starts, pieces }: DigitRow, from: number): number {
  let low = 0;
  let high = pieces;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= from) low = middle;
    else high = middle;
  }
  return low;
}

/** Of the code being read; every reading ends before the next begins. */
const symbols = new Uint8Array(CODE_LENGTH);

/** The code of a whole frame at `from`. */
function readWhole(digits: ArrayLike<number>, from: number): TrackingCode | undefined {
  if (pairAt(digits, from) !== START_PAIR || pairAt(digits, from + INVISIBLE_LENGTH - 2) !== END_PAIR) return undefined;
  for (let i = 0; i < CODE_LENGTH; i += 1) {
    symbols[i] = pairAt(digits, from + 2 + 2 * i);
    if (symbols[i]! > 31) return undefined;
  }
  return hasShape(symbols, 0) && checksumHolds(symbols, 0) ? toText(symbols, 0, CODE_LENGTH) : undefined;
}

function pairAt(digits: ArrayLike<number>, from: number): number {
  return digits[from]! * BASE + digits[from + 1]!;
}

/** Codes that this piece was before one slip; when there is none, what it reads as between frames of the right length. */
function readDamaged(piece: Uint8Array): readonly TrackingCode[] {
  const found = new Set<TrackingCode>();
  const test = (digits: ArrayLike<number>) => {
    const code = readWhole(digits, 0);
    if (code !== undefined) found.add(code);
  };
  const slip = piece.length - INVISIBLE_LENGTH;
  if (slip === 0) {
    const changed = Uint8Array.from(piece);
    for (let i = 0; i < changed.length; i += 1) {
      const right = changed[i]!;
      for (let digit = 0; digit < BASE; digit += 1) {
        changed[i] = digit;
        test(changed);
      }
      changed[i] = right;
      if (i + 1 === changed.length) break;
      [changed[i], changed[i + 1]] = [changed[i + 1]!, changed[i]!];
      test(changed);
      [changed[i], changed[i + 1]] = [changed[i + 1]!, changed[i]!];
    }
    if (found.size === 0) for (const code of readTorn(piece)) found.add(code);
  } else if (slip === -1) {
    for (let i = 0; i < INVISIBLE_LENGTH; i += 1)
      for (let digit = 0; digit < BASE; digit += 1) test([...piece.subarray(0, i), digit, ...piece.subarray(i)]);
  } else if (slip === 1) {
    for (let i = 0; i < piece.length; i += 1) test([...piece.subarray(0, i), ...piece.subarray(i + 1)]);
  }
  return [...found];
}

/** Several wrong characters in one pair are one wrong symbol: the code without it is one slip away. */
function readTorn(piece: Uint8Array): readonly TrackingCode[] {
  const whole: number[] = [];
  for (let from = 2; from < INVISIBLE_LENGTH - 2; from += 2) {
    const symbol = pairAt(piece, from);
    if (symbol <= 31) whole.push(symbol);
  }
  return whole.length >= CODE_LENGTH - 1 ? [toText(whole, 0, whole.length)] : [];
}
