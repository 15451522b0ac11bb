/** Scripts written without spaces count by the character, all others by the word. Numbers are words. */
const WORD = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|[\p{L}\p{N}\p{M}]+/gu;

/** Invisible characters stand inside words (clients put marks around numbers and names) and would cut them in two. */
const INVISIBLE = /\p{Cf}|\p{Variation_Selector}/gu;

/** Lower-case words in order, compatibility forms folded; punctuation, emoji and spacing do not matter. */
export function wordsOf(text: string): string[] {
  return text.normalize('NFKC').replace(INVISIBLE, '').toLowerCase().match(WORD) ?? [];
}
