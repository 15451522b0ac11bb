/** Letters and digits of a text as a row of symbols, as far as they can be part of a code. */
import { BREAK, classify, PUNCTUATION, SPACE } from './alphabet.ts';
import { ENOUGH, emptyRow, endRow, FOREIGN, growRow, MAX_SEPARATORS, NOTHING_BEFORE, SEPARATOR, type SymbolRow } from './symbol-row.ts';
import { CODE_LENGTH } from './tracking-code.ts';
import {
  CLASS_BITS,
  classOf,
  DIGIT_MARK,
  DIGIT_MASKS,
  EMOJI_MARK,
  INVISIBLE_MARK,
  LETTER_MASKS,
  LOWEST_CLASS,
  MARK_BITS,
  MARKED_UNIT,
  markOf,
  UNITS,
} from './unit-table.ts';

/** Messages end at 4,096 characters on both messengers; what lies beyond this is not looked at. */
const MAX_TEXT_LENGTH = 65_536;

/**
 * Symbols this far before a digit and after the last one are read, all others are passed over: every code, whole or damaged, holds a
 * digit, spans at most eleven symbols, and its ends are judged by one more.
 */
const REACH = CODE_LENGTH + 1;

/** Reused from text to text: every reading ends before the next begins, and allocations for each message are a tenth of its cost. */
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
    if (mark === 0) i = nextMark(seen, i + 1);
    else if (mark === DIGIT_MARK) {
      done = readPart(seen, i, done, length);
      i = done;
    } else {
      // A run, as codes of both carriers are, is passed over at once.
      const end = runEnd(seen, i, mark, length);
      note(mark, i, end);
      i = end;
    }
  }
  endRow(scratch, scratch.count);
  return reading;
}

/** The engine's own search passes over a character in half the time of a look-up; to find the next of a run, a look-up is quicker. */
function nextMark(text: string, from: number): number {
  MARKED_UNIT.lastIndex = from;
  return MARKED_UNIT.test(text) ? MARKED_UNIT.lastIndex - 1 : text.length;
}

/** Behind the last unit of a run of one mark; the second half of an emoji belongs to its first, which alone bears the mark. */
function runEnd(text: string, start: number, mark: number, length: number): number {
  let i = start + 1;
  if (mark === EMOJI_MARK) {
    for (;;) {
      if (i < length && markOf(text.charCodeAt(i)) === 0) i += 1;
      if (i >= length || markOf(text.charCodeAt(i)) !== EMOJI_MARK) return Math.min(i, length);
      i += 1;
    }
  }
  while (i < length && markOf(text.charCodeAt(i)) === mark) i += 1;
  return i;
}

/** Marks come in rising order, but for those before a digit, which come twice. */
function note(mark: number, from: number, to: number): void {
  const stretch = mark === EMOJI_MARK ? reading.emoji : reading.invisible;
  if (stretch.to === 0) stretch.from = from;
  stretch.to = to;
}

/** Between parts: what stood since the last symbol. */
let gapSoFar = NOTHING_BEFORE;

/** Two foreign characters or four separators: nothing that is read later changes that this gap is APART. */
const TORN = ~(ENOUGH * FOREIGN - 1) | ((FOREIGN - 1) & ~((MAX_SEPARATORS + 1) * SEPARATOR - 1));

/** What a class counts as between two symbols, from LOWEST_CLASS on. */
const COUNTED = new Int32Array(CLASS_BITS + 1);
COUNTED[PUNCTUATION - LOWEST_CLASS] = SEPARATOR;
COUNTED[SPACE - LOWEST_CLASS] = SEPARATOR + 1;
COUNTED[BREAK - LOWEST_CLASS] = FOREIGN;

/**
 * Where the part of a digit begins: REACH symbols before it, or where foreign characters or separators tear it from what stood before, as in words of
 * scripts that share no letter with codes. Second halves of surrogate pairs are passed over, since both halves are one character.
 */
function partStart(text: string, digit: number, floor: number): number {
  let start = digit;
  let soFar = 0;
  for (let symbols = 0; start > floor && symbols < REACH && (soFar & TORN) === 0; ) {
    start -= 1;
    const unit = text.charCodeAt(start);
    const kind = classOf(unit);
    const isSymbol = ~(kind >> 31);
    if ((unit & 0xfc00) !== 0xdc00) soFar = (soFar + COUNTED[kind - LOWEST_CLASS]!) & ~isSymbol;
    symbols -= isSymbol;
  }
  return start;
}

/**
 * Reads the surroundings of `digit`, but nothing before `floor`, up to REACH symbols behind the last digit or to where the text tears; gives back where
 * it ended. Every character is written as if it were the next symbol, and only the count tells whether it was: letters and what stands between them
 * alternate in no order that a processor could guess.
 */
function readPart(text: string, digit: number, floor: number, length: number): number {
  const { symbols, between, offsets, digits, letters, breaks } = scratch;
  let { count } = scratch;
  let word = count >> 5;
  const isInWord = (count & 31) !== 0;
  let digitBits = isInWord ? digits[word]! : 0;
  let letterBits = isInWord ? letters[word]! : 0;
  let breakBits = isInWord ? breaks[word]! : 0;
  let i = partStart(text, digit, floor);
  // A part that begins where the last one ended goes on with its gap; nothing joins it to anything otherwise.
  let soFar = i > floor ? NOTHING_BEFORE : gapSoFar;
  // Before the digit are REACH symbols at most.
  let limit = count + 2 * REACH;
  for (; i < length && count < limit; i += 1) {
    const at = i;
    const unit = text.charCodeAt(i);
    const bits = UNITS[unit]!;
    let kind = (bits & CLASS_BITS) + LOWEST_CLASS;
    if (bits >= EMOJI_MARK) note(bits & MARK_BITS, at, Math.min(length, at + (bits < INVISIBLE_MARK ? 2 : 1)));
    if ((unit & 0xfc00) === 0xd800 && i + 1 < length) {
      const point = text.codePointAt(i)!;
      if (point > 0xffff) i += 1;
      kind = classify(point);
    }
    const isSymbol = ~(kind >> 31);
    const bit = (1 << count) & isSymbol;
    symbols[count] = kind;
    offsets[count] = at;
    between[count] = soFar;
    const digitMask = DIGIT_MASKS[kind & 31]! & isSymbol;
    digitBits |= bit & digitMask;
    letterBits |= bit & LETTER_MASKS[kind & 31]!;
    breakBits |= bit & (-soFar >> 31);
    soFar = (soFar + COUNTED[kind - LOWEST_CLASS]!) & ~isSymbol;
    count -= isSymbol;
    limit = (limit & ~digitMask) | ((count + REACH) & digitMask);
    if (count >> 5 !== word) {
      digits[word] = digitBits;
      letters[word] = letterBits;
      breaks[word] = breakBits;
      word += 1;
      digitBits = 0;
      letterBits = 0;
      breakBits = 0;
    }
    if ((soFar & TORN) !== 0 && at > digit) {
      i += 1;
      break;
    }
  }
  digits[word] = digitBits;
  letters[word] = letterBits;
  breaks[word] = breakBits;
  gapSoFar = (soFar & TORN) === 0 ? soFar : NOTHING_BEFORE;
  scratch.count = count;
  return Math.min(i, length);
}
