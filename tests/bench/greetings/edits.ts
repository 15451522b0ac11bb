/** What people do to a greeting before they send it, one word at a time. */
import { between, pick, type Random } from '../codes/random.ts';

const KINDS = ['delete', 'replace', 'insert', 'slip', 'swap'] as const;

/** `count` edits, each of another kind and place. New words are of the same language: they may be words of other greetings, as they would be. */
export function editWords(random: Random, words: readonly string[], count: number, vocabulary: readonly string[]): readonly string[] {
  const edited = [...words];
  for (let i = 0; i < count; i += 1) {
    const at = between(random, 0, Math.max(0, edited.length - 1));
    switch (pick(random, KINDS)) {
      case 'delete':
        edited.splice(at, 1);
        break;
      case 'replace':
        edited[at] = pick(random, vocabulary);
        break;
      case 'insert':
        edited.splice(at, 0, pick(random, vocabulary));
        break;
      case 'slip':
        edited[at] = slipped(random, edited[at] ?? '');
        break;
      case 'swap':
        if (at + 1 < edited.length) [edited[at], edited[at + 1]] = [edited[at + 1]!, edited[at]!];
        break;
    }
  }
  return edited;
}

/** One letter doubled, left out or exchanged with its neighbour. */
function slipped(random: Random, word: string): string {
  if (word.length < 2) return word;
  const at = between(random, 0, word.length - 2);
  const ways = [
    word.slice(0, at) + word[at] + word.slice(at),
    word.slice(0, at) + word.slice(at + 1),
    word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2),
  ];
  return pick(random, ways);
}
