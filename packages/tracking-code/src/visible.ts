/**
 * The visible carrier: a code in the wording of a message, and finding it again after people and clients had their hands on it.
 *
 * The text becomes a row of symbols with a gap before each; a code is ten neighbours in that row. Neighbours may be apart by up to three
 * spaces, dashes or quotes, so a code spelled out, wrapped or re-punctuated is found, and by one foreign character. Every window is looked at once
 * and costs at most a fixed number of steps: time grows with the length of the text and with nothing else.
 */
import { BREAK, classify, IGNORED, SPACE } from './alphabet.ts';
import {
  CODE_LENGTH,
  checksumHolds,
  displayCode,
  type FoundCode,
  HALF_LENGTH,
  hasShape,
  isMixed,
  type TrackingCode,
  toText,
} from './tracking-code.ts';

/** At most this many candidates: a text that holds more is no message of a person about to buy. */
export const MAX_CANDIDATES = 8;

/** Messages end at 4,096 characters on both messengers; what lies beyond this is not looked at. */
const MAX_TEXT_LENGTH = 65_536;

/** The message shown to the person: `{greeting}` and `{code}` of the template filled in. */
export function renderVisible(greeting: string, code: TrackingCode, template: string): string {
  // One pass with a function: neither a "{code}" inside the greeting nor a "$&" is taken for a place to fill in.
  return template.replace(/\{(greeting|code)\}/g, (_, name) => (name === 'code' ? displayCode(code) : greeting));
}

/** What lies between a symbol and the one before it. */
const JOINED = 0;
const PUNCTUATED = 1;
const SPACED = 2;
/** One foreign character between two symbols, beside the dash or not: a slip of the finger inside a code. */
const HOLE = 3;
const APART = 4;

const MAX_SEPARATORS = 3;

/** Valid until the next text is read. */
interface SymbolRow {
  readonly count: number;
  readonly symbols: Int8Array;
  /** Before each symbol; `gaps[count]` is APART. */
  readonly gaps: Uint8Array;
  /** Offset of each symbol in the text (UTF-16), for cutting codes out of a greeting. */
  readonly offsets: Uint32Array;
}

/** Reused from text to text: every reading ends before the next begins, and three allocations a message are a tenth of its cost. */
let scratch = newScratch(4_096);

function newScratch(length: number) {
  return { symbols: new Int8Array(length), gaps: new Uint8Array(length + 1), offsets: new Uint32Array(length) };
}

function readRow(text: string): SymbolRow {
  const length = Math.min(text.length, MAX_TEXT_LENGTH);
  if (length > scratch.symbols.length) scratch = newScratch(length);
  const { symbols, gaps, offsets } = scratch;
  let count = 0;
  let separators = 0;
  let spaces = 0;
  // Nothing stands before the first symbol.
  let foreign = 2;
  for (let i = 0; i < length; i += 1) {
    let point = text.charCodeAt(i);
    const start = i;
    if (point >= 0xd800 && point <= 0xdbff && i + 1 < length) {
      point = text.codePointAt(i)!;
      if (point > 0xffff) i += 1;
    }
    const kind = classify(point);
    if (kind === IGNORED) continue;
    if (kind >= 0) {
      symbols[count] = kind;
      offsets[count] = start;
      gaps[count] = gapOf(separators, spaces, foreign);
      count += 1;
      separators = 0;
      spaces = 0;
      foreign = 0;
    } else if (kind === BREAK) foreign += 1;
    else {
      separators += 1;
      if (kind === SPACE) spaces += 1;
    }
  }
  gaps[count] = APART;
  return { count, symbols, gaps, offsets };
}

function gapOf(separators: number, spaces: number, foreign: number): number {
  if (foreign > 1 || (foreign === 1 && separators > 1) || separators > MAX_SEPARATORS) return APART;
  if (foreign === 1) return HOLE;
  if (spaces > 0) return SPACED;
  return separators > 0 ? PUNCTUATED : JOINED;
}

interface Window {
  readonly from: number;
  readonly to: number;
  readonly intact: boolean;
  /** A form below, plus 1 when a symbol is missing or too many; lower is more like what we wrote. */
  readonly rank: number;
}

/** Undivided, or divided by a dash or its relatives at the middle. */
const AS_WRITTEN = 0;
const SPACED_HALVES = 2;
const OTHER_PIECES = 4;

/** Codes in the text, intact ones first, each once, at most eight. Never throws. */
export function findVisible(text: string): FoundCode[] {
  return readVisible(text).codes;
}

export interface VisibleReading {
  /** As `findVisible` gives them. */
  readonly codes: FoundCode[];
  /** The text without its codes, for comparison with greetings: intact ones are cut out, and damaged ones in the form we wrote. */
  readonly rest: string;
}

export function readVisible(text: string): VisibleReading {
  const row = readRow(text);
  const windows = findWindows(row);
  if (windows.length === 0) return { codes: [], rest: text };
  return {
    codes: windows.map(({ from, to, intact }) => ({ code: toText(row.symbols, from, to), carrier: 'visible', intact })),
    rest: cutOut(text, row, windows),
  };
}

function cutOut(text: string, row: SymbolRow, windows: readonly Window[]): string {
  const cuts = windows.filter((window) => window.intact || window.rank < SPACED_HALVES).sort((a, b) => a.from - b.from);
  let rest = '';
  let done = 0;
  for (const { from, to } of cuts) {
    const start = row.offsets[from]!;
    if (start < done) continue;
    rest += text.slice(done, start);
    done = row.offsets[to - 1]! + 1;
  }
  return rest + text.slice(done);
}

function findWindows(row: SymbolRow): Window[] {
  const found: Window[] = [];
  const seen = new Set<string>();
  const add = (window: Window) => {
    const code = toText(row.symbols, window.from, window.to);
    if (seen.has(code)) return;
    seen.add(code);
    found.push(window);
  };

  const taken: Window[] = [];
  for (let from = 0; from + CODE_LENGTH <= row.count; from += 1) {
    if (!isIntactAt(row, from)) continue;
    const window = { from, to: from + CODE_LENGTH, intact: true, rank: AS_WRITTEN };
    taken.push(window);
    if (found.length < MAX_CANDIDATES) add(window);
    // Codes do not overlap.
    from += CODE_LENGTH - 1;
  }
  if (found.length === MAX_CANDIDATES) return found;

  const damaged = damagedWindows(row, taken).sort((a, b) => a.rank - b.rank || a.from - b.from);
  const kept: Window[] = [];
  for (const window of damaged) {
    if (found.length === MAX_CANDIDATES) break;
    if (window.rank >= SPACED_HALVES && kept.some((better) => better.rank < SPACED_HALVES && overlap(better, window))) continue;
    kept.push(window);
    add(window);
  }
  return found;
}

function overlap(a: Window, b: Window): boolean {
  return a.from < b.to && b.from < a.to;
}

/** Bit i is set when there is a gap before symbol `from + i`, 0 < i < length; -1 when the window is torn apart. */
function gapBits(row: SymbolRow, from: number, length: number): number {
  let bits = 0;
  for (let i = 1; i < length; i += 1) {
    const gap = row.gaps[from + i]!;
    if (gap === APART) return -1;
    if (gap !== JOINED) bits |= 1 << i;
  }
  return bits;
}

const ONE_DASH = 1 << HALF_LENGTH;
/** Evenly spaced: spelled out letter by letter, in pairs, in threes, in fours. */
const EVEN_GAPS: ReadonlySet<number> = new Set([1, 2, 3, 4].map((step) => evenBits(step)));

function evenBits(step: number): number {
  let bits = 0;
  for (let i = step; i < CODE_LENGTH; i += step) bits |= 1 << i;
  return bits;
}

function isIntactAt(row: SymbolRow, from: number): boolean {
  if (!hasShape(row.symbols, from) || !checksumHolds(row.symbols, from)) return false;
  const bits = gapBits(row, from, CODE_LENGTH);
  if (bits === -1) return false;
  const startsFree = row.gaps[from] !== JOINED;
  const endsFree = row.gaps[from + CODE_LENGTH] !== JOINED;
  // Glued to a word or to another code on one side: only in the form we wrote it, with or without the dash.
  if (!startsFree || !endsFree) return (startsFree || endsFree) && (bits === 0 || bits === ONE_DASH);
  if (!hasGap(row, from, CODE_LENGTH, SPACED)) return true;
  // Words and numbers side by side make windows too; a code cut up by spaces keeps a piece with letters and digits in it, or is cut evenly.
  return bits === ONE_DASH || EVEN_GAPS.has(bits) || hasMixedGroup(row, from, CODE_LENGTH, 2);
}

function hasGap(row: SymbolRow, from: number, length: number, atLeast: number): boolean {
  for (let i = 1; i < length; i += 1) if (row.gaps[from + i]! >= atLeast) return true;
  return false;
}

/** Some run of at least `size` symbols without gap holds a digit and a letter. */
function hasMixedGroup(row: SymbolRow, from: number, length: number, size: number): boolean {
  let start = from;
  for (let i = from + 1; i <= from + length; i += 1) {
    if (i < from + length && row.gaps[i] === JOINED) continue;
    if (i - start >= size && isMixed(row.symbols, start, i)) return true;
    start = i;
  }
  return false;
}

/**
 * Codes with one symbol wrong, missing or too many. A single damage leaves one half as it was, so that half is mixed;
 * the window stands free on both sides and in at most three pieces.
 */
function damagedWindows(row: SymbolRow, taken: readonly Window[]): Window[] {
  const windows: Window[] = [];
  let next = 0;
  for (let from = 0; from < row.count && windows.length < 64; from += 1) {
    while (next < taken.length && taken[next]!.to <= from) next += 1;
    if (row.gaps[from] === JOINED || (next < taken.length && taken[next]!.from <= from)) continue;
    for (const length of [CODE_LENGTH, CODE_LENGTH - 1, CODE_LENGTH + 1]) {
      const to = from + length;
      if (to > row.count || row.gaps[to] === JOINED || (next < taken.length && taken[next]!.from < to)) continue;
      const rank = damagedRank(row, from, length);
      if (rank !== undefined) windows.push({ from, to, intact: false, rank });
    }
  }
  return windows;
}

function damagedRank(row: SymbolRow, from: number, length: number): number | undefined {
  const to = from + length;
  if (!isMixed(row.symbols, from, from + HALF_LENGTH) && !isMixed(row.symbols, to - HALF_LENGTH, to)) return undefined;
  const bits = gapBits(row, from, length);
  if (bits === -1) return undefined;
  let gaps = 0;
  let spaces = 0;
  let holes = 0;
  for (let i = 1; i < length; i += 1) {
    const gap = row.gaps[from + i]!;
    if (gap === HOLE) holes += 1;
    else if (gap !== JOINED) gaps += 1;
    if (gap === SPACED) spaces += 1;
  }
  // A hole is itself the damage: it stands where a symbol was.
  if (holes > 1 || (holes === 1 && length > CODE_LENGTH)) return undefined;
  if (gaps > 2 || !hasMixedGroup(row, from, length, HALF_LENGTH - 2)) return undefined;
  const oneGapAtHalf = gaps === 1 && (row.gaps[from + HALF_LENGTH]! !== JOINED || row.gaps[to - HALF_LENGTH]! !== JOINED);
  const asWritten = spaces === 0 && (oneGapAtHalf || (gaps === 0 && holes === 0));
  // Half a code and the word beside it make a window too ("…X9PRT. Hello", "Hello (K7QM2…"): spaces and brackets count for less than a dash.
  const form = asWritten ? AS_WRITTEN : oneGapAtHalf && holes === 0 ? SPACED_HALVES : OTHER_PIECES;
  return form + (length === CODE_LENGTH ? 0 : 1);
}
