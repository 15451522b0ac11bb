/** Words that a slip of the finger makes of each other: one letter wrong, missing, too many, or two neighbours exchanged. */
export interface WordIndex {
  /** Words of the index one slip away; empty for short words, where a slip makes another word ("hat" and "that"). */
  near(word: string): readonly string[];
}

const MIN_LENGTH = 4;
const MAX_LENGTH = 40;

/**
 * Two words one slip apart are equal once a letter is left out of one or both. Every word is listed under each of its shortened forms, so that a
 * look-up costs as many steps as the word has letters, however many words there are.
 */
export function indexWords(words: readonly string[]): WordIndex {
  const byForm = new Map<string, string[]>();
  const seen = new Uint8Array(SIEVE_BITS >> 3);
  for (const word of words) {
    if (!isIndexed(word)) continue;
    for (const form of forms(word)) byForm.set(form, [...(byForm.get(form) ?? []), word]);
    sieve(word, (bit) => {
      seen[bit >> 3]! |= 1 << (bit & 7);
      return false;
    });
  }
  const mayBeNear = (bit: number) => (seen[bit >> 3]! & (1 << (bit & 7))) !== 0;
  return {
    near(word) {
      if (!isIndexed(word) || byForm.size === 0 || !sieve(word, mayBeNear)) return [];
      const found = new Set<string>();
      // Forms also meet where two letters far from each other differ ("abcd", "bcde"): those are two slips.
      for (const form of forms(word)) for (const candidate of byForm.get(form) ?? []) if (isOneSlip(word, candidate)) found.add(candidate);
      return [...found];
    },
  };
}

/** A greeting has tens of words and some ten forms of each: one form in a hundred of a stranger's word meets a bit by chance. 8 KB for the words of an account. */
const SIEVE_BITS = 1 << 16;
const BASE = 0x01000193;

/**
 * Goes through the forms of a word as bits of a sieve, without making any of them, until one `passes`; whether one did. Most words of most messages
 * are near to none, and cutting each letter out of each word took nine tenths of the time of a message. The hash is a sum of units times powers of BASE,
 * so that leaving out a letter moves only what stands after it down by one power.
 */
function sieve(word: string, passes: (bit: number) => boolean): boolean {
  let power = 1;
  let whole = 0;
  for (let i = 0; i < word.length; i += 1) {
    whole = (whole + Math.imul(word.charCodeAt(i), power)) | 0;
    power = Math.imul(power, BASE);
  }
  if (passes(bitOf(whole))) return true;
  // The letters after the one left out, one power lower, from the last letter to the first.
  let after = 0;
  let before = whole;
  for (let i = word.length - 1; i >= 0; i -= 1) {
    power = Math.imul(power, INVERSE);
    before = (before - Math.imul(word.charCodeAt(i), power)) | 0;
    if (passes(bitOf((before + after) | 0))) return true;
    after = (after + Math.imul(word.charCodeAt(i), Math.imul(power, INVERSE))) | 0;
  }
  return false;
}

/** BASE · INVERSE = 1 modulo 2^32. */
const INVERSE = inverse(BASE);

/** Of an odd number, by Newton's method: each step doubles the bits that are right. */
function inverse(odd: number): number {
  let found = odd;
  for (let step = 0; step < 5; step += 1) found = Math.imul(found, 2 - Math.imul(odd, found));
  return found;
}

function bitOf(hash: number): number {
  return Math.imul(hash, 0x9e3779b1) >>> 16;
}

function isIndexed(word: string): boolean {
  return word.length >= MIN_LENGTH && word.length <= MAX_LENGTH;
}

/** The word and the word without each of its letters. */
function forms(word: string): ReadonlySet<string> {
  const all = new Set([word]);
  for (let i = 0; i < word.length; i += 1) all.add(word.slice(0, i) + word.slice(i + 1));
  return all;
}

/** Damerau–Levenshtein distance of exactly 1. */
export function isOneSlip(a: string, b: string): boolean {
  if (a === b || Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  if (a.length > b.length) return a.slice(start + 1) === b.slice(start);
  if (a.length < b.length) return a.slice(start) === b.slice(start + 1);
  if (a.slice(start + 1) === b.slice(start + 1)) return true;
  return a[start] === b[start + 1] && a[start + 1] === b[start] && a.slice(start + 2) === b.slice(start + 2);
}
