/**
 * Printed code words: "write BLUE to +1 415 555 0100". Words of a language are also written without having seen a sign, so a word counts only where the
 * message looks like an answer to the sign: hardly anything else in it, or the word in capitals or quotes as printed.
 */
import { wordsOf } from '@messtrack/workspace/words.ts';
import { indexWords } from './near-words.ts';

export interface CodeWordSource {
  readonly placement: string;
  /** As the workspace spells them. */
  readonly words: readonly string[];
}

export interface RecognisedWord {
  /** As the workspace spells it. */
  readonly word: string;
  readonly placement: string;
}

export type FindCodeWord = (text: string) => RecognisedWord | undefined;

/** "Hi, BLUE", "BLUE please", "code word: blue". With a third word beside it, "do you have blue?" would count. */
const MAX_OTHER_WORDS = 2;
/** A slip is repaired only where the message is the word and nothing else, and the word is long enough not to become another one. */
const MIN_REPAIRED_LETTERS = 5;
/** Whoever writes more than this in capitals is shouting, and every word is in capitals then. */
const MAX_SHOUTED_SHARE = 0.5;
const MAX_TEXT_LENGTH = 4_096;

/** Quotation marks of any language around the word; those of other widths are folded into these. */
const OPENING_QUOTES = '"\'«»„“”‘‚‹›「『<';
const CLOSING_QUOTES = '"\'»«“”’‘›‹」』>';
/** Longer quotations are sentences, not what is printed on a sign. */
const MAX_QUOTED_LENGTH = 80;

interface Printed extends RecognisedWord {
  /** In the letters that it is compared in; case as printed. */
  readonly plain: string;
  readonly tokens: readonly string[];
  readonly isInCapitals: boolean;
}

/** Prepares the words of one account. */
export function compileCodeWords(sources: readonly CodeWordSource[]): FindCodeWord {
  const printed: readonly Printed[] = sources.flatMap(({ placement, words }) =>
    words.map((word) => {
      const plain = plainOf(word);
      return { word, placement, plain, tokens: wordsOf(plain), isInCapitals: isCapitals(plain) };
    }),
  );
  if (printed.length === 0) return () => undefined;
  const alone = new Map(printed.map((each) => [each.tokens.join(' '), each]));
  const near = indexWords([...alone.keys()].filter((key) => key.length >= MIN_REPAIRED_LETTERS));

  return (text) => {
    if (text === '' || text.length > MAX_TEXT_LENGTH) return undefined;
    const plain = plainOf(text);
    const tokens = wordsOf(plain);
    const whole = tokens.join(' ');
    const own = alone.get(whole);
    if (own !== undefined) return named(own);
    const repaired = whole.length >= MIN_REPAIRED_LETTERS ? near.near(whole) : [];
    if (repaired.length === 1) return named(alone.get(repaired[0]!)!);

    // The longest wins: "BLUE DOOR" is not also "BLUE". Two signs in one message name none.
    let found: Printed | undefined;
    let isUnsure = false;
    for (const each of printed) {
      const at = indexOfRun(tokens, each.tokens);
      if (at < 0 || !isAnswer(plain, tokens.length, at, each)) continue;
      const length = each.tokens.length - (found?.tokens.length ?? 0);
      if (length < 0) continue;
      isUnsure = length === 0 && found !== undefined && found.placement !== each.placement;
      if (length > 0 || found === undefined) found = each;
    }
    return found === undefined || isUnsure ? undefined : named(found);
  };
}

function named({ word, placement }: Printed): RecognisedWord {
  return { word, placement };
}

function isAnswer(text: string, count: number, at: number, { plain, tokens, isInCapitals }: Printed): boolean {
  const isAtAnEnd = at === 0 || at + tokens.length === count;
  if (isAtAnEnd && count - tokens.length <= MAX_OTHER_WORDS) return true;
  return isQuoted(text, tokens) || (isInCapitals && isWrittenInCapitals(text, plain));
}

/** Any pair of marks may be the one: an apostrophe before the word opens a quotation too. */
function isQuoted(text: string, tokens: readonly string[]): boolean {
  for (let from = 0; from < text.length; from += 1) {
    if (!OPENING_QUOTES.includes(text[from]!)) continue;
    for (let to = from + 1; to < text.length && to - from <= MAX_QUOTED_LENGTH; to += 1) {
      if (!CLOSING_QUOTES.includes(text[to]!)) continue;
      const quoted = wordsOf(text.slice(from + 1, to));
      if (quoted.length === tokens.length && indexOfRun(quoted, tokens) === 0) return true;
      break;
    }
  }
  return false;
}

function isWrittenInCapitals(text: string, word: string): boolean {
  // The word may stand inside a longer one first ("BLUETOOTH … BLUE").
  let at = text.indexOf(word);
  while (at >= 0 && (isLetter(text[at - 1]) || isLetter(text[at + word.length]))) at = text.indexOf(word, at + 1);
  if (at < 0) return false;
  const rest = `${text.slice(0, at)} ${text.slice(at + word.length)}`;
  const letters = rest.match(/\p{L}/gu)?.length ?? 0;
  return (rest.match(/\p{Lu}/gu)?.length ?? 0) <= letters * MAX_SHOUTED_SHARE;
}

function isLetter(unit: string | undefined): boolean {
  return unit !== undefined && /[\p{L}\p{N}]/u.test(unit);
}

function isCapitals(word: string): boolean {
  return word === word.toUpperCase() && word !== word.toLowerCase();
}

function indexOfRun(tokens: readonly string[], run: readonly string[]): number {
  for (let at = 0; at + run.length <= tokens.length; at += 1) if (run.every((token, i) => tokens[at + i] === token)) return at;
  return -1;
}

/** Letters of other scripts that look like Latin ones in capitals: keyboards are switched more often than signs are copied with care. */
const LOOK_ALIKES: Readonly<Record<string, string>> = Object.fromEntries(
  ['авеіјкмнорстухѕ:abeijkmhopctyxs', 'αβεζηικμνορτυχ:abezhikmnoptyx'].flatMap((pair) => {
    const [from = '', to = ''] = pair.split(':');
    return [...from].map((letter, i) => [letter, to[i]!]);
  }),
);

/** Without accents, width and what looks alike, in the case in which it was written. */
function plainOf(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{Mn}|\p{Cf}/gu, '')
    .replace(/[\u0370-\u04ff]/gu, (letter) => {
      const lower = letter.toLowerCase();
      const alike = LOOK_ALIKES[lower] ?? lower;
      return letter === lower ? alike : alike.toUpperCase();
    });
}
