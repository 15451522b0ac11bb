/**
 * Which pre-filled greeting a text started as. People send it as it is, add to it, or delete the code together with the words around it;
 * the wording left over still tells the placement, which matters most when the code is gone.
 */
import { wordsOf } from './words.ts';

export interface GreetingSource {
  readonly placement: string;
  readonly greetings: readonly string[];
  /** Holds `{code}` and `{greeting}`. */
  readonly codeTemplate: string;
}

export interface RecognisedGreeting {
  /** Empty when several placements share the wording. */
  readonly placement: string;
  /** Unset when the placements that share the wording list it at different places. */
  readonly variant: number | undefined;
  /** Share of the greeting's words found in order in the text, above 0 to 1. */
  readonly similarity: number;
}

export type RecogniseGreeting = (textWithoutCodes: string) => RecognisedGreeting | undefined;

/** Below this share, short greetings meet strangers' messages by their everyday words ("hello", "i", "have"). */
export const MIN_SIMILARITY = 0.6;
/** One common word is no trace of a greeting; a greeting of one word is only recognised when it is the whole text. */
const MIN_COMMON_WORDS = 2;
/** Later words say nothing of how the text began. */
const MAX_WORDS = 120;
/** The same words come in few spellings: spaces, marks and emoji between them. Per account. */
const MAX_REMEMBERED = 500;
/** A greeting ends at a few hundred characters; a longer text of the same words is somebody's play with spaces. */
const MAX_REMEMBERED_LENGTH = 1_000;

interface Candidate {
  readonly placement: string;
  readonly variant: number;
  readonly words: readonly string[];
}

/** Prepares the greetings of one account. */
export function compileGreetings(sources: readonly GreetingSource[]): RecogniseGreeting {
  const candidates: Candidate[] = [];
  const exact = new Map<string, Candidate[]>();
  const byWord = new Map<string, number[]>();
  for (const { placement, greetings, codeTemplate } of sources) {
    for (const [variant, greeting] of greetings.entries()) {
      const words = wordsOf(greeting);
      if (words.length === 0) continue;
      const candidate = { placement, variant, words };
      const index = candidates.push(candidate) - 1;
      for (const word of new Set(words)) byWord.set(word, [...(byWord.get(word) ?? []), index]);
      // The greeting alone (code and its wording deleted), and the greeting in the template with nothing where the code stood.
      const filled = codeTemplate.replace(/\{(greeting|code)\}/g, (_, name) => (name === 'code' ? ' ' : greeting));
      for (const whole of new Set([words.join(' '), wordsOf(filled).join(' ')])) exact.set(whole, [...(exact.get(whole) ?? []), candidate]);
    }
  }
  if (candidates.length === 0) return () => undefined;

  // Most people send a greeting as it is, and taking a text apart costs 3 µs. Only texts that are a greeting to the word are kept, nobody's own.
  const remembered = new Map<string, RecognisedGreeting>();
  return (textWithoutCodes) => {
    const known = remembered.get(textWithoutCodes);
    if (known !== undefined) return known;
    const words = wordsOf(textWithoutCodes).slice(0, MAX_WORDS);
    const same = exact.get(words.join(' '));
    if (same === undefined) return mostSimilar(words, candidates, byWord);
    const greeting = agreed(same, 1);
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    if (textWithoutCodes.length <= MAX_REMEMBERED_LENGTH) remembered.set(textWithoutCodes, greeting);
    return greeting;
  };
}

function mostSimilar(
  words: readonly string[],
  candidates: readonly Candidate[],
  byWord: ReadonlyMap<string, readonly number[]>,
): RecognisedGreeting | undefined {
  // Counting common words first leaves the quadratic comparison to the few that can pass.
  const common = new Map<number, number>();
  for (const word of new Set(words)) for (const index of byWord.get(word) ?? []) common.set(index, (common.get(index) ?? 0) + 1);
  let best = 0;
  let found: Candidate[] = [];
  for (const [index, count] of common) {
    const candidate = candidates[index]!;
    if (count < MIN_COMMON_WORDS || count / new Set(candidate.words).size < MIN_SIMILARITY) continue;
    const inOrder = longestCommonSubsequence(candidate.words, words);
    const similarity = inOrder / candidate.words.length;
    if (inOrder < MIN_COMMON_WORDS || similarity < MIN_SIMILARITY || similarity < best) continue;
    if (similarity > best) found = [];
    best = similarity;
    found.push(candidate);
  }
  return found.length === 0 ? undefined : agreed(found, best);
}

/** Equal wording of several placements names none of them: a wrong placement would be worse than none. */
function agreed(candidates: readonly Candidate[], similarity: number): RecognisedGreeting {
  const [first, ...others] = candidates;
  return {
    placement: others.every(({ placement }) => placement === first!.placement) ? first!.placement : '',
    variant: others.every(({ variant }) => variant === first!.variant) ? first!.variant : undefined,
    similarity,
  };
}

function longestCommonSubsequence(a: readonly string[], b: readonly string[]): number {
  let previous = new Uint16Array(b.length + 1);
  let current = new Uint16Array(b.length + 1);
  for (const word of a) {
    for (let j = 0; j < b.length; j += 1) current[j + 1] = word === b[j] ? previous[j]! + 1 : Math.max(previous[j + 1]!, current[j]!);
    [previous, current] = [current, previous];
  }
  return previous[b.length]!;
}
