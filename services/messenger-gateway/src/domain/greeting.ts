/**
 * Which pre-filled greeting a text started as. People send it as it is, add to it, change a word or three, or delete the code together with the words
 * around it; the wording left over still tells the placement and the greeting, which matters most when the code is gone.
 */
import { wordsOf } from '@messtrack/workspace/words.ts';
import { indexWords, type WordIndex } from './near-words.ts';

export interface GreetingSource {
  readonly placement: string;
  readonly greetings: readonly string[];
  /** Holds `{code}` and `{greeting}`. */
  readonly codeTemplate: string;
}

export interface RecognisedGreeting {
  /** Empty when several placements share the wording. */
  readonly placement: string;
  /** Unset when several greetings are about as likely, or the placements that share the wording list it at different places. */
  readonly variant: number | undefined;
  /** Share of the greeting's words found in order in the text, above 0 to 1; a word with one slip of the finger counts. */
  readonly similarity: number;
}

export type RecogniseGreeting = (textWithoutCodes: string) => RecognisedGreeting | undefined;

/** Below this share, short greetings meet strangers' messages by their everyday words ("hello", "i", "have"). */
export const MIN_SIMILARITY = 0.6;
/** One common word is no trace of a greeting; a greeting of one word is only recognised when it is the whole text. */
const MIN_COMMON_WORDS = 2;
/** Later words say nothing of how the text began. */
const MAX_WORDS = 120;
/** Greetings are compared by their first words, one bit of a number each. */
const MAX_GREETING_WORDS = 31;
/** The same words come in few spellings: spaces, marks and emoji between them. Per account. */
const MAX_REMEMBERED = 500;
/** A greeting ends at a few hundred characters; a longer text of the same words is somebody's play with spaces. */
const MAX_REMEMBERED_LENGTH = 1_000;

/**
 * Logarithms of likelihood ratios. A word of the greeting is kept with probability 0.9 and lost with 0.07; a word put in anew happens to be the one of
 * the greeting once in 20,000. So each word found speaks ln(0.9 / 0.07 · 20,000) = 12.5 for a greeting and each word of it, found or not,
 * ln(1 / 0.07) = 2.7 against. Only differences between greetings count, so that words all of them share do not matter.
 */
const WORD_FOUND = 12.5;
const WORD_OWED = 2.7;
/**
 * A greeting is named when it is e^7, a thousand times, as likely as the next: the matcher takes a name for nearly certain. One word found in one and
 * not in the other is enough, a length that fits better is not: whoever deletes "Good day" has not written the greeting that begins with "Hi".
 */
const MIN_LEAD = 7;

interface Owner {
  readonly placement: string;
  readonly variant: number;
}

interface Wording {
  readonly words: readonly string[];
  readonly owners: readonly Owner[];
}

/** Prepares the greetings of one account. */
export function compileGreetings(sources: readonly GreetingSource[]): RecogniseGreeting {
  const exact = new Map<string, Owner[]>();
  const wordings = new Map<string, { words: readonly string[]; owners: Owner[] }>();
  for (const { placement, greetings, codeTemplate } of sources) {
    for (const [variant, greeting] of greetings.entries()) {
      const words = wordsOf(greeting);
      if (words.length === 0) continue;
      const owner = { placement, variant };
      const key = words.join(' ');
      const wording = wordings.get(key) ?? { words: words.slice(0, MAX_GREETING_WORDS), owners: [] };
      wording.owners.push(owner);
      wordings.set(key, wording);
      // The greeting alone (code and its wording deleted), and the greeting in the template with nothing where the code stood.
      const filled = codeTemplate.replace(/\{(greeting|code)\}/g, (_, name) => (name === 'code' ? ' ' : greeting));
      for (const whole of new Set([key, wordsOf(filled).join(' ')])) exact.set(whole, [...(exact.get(whole) ?? []), owner]);
    }
  }
  if (wordings.size === 0) return () => undefined;

  const compare = compareWith([...wordings.values()]);
  // Most people send a greeting as it is, and taking a text apart costs 3 µs. Only texts that are a greeting to the word are kept, nobody's own.
  const remembered = new Map<string, RecognisedGreeting>();
  return (textWithoutCodes) => {
    const known = remembered.get(textWithoutCodes);
    if (known !== undefined) return known;
    const words = wordsOf(textWithoutCodes).slice(0, MAX_WORDS);
    const same = exact.get(words.join(' '));
    if (same === undefined) return compare(words);
    const greeting = agreed(same, 1);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    if (textWithoutCodes.length <= MAX_REMEMBERED_LENGTH) remembered.set(textWithoutCodes, greeting);
    return greeting;
  };
}

interface Posting {
  readonly wording: number;
  /** Bit i: the word is the i-th of the wording. */
  readonly places: number;
}

/**
 * Compares a text with all wordings at once. The longest common subsequence of words is counted in bits (Hyyrö 2004: the zeros of V are its length), one
 * addition per word of the text and wording that holds it, so that 64 greetings cost little more than one.
 */
function compareWith(wordings: readonly Wording[]): (words: readonly string[]) => RecognisedGreeting | undefined {
  const postings = new Map<string, Posting[]>();
  for (const [wording, { words }] of wordings.entries()) {
    for (const word of new Set(words)) {
      const places = words.reduce((bits, each, place) => (each === word ? bits | (1 << place) : bits), 0);
      postings.set(word, [...(postings.get(word) ?? []), { wording, places }]);
    }
  }
  const index = indexWords([...postings.keys()]);
  const rows = new Int32Array(wordings.length);
  return (words) => {
    rows.fill(-1);
    for (const word of words)
      for (const { wording, places } of postingsOf(word, postings, index)) rows[wording] = advance(rows[wording]!, places);
    return best(wordings, rows);
  };
}

function advance(row: number, places: number): number {
  const free = row & places;
  return (row + free) | (row - free);
}

/** Those of the word itself, else those of words one slip away. */
function postingsOf(word: string, postings: ReadonlyMap<string, readonly Posting[]>, index: WordIndex): readonly Posting[] {
  const own = postings.get(word);
  if (own !== undefined) return own;
  const near = index.near(word);
  if (near.length <= 1) return near.length === 0 ? [] : postings.get(near[0]!)!;
  // Two words of one wording may both be meant; a word of the text stands for one of them.
  const merged = new Map<number, number>();
  for (const each of near) {
    for (const { wording, places } of postings.get(each)!) merged.set(wording, (merged.get(wording) ?? 0) | places);
  }
  return [...merged].map(([wording, places]) => ({ wording, places }));
}

function best(wordings: readonly Wording[], rows: Int32Array): RecognisedGreeting | undefined {
  let most = -Infinity;
  let similarity = 0;
  for (let i = 0; i < wordings.length; i += 1) {
    if (rows[i] === -1) continue;
    const { length } = wordings[i]!.words;
    const found = foundWords(rows[i]!, length);
    if (!isTrace(found, length)) continue;
    const score = WORD_FOUND * found - WORD_OWED * length;
    if (score <= most) continue;
    most = score;
    similarity = found / length;
  }
  if (most === -Infinity) return undefined;
  const owners: Owner[] = [];
  for (let i = 0; i < wordings.length; i += 1) {
    if (rows[i] === -1) continue;
    const { length } = wordings[i]!.words;
    if (WORD_FOUND * foundWords(rows[i]!, length) - WORD_OWED * length > most - MIN_LEAD) owners.push(...wordings[i]!.owners);
  }
  return agreed(owners, similarity);
}

function foundWords(row: number, length: number): number {
  return length - ones(row & (2 ** length - 1));
}

function isTrace(found: number, length: number): boolean {
  return found >= MIN_COMMON_WORDS && found / length >= MIN_SIMILARITY;
}

/** Number of bits set. */
function ones(bits: number): number {
  let sum = bits - ((bits >>> 1) & 0x55555555);
  sum = (sum & 0x33333333) + ((sum >>> 2) & 0x33333333);
  return (((sum + (sum >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
}

/** Equal wording of several placements names none of them: a wrong placement would be worse than none. The same goes for greetings. */
function agreed(owners: readonly Owner[], similarity: number): RecognisedGreeting {
  const [first, ...others] = owners;
  return {
    placement: others.every(({ placement }) => placement === first!.placement) ? first!.placement : '',
    variant: others.every(({ variant }) => variant === first!.variant) ? first!.variant : undefined,
    similarity,
  };
}
