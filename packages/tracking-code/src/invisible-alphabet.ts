/**
 * A code in characters that are not drawn.
 *
 * Six are left when everything is taken away that some layer changes in the middle of a text (docs/tracking-codes.md names the layers): ZWNJ, ZWJ and the
 * four invisible operators. Two of them make 36 pairs, enough for the 32 symbols of a code: one damaged character is one damaged
 * symbol, and the four pairs left over, which no symbol uses, frame the code. A frame begins and ends with ZWNJ, so that letters of
 * joined scripts before and after it keep the shape they have at the end of a word.
 *
 * `START, ten pairs, END` are 24 characters. Whole means: both frames, exactly ten pairs of symbols between them, and a checksum that
 * holds; anything less is a damaged code at most.
 */
import { SYMBOLS } from './alphabet.ts';
import { CODE_LENGTH, type TrackingCode } from './tracking-code.ts';

/** By digit, 0 to 5. Never changes: it is part of every code ever sent. */
export const INVISIBLE_DIGITS = ['\u2061', '\u2062', '\u2063', '\u2064', '\u200d', '\u200c'] as const;
export const BASE = 6;

/** Pairs of digits as numbers: 0 to 31 are symbols. */
export const START_PAIR = 5 * BASE + 2;
export const END_PAIR = 5 * BASE + 5;
export const INVISIBLE_LENGTH = 2 * CODE_LENGTH + 4;

export function encodeInvisible(code: TrackingCode): string {
  return [START_PAIR, ...[...code].map((symbol) => SYMBOLS.indexOf(symbol)), END_PAIR]
    .map((pair) => `${INVISIBLE_DIGITS[Math.floor(pair / BASE)]}${INVISIBLE_DIGITS[pair % BASE]}`)
    .join('');
}
