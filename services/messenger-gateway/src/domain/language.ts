/**
 * The language of a text, or no answer: a wrong language counts against the right click later, a missing one does not.
 * eld in its smallest size: 15 µs a sentence and 4 MB (adapters/language-detector.ts). tinyld, the obvious choice, takes 70 to 350 µs, which is several times all the rest of a
 * webhook; eld's larger sizes take up to 150 MB and answer no better on openings of conversations (test/domain.test.ts).
 */

import { wordsOf } from '@messtrack/workspace/words.ts';

/** One word ("Selam", "Hallo", "ok") and short names ("HR John Doe") are guessed wrong too often. */
const MIN_WORDS = 2;
const MIN_LETTERS = 12;
/** Lead of the best score over the second: neighbours such as Russian and Ukrainian differ by less when the text has nothing to tell them apart. */
const MIN_LEAD = 0.02;
/** The beginning tells; a pasted novel costs no more than a sentence. */
const MAX_LENGTH = 240;

/** Greetings come by the thousand in the same words. Remembered in memory only, and forgotten all at once when there are too many. */
const MAX_REMEMBERED = 2_000;

/** What is used of eld (adapters/language-detector.ts). */
export interface LanguageDetector {
  detect(text: string): { isReliable(): boolean; getScores(): Readonly<Record<string, number>> };
}

/** ISO 639-1, or empty when the text is too short or too odd to tell. */
export type LanguageOf = (text: string) => string;

export function languageWith(detector: LanguageDetector): LanguageOf {
  const remembered = new Map<string, string>();
  return (text) => {
    const beginning = text.slice(0, MAX_LENGTH);
    const known = remembered.get(beginning);
    if (known !== undefined) return known;
    const language = detect(detector, beginning);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(beginning, language);
    return language;
  };
}

/** Links, addresses, names and commands of bots have letters but no language. */
const NO_WORDS = /(?:https?:\/\/|www\.)\S+|\S+@\S+|(?<=^|\s)[/@#]\S+/giu;

function detect(detector: LanguageDetector, original: string): string {
  const text = original.replace(NO_WORDS, ' ');
  const words = wordsOf(text).filter((word) => !/\p{N}/u.test(word));
  if (words.length < MIN_WORDS || words.join('').length < MIN_LETTERS) return '';
  const result = detector.detect(text);
  if (!result.isReliable()) return '';
  const lower = text.toLowerCase();
  const [best, second] = Object.entries(result.getScores()).filter(([language]) => isPossible(language, lower));
  if (best === undefined || !/^[a-z]{2}$/.test(best[0])) return '';
  return best[1] - (second?.[1] ?? 0) >= MIN_LEAD ? best[0] : '';
}

/** Letters that a language written in Cyrillic does not have: its neighbours share most words of a short message, but not the alphabet. */
const FOREIGN_LETTERS: ReadonlyMap<string, RegExp> = new Map([
  ['ru', /[іїєґўђјљњћџѓќѕәңғүұқөһ]/],
  ['uk', /[ыэёъўђјљњћџѓќѕәңғүұқөһ]/],
  ['be', /[ищъїєґђјљњћџѓќѕәңғүұқөһ]/],
  ['bg', /[ыэёіїєґўђјљњћџѓќѕәңғүұқөһ]|ь(?!о)/],
  ['sr', /[йщъыьэюяёіїєґўѓќѕәңғүұқөһ]/],
]);
/** One letter in twelve of Ukrainian and Belarusian is one of these: in a sentence their absence tells as much as their presence. */
const FREQUENT_LETTERS: ReadonlyMap<string, RegExp> = new Map([
  ['uk', /[іїє]/],
  ['be', /[іў]/],
]);
const SENTENCE_LETTERS = 20;

function isPossible(language: string, lower: string): boolean {
  if (FOREIGN_LETTERS.get(language)?.test(lower) === true) return false;
  const frequent = FREQUENT_LETTERS.get(language);
  return frequent === undefined || frequent.test(lower) || (lower.match(/\p{L}/gu)?.length ?? 0) < SENTENCE_LETTERS;
}

/** ISO 639-1 of a language tag such as `pt-BR`; empty when it is none. */
export function primaryLanguage(tag: string): string {
  const match = /^([a-z]{2})(?:[-_]|$)/i.exec(tag);
  return match === null ? '' : match[1]!.toLowerCase();
}
