import { wordDistance } from './word-distance.ts';
import { wordsOf } from './words.ts';

/** Two greetings an edit of this many words may turn into each other: the wording then names the wrong one or neither. */
export const CONFUSABLE_DISTANCE = 1;

export interface GreetingPair {
  readonly first: number;
  readonly second: number;
  /** Words to insert, delete or replace; 0 when they differ in punctuation and capitals only. */
  readonly distance: number;
}

export interface GreetingReport {
  readonly count: number;
  /** Words between the two nearest greetings; undefined for fewer than two. After fewer than half as many edits the nearest greeting is the right one. */
  readonly nearest: number | undefined;
  /** Pairs at `CONFUSABLE_DISTANCE` or less, nearest first. */
  readonly confusable: readonly GreetingPair[];
}

/** How well the greetings of one placement can be told apart. */
export function reportGreetings(greetings: readonly string[]): GreetingReport {
  const numbers = new Map<string, number>();
  const words = greetings.map((greeting) => wordsOf(greeting).map((word) => numberOf(word, numbers)));
  const confusable: GreetingPair[] = [];
  let nearest: number | undefined;
  for (let first = 0; first < words.length; first += 1) {
    for (let second = first + 1; second < words.length; second += 1) {
      const distance = wordDistance(words[first]!, words[second]!, Math.max(nearest ?? Number.POSITIVE_INFINITY, CONFUSABLE_DISTANCE));
      nearest = Math.min(nearest ?? distance, distance);
      if (distance <= CONFUSABLE_DISTANCE) confusable.push({ first, second, distance });
    }
  }
  return { count: greetings.length, nearest, confusable: confusable.sort((a, b) => a.distance - b.distance) };
}

function numberOf(word: string, numbers: Map<string, number>): number {
  const known = numbers.get(word);
  if (known !== undefined) return known;
  numbers.set(word, numbers.size);
  return numbers.size - 1;
}
