/**
 * How often an ordinary message is taken for one that holds a code: the reading of the gateway, then the rule of the matcher (an intact code must be live; a
 * damaged one must have exactly one live code a slip away).
 *
 * Both are so rare that counting says "none" for any number of messages that a run can read. So beside the count stands the expectation over all sets
 * of live codes, which needs no luck: what is read is fixed, live codes are random, and a valid code is live with probability N / V.
 */
import { SYMBOLS } from '@messtrack/tracking-code/alphabet.ts';
import { findCodes } from '@messtrack/tracking-code/codes-in-text.ts';
import { NearCodeIndex } from '@messtrack/tracking-code/near-code-index.ts';
import { isCode, newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { type Corpus, message } from './messages.ts';
import { bytesOf, seeded } from './random.ts';

export interface FalseAccepts {
  readonly live: number;
  readonly messages: number;
  /** Messages in which an intact code was read, live or not. */
  readonly readIntact: number;
  /** Messages in which a damaged candidate was read. */
  readonly readDamaged: number;
  readonly acceptedIntact: number;
  readonly acceptedRepaired: number;
  readonly expectedIntact: number;
  readonly expectedRepaired: number;
}

/** Draws of ten symbols that keep the shape rule: (1 - (24/32)^5 … ) per half, exactly; see `shapeShare`. */
const RANDOM_SPACE = 2 ** 35;

export function measureFalseAccepts(corpus: Corpus, messages: number, liveCounts: readonly number[]): readonly FalseAccepts[] {
  const accounts = liveCounts.map((live, index) => liveCodes(live, seeded(1_000 + index)));
  const space = RANDOM_SPACE * shapeShare(seeded(7));
  const counts = accounts.map(() => ({ acceptedIntact: 0, acceptedRepaired: 0 }));
  let readIntact = 0;
  let readDamaged = 0;
  let validRead = 0;
  let validNeighbours = 0;
  const random = seeded(42);
  for (let n = 0; n < messages; n += 1) {
    const codes = findCodes(message(random, corpus));
    if (codes.length === 0) continue;
    const intact = codes.filter((found) => found.intact);
    if (intact.length > 0) readIntact += 1;
    if (intact.length < codes.length) readDamaged += 1;
    validRead += intact.length;
    for (const { code } of codes) validNeighbours += countValidNeighbours(code);
    accounts.forEach((index, account) => {
      const count = counts[account]!;
      if (intact.some(({ code }) => index.has(code))) count.acceptedIntact += 1;
      else if (codes.some(({ code }) => index.near(code, 2).length === 1)) count.acceptedRepaired += 1;
    });
  }
  return liveCounts.map((live, account) => ({
    live,
    messages,
    readIntact,
    readDamaged,
    ...counts[account]!,
    expectedIntact: (validRead * live) / space / messages,
    expectedRepaired: (validNeighbours * live) / space / messages,
  }));
}

function liveCodes(count: number, random: () => number): NearCodeIndex {
  const index = new NearCodeIndex();
  while (index.size < count) index.add(newCode(bytesOf(random)));
  return index;
}

/** Share of random parts that make a code which keeps to the shape rule. */
function shapeShare(random: () => number): number {
  const draws = 200_000;
  let drawn = 0;
  for (let n = 0; n < draws; n += 1) {
    newCode((length) => {
      drawn += 1;
      return bytesOf(random)(length);
    });
  }
  return draws / drawn;
}

/** Codes, live or not, that are one slip from what was read. */
function countValidNeighbours(read: string): number {
  const valid = new Set<string>();
  const test = (code: string) => {
    if (code.length === 10 && code !== read && isCode(code)) valid.add(code);
  };
  for (let i = 0; i <= read.length; i += 1) {
    const [head, tail] = [read.slice(0, i), read.slice(i)];
    test(head + tail.slice(1));
    if (tail.length > 1) test(head + tail[1]! + tail[0]! + tail.slice(2));
    for (const symbol of SYMBOLS) {
      test(head + symbol + tail);
      test(head + symbol + tail.slice(1));
    }
  }
  return valid.size;
}
