/**
 * Where an invisible code stands in a text: never first or last (`trim`, and messengers that refuse texts which begin invisibly), never beside an emoji
 * (ZWJ would tie into it), never inside a word of a script whose letters join or combine.
 */
import { encodeInvisible } from './invisible-alphabet.ts';
import type { TrackingCode } from './tracking-code.ts';

/** The end of a word, before the space: safe in every script. A word may end in a vowel sign, but an emoji with its selector or frame is no word. */
const WORD_END = /(?!\p{Variation_Selector}|\u20e3)[\p{L}\p{M}\p{N}.,!?;:)…。、！？»”"'](?= \S)/gu;
/** Within a text without spaces: between a letter and the punctuation after it, then between letters that stand for themselves. */
const BEFORE_PUNCTUATION = /(?!\p{Variation_Selector}|\u20e3)[\p{L}\p{M}](?=[.,!?;:…。、！？])/u;
const BETWEEN_LETTERS =
  /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Hebrew}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}](?=\p{L})/u;

/**
 * The text with the code in it, twice where the text has two places: a person who rewrites the beginning leaves the second copy whole.
 * Undefined when there is no place.
 */
export function weaveInvisible(text: string, code: TrackingCode): string | undefined {
  const places = placesOf(text);
  if (places.length === 0) return undefined;
  const hidden = encodeInvisible(code);
  let woven = '';
  let done = 0;
  for (const place of places) {
    woven += text.slice(done, place) + hidden;
    done = place;
  }
  return woven + text.slice(done);
}

/** One or two offsets in rising order; none when the text offers no place. */
function placesOf(text: string): readonly number[] {
  const ends: number[] = [];
  for (const match of text.matchAll(WORD_END)) ends.push(match.index + match[0].length);
  const [first] = ends;
  const last = ends.at(-1);
  if (first !== undefined && last !== undefined) return first === last ? [first] : [first, last];
  const inside = BEFORE_PUNCTUATION.exec(text) ?? BETWEEN_LETTERS.exec(text);
  return inside === null ? [] : [inside.index + inside[0].length];
}
