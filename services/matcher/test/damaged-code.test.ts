import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit, emptyClicks } from '../src/domain/click-store.ts';
import { isOneSlipAway, nearCode } from '../src/domain/damaged-code.ts';
import { click, T0 } from './support/log-builder.ts';

const RUNS = { numRuns: 2_000 };
const text = fc.string({ unit: fc.constantFrom('A', 'B', 'C'), maxLength: 7 });

describe('one slip', () => {
  it('is an optimal string alignment distance of one', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(isOneSlipAway(a, b)).toBe(alignmentDistance(a, b) === 1);
      }),
      RUNS,
    );
  });

  it('is found for every substitution, insertion, deletion and transposition of a code, both ways', () => {
    const code = 'QWXYZT';
    for (const other of neighbours(code, 'QA')) {
      expect([other, isOneSlipAway(code, other), isOneSlipAway(other, code)]).toEqual([other, true, true]);
    }
  });
});

describe('a code with a slip in it', () => {
  const codes = fc.uniqueArray(fc.string({ unit: fc.constantFrom('K', 'M', 'N', 'P'), minLength: 5, maxLength: 7 }), {
    minLength: 1,
    maxLength: 12,
  });
  const read = fc.string({ unit: fc.constantFrom('K', 'M', 'N', 'P'), minLength: 3, maxLength: 8 });

  it('is the only live code that near, or none is', () => {
    fc.assert(
      fc.property(codes, read, (live, seen) => {
        const store = storeOf(live);
        const near = live.filter((code) => alignmentDistance(code, seen) === 1);
        const found = nearCode(store, seen);
        if (seen.length < 4 || near.length !== 1) expect(found).toBeUndefined();
        else expect(found).toMatchObject({ read: seen, code: near[0] });
      }),
      RUNS,
    );
  });

  it('is used as long as hardly any text is that near to a live code by chance', () => {
    const digits = (count: number) => storeOf(Array.from({ length: count }, (_, index) => String(100_000 + index * 37)));
    // 6·9 substitutions, 7·10 insertions, 6 deletions and 5 transpositions among a million numbers, for each live one.
    expect(nearCode(digits(1), '100001')?.collision).toBeCloseTo(135e-6, 9);
    expect(nearCode(digits(66), '955555')).toBeUndefined();
    expect(nearCode(digits(66), '10000')?.collision).toBeCloseTo(66 * 135e-6, 9);
    expect(nearCode(digits(67), '10000')).toBeUndefined();
  });
});

function storeOf(live: readonly string[]) {
  const store = emptyClicks();
  live.forEach((code, index) => {
    expect(admit(store, click({ id: `c${index}`, code, at: T0 + index }).click, T0 + index, true)).toBe(true);
  });
  return store;
}

function neighbours(code: string, letters: string): readonly string[] {
  const out: string[] = [];
  for (let at = 0; at <= code.length; at += 1) {
    for (const letter of letters) {
      out.push(code.slice(0, at) + letter + code.slice(at));
      if (at < code.length && code[at] !== letter) out.push(code.slice(0, at) + letter + code.slice(at + 1));
    }
    if (at < code.length) out.push(code.slice(0, at) + code.slice(at + 1));
    if (at + 1 < code.length) out.push(code.slice(0, at) + code[at + 1]! + code[at]! + code.slice(at + 2));
  }
  return out;
}

/** By the book, in a table. */
function alignmentDistance(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, row) => Array.from({ length: b.length + 1 }, (_, column) => row + column));
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(table[i - 1]![j]! + 1, table[i]![j - 1]! + 1, table[i - 1]![j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, table[i - 2]![j - 2]! + 1);
      table[i]![j] = best;
    }
  }
  return table[a.length]![b.length]!;
}
