/**
 * What a UTF-16 unit means to the readers: its symbol or class, and which carrier it may be a part of. One look-up per unit is all that a message
 * without a code costs, and nine in ten are such. 64 KB, of which a text touches the few hundred bytes of its script; only readers need it, so
 * pages that write codes do not load it.
 */
import { classify, isPlainDigit, isPlainLetter } from './alphabet.ts';
import { EMOJI_BLOCK } from './emoji-alphabet.ts';
import { INVISIBLE_DIGITS } from './invisible-alphabet.ts';

/** A digit 2 to 9 in any form: without one there is no visible code, whole or damaged. */
export const DIGIT_MARK = 0x40;
/** First half of a code point in the block of our emoji. */
export const EMOJI_MARK = 0x80;
export const INVISIBLE_MARK = 0xc0;
export const MARK_BITS = 0xc0;

/** Classes are -4 to 31: six bits. */
export const CLASS_BITS = 0x3f;
export const LOWEST_CLASS = -4;

/** By symbol: all bits where it is a plain digit, or a plain letter. What comes next in a text is hard to guess, and a wrong guess of the processor costs more than both. */
export const DIGIT_MASKS = Int32Array.from({ length: 32 }, (_, symbol) => (isPlainDigit(symbol) ? -1 : 0));
export const LETTER_MASKS = Int32Array.from({ length: 32 }, (_, symbol) => (isPlainLetter(symbol) ? -1 : 0));

/** First half of the mathematical letters and digits: which one it is takes the second half to tell. */
const MATHEMATICAL = 0xd835;

/** By UTF-16 unit: mark and class. */
export const UNITS = buildUnits();

function buildUnits(): Uint8Array {
  const units = new Uint8Array(0x1_0000);
  for (let unit = 0; unit < units.length; unit += 1) {
    const kind = classify(unit);
    units[unit] = (kind - LOWEST_CLASS) | (isPlainDigit(kind) ? DIGIT_MARK : 0);
  }
  const mark = (unit: number, value: number) => {
    units[unit] = (units[unit]! & CLASS_BITS) | value;
  };
  mark(MATHEMATICAL, DIGIT_MARK);
  for (let point = EMOJI_BLOCK.from; point < EMOJI_BLOCK.to; point += 1) mark(String.fromCodePoint(point).charCodeAt(0), EMOJI_MARK);
  for (const digit of INVISIBLE_DIGITS) mark(digit.charCodeAt(0), INVISIBLE_MARK);
  return units;
}

/** Any unit with a mark, as the engine searches for it. */
export const MARKED_UNIT = new RegExp(`[${markedUnits().join('')}]`, 'g');

function markedUnits(): readonly string[] {
  const marked: string[] = [];
  for (let unit = 0; unit <= 0xffff; unit += 1)
    if ((UNITS[unit]! & MARK_BITS) !== 0) marked.push(`\\u${unit.toString(16).padStart(4, '0')}`);
  return marked;
}

/** DIGIT_MARK, EMOJI_MARK, INVISIBLE_MARK or 0. */
export function markOf(unit: number): number {
  return UNITS[unit]! & MARK_BITS;
}

/** As `classify` of the alphabet says; of half a surrogate pair it says BREAK. */
export function classOf(unit: number): number {
  return (UNITS[unit]! & CLASS_BITS) + LOWEST_CLASS;
}
