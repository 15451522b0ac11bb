/**
 * What a UTF-16 unit says about the carriers that may be in a text. Nine messages in ten hold no code at all, and a look-up per
 * unit is all that they cost: the three readers only run where their mark was seen.
 */
import { classify, isPlainDigit } from './alphabet.ts';
import { EMOJI_BLOCK } from './emoji-alphabet.ts';
import { INVISIBLE_DIGITS } from './invisible-alphabet.ts';

/** A digit 2 to 9 in any form: without one there is no visible code, whole or damaged. */
export const DIGIT_MARK = 1;
/** First half of a code point in the block of our emoji. */
export const EMOJI_MARK = 2;
export const INVISIBLE_MARK = 4;

/** First half of the mathematical letters and digits: which one it is takes the second half to tell. */
const MATHEMATICAL = 0xd835;

/** By UTF-16 unit. 64 KB, of which a text touches the few hundred bytes of its script. */
export const MARKS = buildMarks();

function buildMarks(): Uint8Array {
  const marks = new Uint8Array(0x1_0000);
  for (let unit = 0; unit < marks.length; unit += 1) if (isPlainDigit(classify(unit))) marks[unit] = DIGIT_MARK;
  marks[MATHEMATICAL] = DIGIT_MARK;
  for (let point = EMOJI_BLOCK.from; point < EMOJI_BLOCK.to; point += 1) marks[String.fromCodePoint(point).charCodeAt(0)] = EMOJI_MARK;
  for (const digit of INVISIBLE_DIGITS) marks[digit.charCodeAt(0)] = INVISIBLE_MARK;
  return marks;
}
