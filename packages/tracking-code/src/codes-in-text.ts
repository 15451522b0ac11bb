/** Every code in a text, whatever carries it: the one call that a message needs. */
import { type CodeWindow, findWindows, MAX_CANDIDATES, SPACED_HALVES } from './code-windows.ts';
import { readEmoji } from './emoji-row.ts';
import { readInvisible } from './invisible-reading.ts';
import { readLetters, type Stretch } from './letter-reading.ts';
import { withNamedDashes } from './spoken-dash.ts';
import type { SymbolRow } from './symbol-row.ts';
import { type Carrier, CODE_LENGTH, type FoundCode, toText } from './tracking-code.ts';

export interface CodesInText {
  /** Intact ones first, each code once, at most eight. Of several carriers of one code the one that the person can change least is named. */
  readonly codes: readonly FoundCode[];
  /** The text without its codes, for comparison with greetings: intact ones are cut out, and damaged ones in the form we wrote. */
  readonly rest: string;
  /** Remains of invisible codes that name none: a client or a person took the rest. */
  readonly fragments: number;
}

/** Linear in the length of the text; what lies beyond 65,536 units is not looked at. Never throws. */
export function readCodes(text: string): CodesInText {
  const cuts: Stretch[] = [];
  const { found, fragments } = collect(text, cuts);
  return { codes: merge(found), rest: without(text, cuts), fragments };
}

/** Codes only: where nobody compares what is left, a fifth of the time is saved. */
export function findCodes(text: string): readonly FoundCode[] {
  return merge(collect(text, undefined).found);
}

interface Collected {
  readonly found: readonly FoundCode[];
  readonly fragments: number;
}

const NOTHING: Collected = { found: [], fragments: 0 };

function collect(text: string, cuts: Stretch[] | undefined): Collected {
  const { row, emoji, invisible } = readLetters(text);
  const shown = findWindows(row);
  // Around the digits of a text stand enough letters and digits for a code: nine in ten have fewer.
  const isLongEnough = row.count >= CODE_LENGTH;
  if (shown.length === 0 && emoji.to === 0 && invisible.to === 0 && !isLongEnough) return NOTHING;

  const found: FoundCode[] = [];
  let fragments = 0;
  if (invisible.to > 0) {
    const hidden = readInvisible(text, invisible, cuts);
    fragments = hidden.fragments;
    for (const { code, intact } of hidden.codes) found.push({ code, carrier: 'invisible', intact });
  }
  if (emoji.to > 0) {
    const emojiRow = readEmoji(text, emoji);
    take(text, emojiRow, findWindows(emojiRow), 'emoji', found, cuts);
  }
  take(text, row, shown, 'visible', found, cuts);
  if (isLongEnough && !found.some(({ intact }) => intact)) takeDictated(text, found, cuts);
  return { found, fragments };
}

/** Codes whose dash was written as a word; whole ones only, because every slip around a common word would be one more guess. */
function takeDictated(text: string, found: FoundCode[], cuts: Stretch[] | undefined): void {
  const dashed = withNamedDashes(text);
  if (dashed === undefined) return;
  const { row } = readLetters(dashed);
  take(
    text,
    row,
    findWindows(row).filter(({ intact }) => intact),
    'visible',
    found,
    cuts,
  );
}

function take(
  text: string,
  row: SymbolRow,
  windows: readonly CodeWindow[],
  carrier: Carrier,
  found: FoundCode[],
  cuts: Stretch[] | undefined,
): void {
  for (const { from, to, intact, rank } of windows) {
    found.push({ code: toText(row.symbols, from, to), carrier, intact });
    if (cuts === undefined || (!intact && rank >= SPACED_HALVES)) continue;
    const last = row.offsets[to - 1]!;
    cuts.push({ from: row.offsets[from]!, to: last + (text.codePointAt(last)! > 0xffff ? 2 : 1) });
  }
}

/** Each code once, intact before damaged, otherwise in the order given, which decides whose carrier is named. At most eight. */
export function merge(found: readonly FoundCode[]): readonly FoundCode[] {
  if (found.length <= 1) return found;
  const kept: FoundCode[] = [];
  for (const isIntact of [true, false]) {
    for (const each of found) {
      if (kept.length === MAX_CANDIDATES) return kept;
      if (each.intact === isIntact && !isKnown(kept, each.code)) kept.push(each);
    }
  }
  return kept;
}

function isKnown(kept: readonly FoundCode[], code: string): boolean {
  for (const known of kept) if (known.code === code) return true;
  return false;
}

function without(text: string, cuts: readonly Stretch[]): string {
  if (cuts.length === 0) return text;
  let rest = '';
  let done = 0;
  for (const { from, to } of cuts.length === 1 ? cuts : cuts.toSorted((a, b) => a.from - b.from)) {
    if (from > done) rest += text.slice(done, from);
    done = Math.max(done, to);
  }
  return rest + text.slice(done);
}
