/**
 * Phrases that combine into interchangeable greetings. Each click shows one of them, so that the wording of a message says which click may have
 * written it after the code is deleted: of V greetings each is worth log2(V) bits, six for the usual 64.
 */
import { LRUCache } from 'lru-cache';
import { wordDistance } from './word-distance.ts';
import { wordsOf } from './words.ts';

export const DEFAULT_GREETING_VARIANTS = 64;
export const MAX_GREETING_VARIANTS = 256;

/** More combinations than this are not looked at: choosing takes time in the number of combinations times that of greetings. */
const MAX_CONSIDERED = 4_096;
/** Two greetings further apart than this are as good as any: people change one to three words. */
const FAR_ENOUGH = 7;
/**
 * Choosing takes about a millisecond, each file asks for the same list once per placement and check, and an agency gives the same parts to many
 * clients: with 2,000 of them it was a minute of every start. A list is a few kilobytes.
 */
const combined = new LRUCache<string, CombinedGreetings>({ max: 256 });

export interface CombinedGreetings {
  /** The greetings in order; the variant number of a click is the index. */
  readonly greetings: readonly string[];
  /** How many different greetings the parts could make. */
  readonly possible: number;
}

/** Alternatives by place in the sentence, such as [["Hello", "Good day"], ["I have a question", "please tell me more"]]. */
export type GreetingParts = readonly (readonly string[])[];

/**
 * At most `wanted` greetings that lie as far apart as the parts allow, the same ones for the same parts on every machine.
 *
 * Where the parts make more than are wanted, the ones left out are what buys the distance: a greeting is taken when it differs in at least d words
 * from all taken before, for the largest d that gives enough of them (a lexicographic code over the places of the sentence). Four places of four
 * phrases of three words each thus give 64 greetings any two of which differ in four words or more, and an edited word leads to no other greeting.
 */
export function combineGreetings(parts: GreetingParts, wanted: number): CombinedGreetings {
  const key = JSON.stringify([wanted, parts]);
  const known = combined.get(key);
  if (known !== undefined) return known;
  const made = chooseGreetings(parts, wanted);
  combined.set(key, made);
  return made;
}

function chooseGreetings(parts: GreetingParts, wanted: number): CombinedGreetings {
  const slots = parts.map(distinctPhrases).filter((slot) => slot.length > 0);
  const possible = slots.reduce((product, slot) => product * slot.length, slots.length === 0 ? 0 : 1);
  if (possible === 0) return { greetings: [], possible };
  const considered = combinations(slots, possible);
  const distances = slots.map(distanceTable);
  for (let apart = possible > wanted ? FAR_ENOUGH : 1; ; apart -= 1) {
    const chosen = choose(considered, distances, wanted, apart);
    if (chosen.length < wanted && apart > 1) continue;
    const greetings = chosen.map((picks) => joinPhrases(picks.map((pick, slot) => slots[slot]![pick]!)));
    return { greetings: distinctPhrases(greetings), possible };
  }
}

/** Phrases with the same words are one phrase: punctuation and capitals are the first thing people change. */
function distinctPhrases(phrases: readonly string[]): readonly string[] {
  const byWords = new Map<string, string>();
  for (const phrase of phrases) {
    const words = wordsOf(phrase).join(' ');
    if (!byWords.has(words)) byWords.set(words, phrase);
  }
  return [...byWords.values()];
}

/** One index per slot. Where there are too many, they are taken at even steps, and a step that shares no factor with the product reaches every phrase. */
function combinations(slots: GreetingParts, possible: number): readonly (readonly number[])[] {
  const count = Math.min(possible, MAX_CONSIDERED);
  let step = Math.max(1, Math.floor(possible / count));
  while (step > 1 && slots.some((slot) => greatestCommonDivisor(step, slot.length) > 1)) step -= 1;
  return Array.from({ length: count }, (_, i) => {
    let rest = i * step;
    return slots.map((slot) => {
      const pick = rest % slot.length;
      rest = Math.floor(rest / slot.length);
      return pick;
    });
  });
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function distanceTable(slot: readonly string[]): readonly (readonly number[])[] {
  const words = slot.map(wordsOf);
  return words.map((a) => words.map((b) => wordDistance(a, b)));
}

function choose(
  considered: readonly (readonly number[])[],
  distances: readonly (readonly (readonly number[])[])[],
  wanted: number,
  apart: number,
): readonly (readonly number[])[] {
  const chosen: (readonly number[])[] = [];
  for (const candidate of considered) {
    if (chosen.length === wanted) break;
    const isFar = chosen.every((other) => {
      let sum = 0;
      for (let slot = 0; slot < candidate.length; slot += 1) sum += distances[slot]![candidate[slot]!]![other[slot]!]!;
      return sum >= apart;
    });
    if (isFar) chosen.push(candidate);
  }
  return chosen;
}

/** Scripts without spaces between words, and marks that stand directly behind a word. */
const ENDS_WITHOUT_SPACE = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}、。！？，]$/u;
const BEGINS_WITHOUT_SPACE = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai},.;:!?…)、。！？，]/u;

/** One space between phrases, none before punctuation and none within Chinese, Japanese and Thai. */
export function joinPhrases(phrases: readonly string[]): string {
  let text = '';
  for (const phrase of phrases) {
    const isGlued = text === '' || (BEGINS_WITHOUT_SPACE.test(phrase) && (ENDS_WITHOUT_SPACE.test(text) || /^[,.;:!?…)]/u.test(phrase)));
    text += isGlued ? phrase : ` ${phrase}`;
  }
  return text;
}
