import type { Finding } from './finding.ts';
import { wordsOf } from './words.ts';

/** One word means one placement to everybody who can read it: two signs with the same word and the same number cannot be told apart. */
export function wordFindings(placements: Readonly<Record<string, unknown>>): readonly Finding[] {
  const owners = new Map<string, string>();
  return Object.entries(placements).flatMap(([name, placement]) => {
    const words = member(placement, 'words');
    if (!Array.isArray(words)) return [];
    return words.flatMap((word: unknown, index): readonly Finding[] => {
      if (typeof word !== 'string') return [];
      const spelling = wordsOf(word).join(' ');
      const keys = accountsOf(placement).map((account) => `${account}\n${spelling}`);
      const owner = keys.map((key) => owners.get(key)).find((found) => found !== undefined);
      for (const key of keys) owners.set(key, name);
      if (owner === undefined) return [];
      const message =
        owner === name ? 'stands in the list already' : `is already a word of placement ${owner} on the same account; print another one`;
      return [{ path: ['placements', name, 'words', index], message }];
    });
  });
}

function accountsOf(placement: unknown): readonly string[] {
  const pool = member(placement, 'pool');
  const named = Array.isArray(pool) ? pool.map((each: unknown) => member(each, 'account')) : [member(placement, 'account')];
  return named.filter((account) => typeof account === 'string');
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined;
}
