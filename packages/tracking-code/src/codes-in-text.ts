/** Every code in a text, whatever carries it: the one call that a message needs. */
import { type CodeWindow, findWindows, MAX_CANDIDATES, SPACED_HALVES } from './code-windows.ts';
import { readEmoji } from './emoji-row.ts';
import { readInvisible, type TextRange } from './invisible-reading.ts';
import { readLetters, type SymbolRow } from './symbol-row.ts';
import { type Carrier, type FoundCode, toText } from './tracking-code.ts';

export interface CodesInText {
  /** Intact ones first, each code once, at most eight. Of several carriers of one code the one that the person can change least is named. */
  readonly codes: readonly FoundCode[];
  /** The text without its codes, for comparison with greetings: intact ones are cut out, and damaged ones in the form we wrote. */
  readonly rest: string;
  /** Remains of invisible codes that name none: a client or a person took the rest. */
  readonly fragments: number;
}

const NONE: readonly FoundCode[] = [];

/** Linear in the length of the text; what lies beyond 65,536 units is not looked at. Never throws. */
export function readCodes(text: string): CodesInText {
  const { row, hasEmoji, hasInvisible } = readLetters(text);
  const shown = findWindows(row);
  if (shown.length === 0 && !hasEmoji && !hasInvisible) return { codes: NONE, rest: text, fragments: 0 };

  const found: FoundCode[] = [];
  const cuts: TextRange[] = [];
  let fragments = 0;
  if (hasInvisible) {
    const invisible = readInvisible(text);
    fragments = invisible.fragments;
    for (const { code, intact } of invisible.codes) found.push({ code, carrier: 'invisible', intact });
    cuts.push(...invisible.ranges);
  }
  if (hasEmoji) {
    const emojiRow = readEmoji(text);
    take(text, emojiRow, findWindows(emojiRow), 'emoji', found, cuts);
  }
  take(text, row, shown, 'visible', found, cuts);
  return { codes: merge(found), rest: without(text, cuts), fragments };
}

/** Codes only. */
export function findCodes(text: string): readonly FoundCode[] {
  return readCodes(text).codes;
}

function take(text: string, row: SymbolRow, windows: readonly CodeWindow[], carrier: Carrier, found: FoundCode[], cuts: TextRange[]): void {
  for (const { from, to, intact, rank } of windows) {
    found.push({ code: toText(row.symbols, from, to), carrier, intact });
    if (!intact && rank >= SPACED_HALVES) continue;
    const last = row.offsets[to - 1]!;
    cuts.push({ from: row.offsets[from]!, to: last + (text.codePointAt(last)! > 0xffff ? 2 : 1) });
  }
}

/** In the order given, which names a code's carrier; then intact before damaged. */
export function merge(found: readonly FoundCode[]): readonly FoundCode[] {
  if (found.length <= 1) return found;
  const byCode = new Map<string, FoundCode>();
  for (const each of found) {
    const known = byCode.get(each.code);
    if (known === undefined || (each.intact && !known.intact)) byCode.set(each.code, each);
  }
  return [...byCode.values()].sort((a, b) => Number(b.intact) - Number(a.intact)).slice(0, MAX_CANDIDATES);
}

function without(text: string, cuts: readonly TextRange[]): string {
  if (cuts.length === 0) return text;
  let rest = '';
  let done = 0;
  for (const { from, to } of cuts.length === 1 ? cuts : cuts.toSorted((a, b) => a.from - b.from)) {
    if (from > done) rest += text.slice(done, from);
    done = Math.max(done, to);
  }
  return rest + text.slice(done);
}
