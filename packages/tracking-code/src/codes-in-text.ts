/** Every code in a text, whatever carries it: the one call that a message needs. */
import { EMOJI_MARK, INVISIBLE_MARK } from './carrier-marks.ts';
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
  const { row, marks } = readLetters(text);
  const shown = row.count === 0 ? [] : findWindows(row);
  if (shown.length === 0 && (marks & (EMOJI_MARK | INVISIBLE_MARK)) === 0) return { codes: NONE, rest: text, fragments: 0 };

  const cuts: TextRange[] = [];
  const visible = take(text, row, shown, 'visible', cuts);
  let emoji: readonly FoundCode[] = NONE;
  if ((marks & EMOJI_MARK) !== 0) {
    const emojiRow = readEmoji(text);
    emoji = take(text, emojiRow, findWindows(emojiRow), 'emoji', cuts);
  }
  if ((marks & INVISIBLE_MARK) === 0) return { codes: merge([...emoji, ...visible]), rest: without(text, cuts), fragments: 0 };
  const { codes, fragments, ranges } = readInvisible(text);
  const invisible = codes.map(({ code, intact }): FoundCode => ({ code, carrier: 'invisible', intact }));
  return { codes: merge([...invisible, ...emoji, ...visible]), rest: without(text, [...cuts, ...ranges]), fragments };
}

/** Codes only. */
export function findCodes(text: string): readonly FoundCode[] {
  return readCodes(text).codes;
}

function take(text: string, row: SymbolRow, windows: readonly CodeWindow[], carrier: Carrier, cuts: TextRange[]): readonly FoundCode[] {
  return windows.map(({ from, to, intact, rank }) => {
    if (intact || rank < SPACED_HALVES) {
      const last = row.offsets[to - 1]!;
      cuts.push({ from: row.offsets[from]!, to: last + (text.codePointAt(last)! > 0xffff ? 2 : 1) });
    }
    return { code: toText(row.symbols, from, to), carrier, intact };
  });
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
  for (const { from, to } of [...cuts].sort((a, b) => a.from - b.from)) {
    if (from > done) rest += text.slice(done, from);
    done = Math.max(done, to);
  }
  return rest + text.slice(done);
}
