import type { ClicksByText } from './clicks-by-text.ts';

/** A code with a slip in it: one symbol wrong, missing or too many, or two neighbours swapped. */
export interface Repair {
  /** As it was read. */
  readonly read: string;
  /** The one live code that near. */
  readonly code: string;
  /** How likely a text of this length that is no code at all is that near to some live code of the account. */
  readonly collision: number;
}

/** More than this, and the answer would be less than .99 likely to be right, ε of any identifier counted: the posterior decides. */
const MAX_COLLISION = 0.009;
const MIN_LENGTH = 4;

/** The only live code one slip away; undefined when there is none, more than one, or when nearness means little here. */
export function nearCode(store: { readonly byCode: Pick<ClicksByText, 'keys' | 'size'> }, read: string): Repair | undefined {
  if (read.length < MIN_LENGTH) return undefined;
  let near: string | undefined;
  for (const code of store.byCode.keys()) {
    if (!sharesAnEnd(read, code) || !isOneSlipAway(read, code)) continue;
    if (near !== undefined) return undefined;
    near = code;
  }
  if (near === undefined) return undefined;
  const collision = collisionOf(near, store.byCode.size);
  return collision > MAX_COLLISION ? undefined : { read, code: near, collision };
}

/**
 * One slip in four symbols or more leaves the first or the last as it was. Asked first, because it turns away all but one in sixteen of
 * thousands of live codes, and anybody can send made-up codes.
 */
function sharesAnEnd(a: string, b: string): boolean {
  return a.charCodeAt(0) === b.charCodeAt(0) || a.charCodeAt(a.length - 1) === b.charCodeAt(b.length - 1);
}

/** Live codes times neighbours of each, over the texts of that length in its alphabet: digits, or 32 letters and digits. */
function collisionOf(code: string, live: number): number {
  const symbols = /^\d+$/.test(code) ? 10 : 32;
  const { length } = code;
  const neighbours = length * (symbols - 1) + (length + 1) * symbols + length + (length - 1);
  return Math.min(1, (live * neighbours) / symbols ** length);
}

/** Optimal string alignment distance of exactly one, in one pass from both ends. */
export function isOneSlipAway(a: string, b: string): boolean {
  const difference = a.length - b.length;
  if (difference > 1 || difference < -1 || a === b) return false;
  let start = 0;
  const shorter = Math.min(a.length, b.length);
  while (start < shorter && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
  if (difference === 1) return a.slice(start + 1) === b.slice(start);
  if (difference === -1) return a.slice(start) === b.slice(start + 1);
  if (a.slice(start + 1) === b.slice(start + 1)) return true;
  return (
    start + 1 < a.length &&
    a.charCodeAt(start) === b.charCodeAt(start + 1) &&
    a.charCodeAt(start + 1) === b.charCodeAt(start) &&
    a.slice(start + 2) === b.slice(start + 2)
  );
}
