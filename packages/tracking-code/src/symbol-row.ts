/**
 * A text as a row of symbols, the form in which codes are looked for: a code is ten neighbours in that row. What stands between two
 * neighbours is kept as a gap of five kinds.
 */
import { BREAK, classify, IGNORED, isPlainDigit, isPlainLetter, SPACE } from './alphabet.ts';
import { CODE_LENGTH } from './tracking-code.ts';
import { CLASS_BITS, classOf, DIGIT_MARK, EMOJI_MARK, LOWEST_CLASS, MARK_BITS, MARKED_UNIT, markOf, UNITS } from './unit-table.ts';

/** Messages end at 4,096 characters on both messengers; what lies beyond this is not looked at. */
export const MAX_TEXT_LENGTH = 65_536;

/** What lies between a symbol and the one before it. */
export const JOINED = 0;
export const PUNCTUATED = 1;
export const SPACED = 2;
/** One foreign character between two symbols, beside the dash or not: a slip of the finger inside a code. */
export const HOLE = 3;
export const APART = 4;

export const MAX_SEPARATORS = 3;

/** Valid until the next text is read. */
export interface SymbolRow {
  count: number;
  symbols: Int8Array;
  /** Before each symbol; `gaps[count]` is APART. */
  gaps: Uint8Array;
  /** Offset of each symbol in the text (UTF-16), for cutting codes out of a greeting. */
  offsets: Uint32Array;
  /** The last digit 2 to 9 at or before each symbol, and the last plain letter; -1 when there is none. What a window holds is one comparison. */
  lastDigit: Int32Array;
  lastLetter: Int32Array;
}

export function emptyRow(length: number): SymbolRow {
  return {
    count: 0,
    symbols: new Int8Array(length),
    gaps: new Uint8Array(length + 1),
    offsets: new Uint32Array(length),
    lastDigit: new Int32Array(length),
    lastLetter: new Int32Array(length),
  };
}

/** Symbols from `from` up to `to`, at least one, hold a plain digit and a plain letter. */
export function isMixedIn(row: SymbolRow, from: number, to: number): boolean {
  return row.lastDigit[to - 1]! >= from && row.lastLetter[to - 1]! >= from;
}

export function growRow(row: SymbolRow, length: number): void {
  if (length > row.symbols.length) Object.assign(row, emptyRow(length));
}

/**
 * Symbols this far before a digit and after the last one are read, all others are passed over: every code, whole or damaged, holds a
 * digit, spans at most eleven symbols, and its ends are judged by one more.
 */
const REACH = CODE_LENGTH + 2;

/** Reused from text to text: every reading ends before the next begins, and three allocations a message are a tenth of its cost. */
const scratch = emptyRow(4_096);

export interface LetterReading {
  /** The parts of the text around its digits; parts are APART from each other. */
  readonly row: SymbolRow;
  /** Where there may be emoji of ours: from the first mark to behind the last; empty when there is none. */
  readonly emoji: Stretch;
  readonly invisible: Stretch;
}

/** Part of a text, in UTF-16 units. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

const reading = { row: scratch, emoji: { from: 0, to: 0 }, invisible: { from: 0, to: 0 } };

/** Letters and digits around the digits of a text. Every character is looked at twice at most. */
export function readLetters(text: string): LetterReading {
  const seen = text.length > MAX_TEXT_LENGTH ? text.slice(0, MAX_TEXT_LENGTH) : text;
  const { length } = seen;
  growRow(scratch, length);
  scratch.count = 0;
  gapSoFar = NOTHING_BEFORE;
  reading.emoji.to = 0;
  reading.invisible.to = 0;
  let done = 0;
  for (let i = nextMark(seen, 0); i < length; ) {
    const mark = markOf(seen.charCodeAt(i));
    if (mark === 0) {
      i = nextMark(seen, i + 1);
      continue;
    }
    if (mark !== DIGIT_MARK) {
      note(mark, i, length);
      // A run, as invisible codes are, is passed over at once.
      do i += 1;
      while (i < length && markOf(seen.charCodeAt(i)) === mark);
      note(mark, i - 1, length);
      continue;
    }
    const start = partStart(seen, i, done);
    // A part that begins where the last one ended goes on with its gap; nothing joins it to anything otherwise.
    if (start > done) gapSoFar = NOTHING_BEFORE;
    done = readPart(seen, start, i, length);
    i = done;
  }
  scratch.gaps[scratch.count] = APART;
  return reading;
}

/** The engine's own search passes over a character in half the time of a look-up; to find the next of a run, a look-up is quicker. */
function nextMark(text: string, from: number): number {
  MARKED_UNIT.lastIndex = from;
  return MARKED_UNIT.test(text) ? MARKED_UNIT.lastIndex - 1 : text.length;
}

/** Marks come in rising order, but for those before a digit, which come twice. */
function note(mark: number, at: number, length: number): void {
  const stretch = mark === EMOJI_MARK ? reading.emoji : reading.invisible;
  if (stretch.to === 0) stretch.from = at;
  stretch.to = Math.min(at + (mark === EMOJI_MARK ? 2 : 1), length);
}

function partStart(text: string, digit: number, floor: number): number {
  let start = digit;
  for (let symbols = 0; start > floor && symbols < REACH; ) {
    start -= 1;
    if (classOf(text.charCodeAt(start)) >= 0) symbols += 1;
  }
  return start;
}

/** What stood since the last symbol: foreign characters, separators and spaces counted in ten bits each; all stop counting where more makes no difference. */
const FOREIGN = 1 << 20;
const SEPARATOR = 1 << 10;
const ENOUGH = 2;
const NOTHING_BEFORE = ENOUGH * FOREIGN;
let gapSoFar = NOTHING_BEFORE;

function gapOf(soFar: number): number {
  if (soFar === 0) return JOINED;
  const foreign = soFar >> 20;
  const separators = (soFar >> 10) & 0x3ff;
  if (foreign >= ENOUGH || (foreign === 1 && separators > 1) || separators > MAX_SEPARATORS) return APART;
  if (foreign === 1) return HOLE;
  return (soFar & 0x3ff) > 0 ? SPACED : PUNCTUATED;
}

/** By symbol: all bits where it is a plain digit, or a plain letter. What comes next in a text is hard to guess, and a wrong guess of the processor costs more than both. */
const DIGIT_MASKS = Int8Array.from({ length: 32 }, (_, symbol) => (isPlainDigit(symbol) ? -1 : 0));
const LETTER_MASKS = Int8Array.from({ length: 32 }, (_, symbol) => (isPlainLetter(symbol) ? -1 : 0));

/** Reads from `start` to REACH symbols behind the last digit; gives back where it ended. */
function readPart(text: string, start: number, digit: number, length: number): number {
  const { symbols, gaps, offsets, lastDigit, lastLetter } = scratch;
  let { count } = scratch;
  let seenDigit = count === 0 ? -1 : lastDigit[count - 1]!;
  let seenLetter = count === 0 ? -1 : lastLetter[count - 1]!;
  let soFar = gapSoFar;
  let since = 0;
  let i = start;
  for (; i < length && since < REACH; i += 1) {
    const at = i;
    const unit = text.charCodeAt(i);
    const bits = UNITS[unit]!;
    let kind = (bits & CLASS_BITS) + LOWEST_CLASS;
    if (bits >= EMOJI_MARK) note(bits & MARK_BITS, at, length);
    if (kind === BREAK && unit >= 0xd800 && unit <= 0xdbff && i + 1 < length) {
      const point = text.codePointAt(i)!;
      if (point > 0xffff) i += 1;
      kind = classify(point);
    }
    if (kind >= 0) {
      symbols[count] = kind;
      offsets[count] = at;
      gaps[count] = soFar === 0 ? JOINED : gapOf(soFar);
      soFar = 0;
      const digitMask = DIGIT_MASKS[kind]!;
      const letterMask = LETTER_MASKS[kind]!;
      seenDigit = (count & digitMask) | (seenDigit & ~digitMask);
      seenLetter = (count & letterMask) | (seenLetter & ~letterMask);
      since = at > digit ? (since + 1) & ~digitMask : since & ~digitMask;
      lastDigit[count] = seenDigit;
      lastLetter[count] = seenLetter;
      count += 1;
    } else if (kind === IGNORED) continue;
    else if (kind === BREAK) {
      if (soFar < NOTHING_BEFORE) soFar += FOREIGN;
    } else if ((soFar & (FOREIGN - 1)) < (MAX_SEPARATORS + 1) * SEPARATOR) soFar += kind === SPACE ? SEPARATOR + 1 : SEPARATOR;
  }
  gapSoFar = soFar;
  scratch.count = count;
  return i;
}
