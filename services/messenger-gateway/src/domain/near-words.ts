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
  for (const word of words) {
    if (!isIndexed(word)) continue;
    for (const form of forms(word)) byForm.set(form, [...(byForm.get(form) ?? []), word]);
  }
  return {
    near(word) {
      if (!isIndexed(word) || byForm.size === 0) return [];
      const found = new Set<string>();
      // Forms also meet where two letters far from each other differ ("abcd", "bcde"): those are two slips.
      for (const form of forms(word)) for (const candidate of byForm.get(form) ?? []) if (isOneSlip(word, candidate)) found.add(candidate);
      return [...found];
    },
  };
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
