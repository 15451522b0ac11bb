/**
 * Codes in a row of symbols, whatever the symbols looked like in the text. Every window is looked at once and costs at most a fixed
 * number of steps: time grows with the length of the row and with nothing else.
 */
import {
  APART,
  bitsFrom,
  bitsOf,
  gapAt,
  HOLE,
  hasBit,
  isMixedIn,
  lastBitBefore,
  lowestBit,
  nextBit,
  SPACED,
  type SymbolRow,
} from './symbol-row.ts';
import { CODE_LENGTH, checksumHolds, HALF_LENGTH } from './tracking-code.ts';

/** At most this many candidates: a text that holds more is no message of a person about to buy. */
export const MAX_CANDIDATES = 8;

export interface CodeWindow {
  readonly from: number;
  readonly to: number;
  readonly intact: boolean;
  /** A form below, plus 1 when a symbol is missing or too many; lower is more like what we wrote. */
  readonly rank: number;
}

/** Undivided, or divided by a dash or its relatives at the middle. */
const AS_WRITTEN = 0;
export const SPACED_HALVES = 2;
const OTHER_PIECES = 4;

/** At least this many symbols with a digit and a letter stand together in a damaged code. */
const MIXED_GROUP = HALF_LENGTH - 2;

/** Considered per text; eight of them are named. */
const MAX_DAMAGED = 64;

const NONE: readonly CodeWindow[] = [];

/** Intact ones first, each code once, at most eight. */
export function findWindows(row: SymbolRow): readonly CodeWindow[] {
  const intact = intactWindows(row);
  const damaged = damagedWindows(row, intact);
  if (intact.length + damaged.length < 2) return intact.length === 0 ? damaged : intact;
  return distinct(row, intact, byLikeness(damaged));
}

function byLikeness(damaged: readonly CodeWindow[]): readonly CodeWindow[] {
  return damaged.length < 2 ? damaged : damaged.toSorted((a, b) => a.rank - b.rank || a.from - b.from);
}

function distinct(row: SymbolRow, intact: readonly CodeWindow[], damaged: readonly CodeWindow[]): readonly CodeWindow[] {
  const found: CodeWindow[] = [];
  for (const window of intact) if (found.length < MAX_CANDIDATES && !isKnown(row, found, window)) found.push(window);
  const kept: CodeWindow[] = [];
  for (const window of damaged) {
    if (found.length === MAX_CANDIDATES) break;
    if (window.rank >= SPACED_HALVES && kept.some((better) => better.rank < SPACED_HALVES && overlap(better, window))) continue;
    kept.push(window);
    if (!isKnown(row, found, window)) found.push(window);
  }
  return found;
}

/** Some window of `found` holds the same symbols. */
function isKnown({ symbols }: SymbolRow, found: readonly CodeWindow[], { from, to }: CodeWindow): boolean {
  for (const known of found) {
    let same = known.to - known.from === to - from;
    for (let i = from, at = known.from; same && i < to; i += 1, at += 1) same = symbols[i] === symbols[at];
    if (same) return true;
  }
  return false;
}

function overlap(a: CodeWindow, b: CodeWindow): boolean {
  return a.from < b.to && b.from < a.to;
}

/** Windows that begin in 32 symbols and lie wholly in them. */
const STARTS = 33 - CODE_LENGTH;

/** Bit i is set when one of the five bits from i on is: whether a half of a code holds one. */
function spread(bits: number): number {
  const pairs = bits | (bits >>> 1);
  return pairs | (pairs >>> 2) | (bits >>> 4);
}

function intactWindows(row: SymbolRow): readonly CodeWindow[] {
  const { count, digits, letters } = row;
  let found: CodeWindow[] | undefined;
  let free = 0;
  for (let base = 0; base + CODE_LENGTH <= count; base += STARTS) {
    // Both halves hold a digit and a letter: true of one place in ten.
    const halves = spread(bitsFrom(digits, base)) & spread(bitsFrom(letters, base));
    let starts = halves & (halves >>> HALF_LENGTH) & ((1 << STARTS) - 1);
    while (starts !== 0) {
      const from = base + lowestBit(starts);
      starts &= starts - 1;
      // Codes do not overlap; the end of the row tears what would reach beyond it.
      if (from < free || !isIntactAt(row, from)) continue;
      found ??= [];
      found.push({ from, to: from + CODE_LENGTH, intact: true, rank: AS_WRITTEN });
      free = from + CODE_LENGTH;
    }
  }
  return found ?? NONE;
}

/** Bit i is set when there is a gap before symbol `from + i`, 0 < i < length; -1 when the window is torn apart. */
function gapBits(row: SymbolRow, from: number, length: number): number {
  const bits = bitsOf(row.breaks, from, length) & ~1;
  for (let left = bits; left !== 0; left &= left - 1) if (gapAt(row, from + lowestBit(left)) === APART) return -1;
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

/** Of a window that has the shape of a code. */
function isIntactAt(row: SymbolRow, from: number): boolean {
  if (!checksumHolds(row.symbols, from)) return false;
  const bits = gapBits(row, from, CODE_LENGTH);
  if (bits === -1) return false;
  const startsFree = row.between[from] !== 0;
  const endsFree = row.between[from + CODE_LENGTH] !== 0;
  // Glued to a word or to another code on one side: only in the form we wrote it, with or without the dash.
  if (!startsFree || !endsFree) return (startsFree || endsFree) && (bits === 0 || bits === ONE_DASH);
  if (!hasSpace(row, from, bits)) return true;
  // Words and numbers side by side make windows too; a code cut up by spaces keeps a piece with letters and digits in it, or is cut evenly.
  return bits === ONE_DASH || EVEN_GAPS.has(bits) || hasMixedGroup(row, from, CODE_LENGTH, bits, 2);
}

/** Some gap of a window with these gaps is wider than punctuation. */
function hasSpace(row: SymbolRow, from: number, gaps: number): boolean {
  for (let left = gaps; left !== 0; left &= left - 1) if (gapAt(row, from + lowestBit(left)) >= SPACED) return true;
  return false;
}

/** Some run of at least `size` symbols without gap holds a digit and a letter. */
function hasMixedGroup(row: SymbolRow, from: number, length: number, gaps: number, size: number): boolean {
  let start = 0;
  for (let left = gaps | (1 << length); left !== 0; left &= left - 1) {
    const end = lowestBit(left);
    if (end - start >= size && isMixedIn(row, from + start, end - start)) return true;
    start = end;
  }
  return false;
}

/**
 * Codes with one symbol wrong, missing or too many. A single damage leaves one half as it was, so that half is mixed;
 * the window stands free on both sides and in at most three pieces, of which one is a mixed group. Words and numbers each for themselves
 * are no such group, so in most texts there is nothing to look at.
 */
function damagedWindows(row: SymbolRow, taken: readonly CodeWindow[]): readonly CodeWindow[] {
  let windows: CodeWindow[] | undefined;
  let next = 0;
  let covering = 0;
  let from = 0;
  for (let place = mixedGroups(row) - 1; place >= 0; place -= 1) {
    const start = groupStarts[place]!;
    const end = groupEnds[place]!;
    // A half of an intact code: every window that holds it overlaps that code.
    while (covering < taken.length && taken[covering]!.to < end) covering += 1;
    if (covering < taken.length && taken[covering]!.from <= start) continue;
    // Every window that holds MIXED_GROUP symbols of the group and was not looked at for an earlier one.
    for (from = Math.max(from, start + MIXED_GROUP - CODE_LENGTH - 1); from <= end - MIXED_GROUP; from += 1) {
      from = nextBit(row.breaks, from, end - MIXED_GROUP + 1);
      if (from > end - MIXED_GROUP) break;
      while (next < taken.length && taken[next]!.to <= from) next += 1;
      const limit = next < taken.length ? taken[next]!.from : row.count;
      for (let ends = bitsOf(row.breaks, from + CODE_LENGTH - 1, 3); ends !== 0; ends &= ends - 1) {
        const to = from + CODE_LENGTH - 1 + lowestBit(ends);
        if (to > limit) break;
        const rank = damagedRank(row, from, to - from);
        if (rank === undefined) continue;
        windows ??= [];
        windows.push({ from, to, intact: false, rank });
        if (windows.length === MAX_DAMAGED) return windows;
      }
    }
  }
  return windows ?? NONE;
}

/** Where mixed groups begin and end, the last one first. Kept from row to row. */
const groupStarts: number[] = [];
const groupEnds: number[] = [];

/** Runs without gap, at least MIXED_GROUP long, with a digit and a letter; from digit to digit, so that words cost nothing. Gives back how many. */
function mixedGroups({ count, between, digits, letters }: SymbolRow): number {
  let groups = 0;
  for (let digit = lastBitBefore(digits, count); digit >= 0; ) {
    let end = digit + 1;
    while (end < count && between[end] === 0) end += 1;
    let start = digit;
    while (start > 0 && between[start] === 0) start -= 1;
    if (end - start >= MIXED_GROUP && hasBit(letters, start, end)) {
      groupStarts[groups] = start;
      groupEnds[groups] = end;
      groups += 1;
    }
    digit = lastBitBefore(digits, start);
  }
  return groups;
}

function damagedRank(row: SymbolRow, from: number, length: number): number | undefined {
  const to = from + length;
  if (!isMixedIn(row, from, HALF_LENGTH) && !isMixedIn(row, to - HALF_LENGTH, HALF_LENGTH)) return undefined;
  let gaps = 0;
  let spaces = 0;
  let holes = 0;
  const bits = bitsOf(row.breaks, from, length) & ~1;
  for (let left = bits; left !== 0; left &= left - 1) {
    const gap = gapAt(row, from + lowestBit(left));
    if (gap === APART) return undefined;
    if (gap === HOLE) holes += 1;
    else gaps += 1;
    if (gap === SPACED) spaces += 1;
  }
  // A hole is itself the damage: it stands where a symbol was.
  if (holes > 1 || (holes === 1 && length > CODE_LENGTH)) return undefined;
  if (gaps > 2 || !hasMixedGroup(row, from, length, bits, MIXED_GROUP)) return undefined;
  const oneGapAtHalf = gaps === 1 && (row.between[from + HALF_LENGTH] !== 0 || row.between[to - HALF_LENGTH] !== 0);
  const asWritten = spaces === 0 && (oneGapAtHalf || (gaps === 0 && holes === 0));
  // Half a code and the word beside it make a window too ("…X9PRT. Hello", "Hello (K7QM2…"): spaces and brackets count for less than a dash.
  const form = asWritten ? AS_WRITTEN : oneGapAtHalf && holes === 0 ? SPACED_HALVES : OTHER_PIECES;
  return form + (length === CODE_LENGTH ? 0 : 1);
}
