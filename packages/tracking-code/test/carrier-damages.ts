/** What people and clients do to codes that are not letters. */
import type { Damage } from './damages.ts';

function between(text: string, what: string): string {
  return [...text].join(what);
}

function insertAt(text: string, at: number, what: string): string {
  const all = [...text];
  const place = 1 + Math.floor(at * (all.length - 1));
  return [...all.slice(0, place), what, ...all.slice(place)].join('');
}

export const EMOJI_HARMLESS: Readonly<Record<string, Damage>> = {
  nothing: (s) => s,
  textStyle: (s) => [...s].map((emoji) => `${emoji}\ufe0e`).join(''),
  emojiStyle: (s) => [...s].map((emoji) => `${emoji}\ufe0f`).join(''),
  oneTextStyle: (s, at) => insertAt(s, at, '\ufe0e'),
  skinTone: (s, at) => insertAt(s, at, '\u{1f3fd}'),
  joiner: (s, at) => insertAt(s, at, '\u200d'),
  spaces: (s) => between(s, ' '),
  commas: (s) => between(s, ', '),
  newline: (s, at) => insertAt(s, at, '\n'),
  rightToLeftMarks: (s) => between(`\u200f${s}\u200e`, '\u200f'),
  quotes: (s) => `“${s}”`,
  guillemets: (s) => `«${s}».`,
  twice: (s) => s + s,
  twiceApart: (s) => `${s} ${s}`,
  glued: (s) => `code${s}thanks`,
  gluedCyrillic: (s) => `код${s}жду`,
  otherEmojiAround: (s) => `👍❤️${s}🙏🏽`,
  byteOrderMark: (s) => `\ufeff${s}\ufeff`,
};

export const INVISIBLE_HARMLESS: Readonly<Record<string, Damage>> = {
  nothing: (s) => s,
  lower: (s) => s.toLowerCase(),
  upper: (s) => s.toUpperCase(),
  trimmed: (s) => s.trim(),
  compatibilityForm: (s) => s.normalize('NFKC'),
  decomposed: (s) => s.normalize('NFD'),
  rightToLeftMarks: (s) => `\u200f${between(s, '\u200e')}\u200f`,
  zeroWidthSpaces: (s) => between(s, '\u200b'),
  wordJoiners: (s, at) => insertAt(s, at, '\u2060'),
  quoted: (s) => `“${s}”`,
  smartPunctuation: (s) => s.replaceAll("'", '’').replaceAll('...', '…').replaceAll('-', '—'),
  appended: (s) => `${s} Also, do you ship to Almaty?`,
  prepended: (s) => `Good evening. ${s}`,
  twice: (s) => s + s,
  twiceApart: (s) => `${s}\n\n${s}`,
};

/** One slip among characters that each stand for themselves. `other` is of the same alphabet. */
export const DAMAGING_ANY: Readonly<Record<string, (all: readonly string[], at: number, other: string) => readonly string[]>> = {
  substituted: (all, at, other) => all.toSpliced(Math.floor(at * all.length), 1, other),
  inserted: (all, at, other) => all.toSpliced(Math.floor(at * (all.length + 1)), 0, other),
  deleted: (all, at) => all.toSpliced(Math.floor(at * all.length), 1),
  transposed: (all, at) => {
    const place = Math.floor(at * (all.length - 1));
    return all.toSpliced(place, 2, all[place + 1]!, all[place]!);
  },
};
