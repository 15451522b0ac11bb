/**
 * Judged histories kept between runs. The whole table takes hours; kept in parts it survives being cut off, is played a few minutes at a time, and
 * a peer can be added without asking the others again.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import type { Belief, Case } from './files.ts';
import type { History } from './history-writer.ts';
import type { RegimeName } from './regimes.ts';

/** One history with what every contender answered to its judged messages. */
export interface Part {
  readonly history: History;
  readonly cases: readonly Case[];
  readonly answers: ReadonlyMap<string, Answers>;
}

export interface Answers {
  readonly beliefs: ReadonlyMap<string, Belief>;
  /** How long the contender took, and the commit it was played at: a table may be of several. */
  readonly seconds: number;
  readonly commit: string;
}

export interface PartOrder {
  readonly regime: RegimeName;
  readonly seed: number;
  readonly accounts: number;
  readonly days: number;
}

export interface PartShelf {
  readonly read: (order: PartOrder) => Part | undefined;
  readonly write: (order: PartOrder, part: Part) => void;
}

/** Keeps nothing. */
export const NO_SHELF: PartShelf = { read: () => undefined, write: () => {} };

export function partShelf(folder: string): PartShelf {
  mkdirSync(folder, { recursive: true });
  const fileOf = ({ regime, seed, accounts, days }: PartOrder): string => join(folder, `${regime}-${accounts}x${days}-${seed}.json.gz`);
  return {
    read: (order) => {
      const file = fileOf(order);
      return existsSync(file) ? partOf(JSON.parse(gunzipSync(readFileSync(file)).toString('utf8')) as PartJson) : undefined;
    },
    write: (order, part) => {
      const file = fileOf(order);
      // A run that is cut off while writing leaves the part as it was.
      writeFileSync(`${file}.new`, gzipSync(JSON.stringify(jsonOf(part))));
      renameSync(`${file}.new`, file);
    },
  };
}

type BeliefJson = readonly [none: number, other: number, candidates: readonly (string | number)[], shares: readonly (string | number)[]];

interface PartJson {
  readonly history: History;
  readonly cases: readonly (Omit<Case, 'oracle'> & { readonly oracle: BeliefJson })[];
  readonly answers: Readonly<
    Record<string, { readonly seconds: number; readonly commit: string; readonly beliefs: Readonly<Record<string, BeliefJson>> }>
  >;
}

function jsonOf({ history, cases, answers }: Part): PartJson {
  const judged = new Set(cases.map(({ message }) => message));
  return {
    history,
    cases: cases.map((each) => ({ ...each, oracle: beliefJson(each.oracle) })),
    answers: Object.fromEntries(
      [...answers].map(([name, { beliefs, seconds, commit }]) => {
        const kept = [...beliefs].filter(([message]) => judged.has(message)).map(([message, belief]) => [message, beliefJson(belief)]);
        return [name, { seconds, commit, beliefs: Object.fromEntries(kept) as Record<string, BeliefJson> }];
      }),
    ),
  };
}

function partOf({ history, cases, answers }: PartJson): Part {
  return {
    history,
    cases: cases.map((each) => ({ ...each, oracle: beliefFrom(each.oracle) })),
    answers: new Map(
      Object.entries(answers).map(([name, { beliefs, seconds, commit }]) => [
        name,
        { seconds, commit, beliefs: new Map(Object.entries(beliefs).map(([message, belief]) => [message, beliefFrom(belief)])) },
      ]),
    ),
  };
}

function beliefJson({ none, other, candidates, shares }: Belief): BeliefJson {
  return [none, other, [...candidates].flat(), [...shares].flat()];
}

function beliefFrom([none, other, candidates, shares]: BeliefJson): Belief {
  return { none, other, candidates: pairs(candidates), shares: pairs(shares) };
}

function pairs(flat: readonly (string | number)[]): ReadonlyMap<string, number> {
  const map = new Map<string, number>();
  for (let at = 0; at + 1 < flat.length; at += 2) map.set(String(flat[at]), Number(flat[at + 1]));
  return map;
}
