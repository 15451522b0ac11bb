/** What people and clients do to a code, as functions of its displayed form. Each keeps it intact (`harmless`) or costs one symbol (`damaging`). */
import { SYMBOLS } from '../src/alphabet.ts';

const CYRILLIC: Readonly<Record<string, string>> = {
  A: 'А',
  B: 'В',
  C: 'С',
  E: 'Е',
  H: 'Н',
  K: 'К',
  M: 'М',
  P: 'Р',
  T: 'Т',
  X: 'Х',
  Y: 'У',
  0: 'О',
};
const GREEK: Readonly<Record<string, string>> = {
  A: 'Α',
  B: 'Β',
  E: 'Ε',
  H: 'Η',
  K: 'Κ',
  M: 'Μ',
  N: 'Ν',
  P: 'Ρ',
  T: 'Τ',
  X: 'Χ',
  Z: 'Ζ',
  0: 'ο',
};

function mapped(text: string, table: Readonly<Record<string, string>>): string {
  return [...text].map((c) => table[c] ?? c).join('');
}

/** Letters and digits in another style of Unicode, the dash as it is. */
function replaced(text: string, letters: number, digits: number): string {
  return text
    .replace(/[A-Z]/g, (letter) => String.fromCodePoint(letters + letter.charCodeAt(0) - 0x41))
    .replace(/[0-9]/g, (digit) => String.fromCodePoint(digits + Number(digit)));
}

/** `at` picks a place, 0 ≤ at < 1. */
export type Damage = (shown: string, at: number) => string;

function insertAt(shown: string, at: number, what: string): string {
  const place = 1 + Math.floor(at * (shown.length - 1));
  return shown.slice(0, place) + what + shown.slice(place);
}

export const HARMLESS: Readonly<Record<string, Damage>> = {
  nothing: (s) => s,
  lower: (s) => s.toLowerCase(),
  mixedCase: (s) => [...s].map((c, i) => (i % 2 ? c.toLowerCase() : c)).join(''),
  noDash: (s) => s.replace('-', ''),
  space: (s) => s.replace('-', ' '),
  enDash: (s) => s.replace('-', ' – '),
  emDash: (s) => s.replace('-', '—'),
  newline: (s) => s.replace('-', '-\n'),
  noBreakSpace: (s) => s.replace('-', '\u00a0'),
  spelled: (s) => [...s.replace('-', '')].join(' '),
  dotted: (s) => [...s.replace('-', '')].join('.'),
  pairs: (s) => s.replace('-', '').replace(/..(?=.)/g, '$& '),
  strayDash: (s, at) => insertAt(s, at, '-'),
  zeroWidth: (s, at) => insertAt(s, at, '\u200b'),
  joiners: (s) => [...s].join('\u2060'),
  rightToLeftMarks: (s) => `\u200f${s.replace('-', '\u200f-\u200e')}\u200e`,
  isolates: (s) => `\u2067${s}\u2069`,
  byteOrderMark: (s) => `\ufeff${s}\ufeff`,
  quotes: (s) => `“${s}”`,
  guillemets: (s) => `«${s}»`,
  smartApostrophes: (s) => `‘${s}’.`,
  markdown: (s) => `*_${s}_*`,
  cyrillic: (s) => mapped(s, CYRILLIC),
  cyrillicLower: (s) => mapped(s, CYRILLIC).toLowerCase(),
  greek: (s) => mapped(s, GREEK),
  letterForDigit: (s) => s.replaceAll('0', 'O').replaceAll('1', 'l'),
  fullWidth: (s) => [...s].map((c) => String.fromCodePoint(c.codePointAt(0)! + 0xfee0)).join(''),
  mathematicalBold: (s) => replaced(s, 0x1d400, 0x1d7ce),
  mathematicalMonospace: (s) => replaced(s.toUpperCase(), 0x1d670, 0x1d7f6),
  circled: (s) => replaced(s, 0x24b6, 0x245f).replaceAll('\u245f', '\u24ea'),
  keycaps: (s) => s.replace(/\d/g, '$&\ufe0f\u20e3'),
  combiningMarks: (s) => [...s].join('\u0336'),
  arabicDigits: (s) => s.replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit))),
  devanagariDigits: (s) => s.replace(/\d/g, (digit) => String.fromCharCode(0x966 + Number(digit))),
  thaiDigits: (s) => s.replace(/\d/g, (digit) => String.fromCharCode(0xe50 + Number(digit))),
  persianDigits: (s) => s.replace(/\d/g, (digit) => String.fromCharCode(0x6f0 + Number(digit))),
  twice: (s) => `${s}${s}`,
  twiceApart: (s) => `${s} ${s}`,
  glued: (s) => `code${s}`,
  gluedAfter: (s) => `${s}thanks`,
  cyrillicGlued: (s) => `код${s}жду`,
};

/** Place within the ten symbols, skipping the dash. */
function placeOf(shown: string, at: number): number {
  const place = Math.floor(at * (shown.length - 1));
  return place >= 5 ? place + 1 : place;
}

export const DAMAGING: Readonly<Record<string, Damage>> = {
  substituted: (s, at) => {
    const place = placeOf(s, at);
    const other = SYMBOLS[(SYMBOLS.indexOf(s[place]!) + 1 + (Math.floor(at * 1000) % 31)) % 32]!;
    return s.slice(0, place) + other + s.slice(place + 1);
  },
  deleted: (s, at) => s.slice(0, placeOf(s, at)) + s.slice(placeOf(s, at) + 1),
  inserted: (s, at) => insertAt(s, at, SYMBOLS[Math.floor(at * 1000) % 32]!),
  foreign: (s, at) => `${s.slice(0, placeOf(s, at))}ж${s.slice(placeOf(s, at) + 1)}`,
  transposed: (s, at) => {
    const plain = s.replace('-', '');
    const place = Math.floor(at * 9);
    const swapped = plain.slice(0, place) + plain[place + 1]! + plain[place]! + plain.slice(place + 2);
    return `${swapped.slice(0, 5)}-${swapped.slice(5)}`;
  },
};

/** Damerau–Levenshtein distance at most one. */
export function isNear(a: string, b: string): boolean {
  if (a === b) return true;
  if (Math.abs(a.length - b.length) > 1) return false;
  let i = 0;
  while (a[i] === b[i] && i < a.length) i += 1;
  if (a.length === b.length) {
    const swapped = a[i] === b[i + 1] && a[i + 1] === b[i] && a.slice(i + 2) === b.slice(i + 2);
    return swapped || a.slice(i + 1) === b.slice(i + 1);
  }
  return a.length > b.length ? a.slice(i + 1) === b.slice(i) : a.slice(i) === b.slice(i + 1);
}
