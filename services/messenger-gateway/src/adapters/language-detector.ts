/**
 * eld with its table of n-grams in four megabytes of heap where its own form takes 29: an object of sixty slots for each of 50,000 n-grams, and what compiling a
 * megabyte of source leaves behind. The table is read from the package's file as text and handed to the package's own detector, which asks for one n-gram at a
 * time, which takes a tenth longer; what it answers is what `eld/extrasmall` answers, to the last score (test/language-detector.test.ts).
 *
 * Both files are no part of eld's public interface. Where another version of it has them elsewhere or in another form, the public one is loaded.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { LanguageDetector } from '../domain/language.ts';
import { languageWith } from '../domain/language.ts';

interface Internals {
  createEld(): { readonly instance: LanguageDetector; loadData(data: NgramData): void };
}

interface NgramData {
  readonly type: string;
  /** ISO 639-1 by number of the language. */
  readonly languages: Readonly<Record<string, string>>;
  /** By n-gram: scores by number of the language. */
  readonly ngrams: Readonly<Record<string, Readonly<Record<string, number>> | undefined>>;
}

/** Undefined when the package is not as expected. */
export async function loadCompact(): Promise<LanguageDetector | undefined> {
  const entry = import.meta.resolve('eld/extrasmall');
  const table = new URL('../ngrams/extrasmall.js', entry);
  const detector = new URL('../languageDetector.js', entry);
  if (!existsSync(table) || !existsSync(detector)) return undefined;
  const data = compactNgrams(readFileSync(table, 'utf8'));
  const { createEld } = (await import(detector.href)) as Partial<Internals>;
  if (data === undefined || createEld === undefined) return undefined;
  const { instance, loadData } = createEld();
  loadData(data);
  return instance;
}

const HEAD = /\bngramsData = \{type:'(\w+)',languages:\{((?:\d+:'[a-z]{2}',?)+)\},isSubset:false,ngrams:\{/;
/** Names that JavaScript takes without quotes have none. */
const ENTRY = /(?:'((?:[^'\\]|\\')+)'|([A-Za-z_$\u00aa-\uffff][\w$\u00aa-\uffff]*)):\{((?:\d+:\d+,?)+)\}(?:,|\}\};\s*$)/y;

/** The source of eld's table as what its detector reads; undefined when it is not written as expected, from its first character to its last. */
export function compactNgrams(source: string): NgramData | undefined {
  const head = HEAD.exec(source);
  if (head === null) return undefined;
  const places = new Map<string, number>();
  const pairs: number[] = [];
  ENTRY.lastIndex = head.index + head[0].length;
  let end = ENTRY.lastIndex;
  for (let entry = ENTRY.exec(source); entry !== null; entry = ENTRY.exec(source)) {
    const scores = entry[3]!.split(/[:,]/).map(Number);
    places.set(flat(entry[2] ?? entry[1]!.replaceAll("\\'", "'")), pairs.length);
    pairs.push(scores.length / 2, ...scores);
    end = ENTRY.lastIndex;
  }
  if (source.slice(end).trim() !== '' || places.size === 0 || pairs.some((value) => value > 0xff)) return undefined;
  const table = Uint8Array.from(pairs);
  return {
    type: head[1]!,
    languages: Object.fromEntries(head[2]!.split(',').map((each) => [each.split(':')[0]!, each.split("'")[1]!])),
    ngrams: new Proxy({}, { get: (_, ngram) => scoresAt(table, places.get(ngram as string)) }),
  };
}

/** Made anew each time: keeping those asked for last made texts of many languages a third slower. */
function scoresAt(table: Uint8Array, place: number | undefined): Readonly<Record<string, number>> | undefined {
  if (place === undefined) return undefined;
  const scores: Record<number, number> = {};
  const end = place + 1 + 2 * table[place]!;
  for (let at = place + 1; at < end; at += 2) scores[table[at]!] = table[at + 1]!;
  return scores;
}

/** A text of its own: a piece of the source would keep all of it. */
function flat(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** For all messages of the process; 60 languages. */
export const languageOf: (text: string) => string = languageWith((await loadCompact()) ?? (await import('eld/extrasmall')).eld);
