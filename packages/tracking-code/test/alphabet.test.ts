import { describe, expect, it } from 'vitest';
import { BREAK, classify, IGNORED, SYMBOLS } from '../src/alphabet.ts';
import { classOf, DIGIT_MARK, EMOJI_MARK, INVISIBLE_MARK, markOf } from '../src/unit-table.ts';

/** N'Ko and Sinhala Lith are not among the keyboards of people who write to shops. */
const KEYBOARDS =
  /[\p{Script_Extensions=Arabic}\p{Script=Devanagari}\p{Script=Bengali}\p{Script=Gurmukhi}\p{Script=Gujarati}\p{Script=Oriya}\p{Script=Tamil}\p{Script=Telugu}\p{Script=Kannada}\p{Script=Malayalam}\p{Script=Thai}\p{Script=Lao}\p{Script=Tibetan}\p{Script=Khmer}\p{Script=Mongolian}]/u;

/** Unicode gives the ten digits of a script one block, the zero first. */
function digitOf(point: number): number {
  let first = point;
  while (/\p{Nd}/u.test(String.fromCodePoint(first - 1))) first -= 1;
  return (point - first) % 10;
}

describe('classify', () => {
  it('reads mathematical letters and digits as Unicode’s compatibility forms say', () => {
    for (let point = 0x1d400; point <= 0x1d7ff; point += 1) {
      const character = String.fromCodePoint(point);
      const plain = character.normalize('NFKC').codePointAt(0)!;
      // Holes of the block are characters that Unicode had before; the last seven of a Greek alphabet are variants (ϵ, ϑ, ϰ …) that nobody types for a letter.
      const isVariant = point >= 0x1d6a8 && point < 0x1d7ce && (point - 0x1d6a8) % 58 >= 51;
      if (!/\p{Assigned}/u.test(character) || plain === point || isVariant) continue;
      const expected = classify(plain);
      if (expected >= 0) expect([character, classify(point)]).toEqual([character, expected]);
    }
  });

  it('reads every symbol as itself in upper, lower and full width', () => {
    for (const [value, symbol] of [...SYMBOLS].entries()) {
      for (const form of [symbol, symbol.toLowerCase(), String.fromCharCode(symbol.charCodeAt(0) + 0xfee0)])
        expect([form, classify(form.charCodeAt(0))]).toEqual([form, value]);
    }
  });

  it('reads both letters i of a Turkish keyboard as 1, composed or not', () => {
    for (const letter of 'ıİiI') expect([letter, classify(letter.codePointAt(0)!)]).toEqual([letter, 1]);
  });

  it('reads the digits of every keyboard below U+1820 as digits, and no other character there', () => {
    for (let point = 0x600; point < 0x1820; point += 1) {
      const character = String.fromCodePoint(point);
      const digit = /\p{Nd}/u.test(character) ? digitOf(point) : undefined;
      if (digit === undefined) expect([character, classify(point) < 0]).toEqual([character, true]);
      else if (KEYBOARDS.test(character)) expect([character, classify(point)]).toEqual([character, digit]);
    }
  });

  it('takes what no client shows for nothing', () => {
    for (const character of '\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2064\u2066\u2069\ufe0e\ufe0f\ufeff\u00ad\u0301\u061c')
      expect([character.charCodeAt(0).toString(16), classify(character.charCodeAt(0))]).toEqual([
        character.charCodeAt(0).toString(16),
        IGNORED,
      ]);
  });
});

describe('the table of units', () => {
  it('says what the alphabet says', () => {
    for (let unit = 0; unit <= 0xffff; unit += 1) {
      const isHalf = unit >= 0xd800 && unit <= 0xdfff;
      const expected = isHalf ? BREAK : classify(unit);
      if (classOf(unit) !== expected) expect([unit, classOf(unit)]).toEqual([unit, expected]);
    }
  });

  it('marks digits, halves of emoji and invisible characters', () => {
    expect(['2', '９', '٧', '۴', '⑤', '\ud835'].map((c) => markOf(c.charCodeAt(0)))).toEqual(Array.from({ length: 6 }, () => DIGIT_MARK));
    expect(['🍋', '🔭', '🚁'].map((c) => markOf(c.charCodeAt(0)))).toEqual(Array.from({ length: 3 }, () => EMOJI_MARK));
    expect([...'\u2061\u2064\u200c\u200d'].map((c) => markOf(c.charCodeAt(0)))).toEqual(Array.from({ length: 4 }, () => INVISIBLE_MARK));
    expect([...'01OlAz –\u200b'].map((c) => markOf(c.charCodeAt(0)))).toEqual(Array.from({ length: 9 }, () => 0));
  });
});
