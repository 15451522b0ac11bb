import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SYMBOLS } from '../src/alphabet.ts';
import { isOneSlipAway, MIN_INDEXED_LENGTH, NearCodeIndex } from '../src/near-code-index.ts';
import { newCode } from '../src/tracking-code.ts';
import { isNear } from './damages.ts';

/** Few letters make many neighbours. */
const text = fc.string({ unit: fc.constantFrom('K', 'M', '7'), maxLength: 8 });

function neighboursOf(code: string, alphabet: string): Set<string> {
  const all = new Set<string>();
  for (let i = 0; i <= code.length; i += 1) {
    for (const symbol of alphabet) {
      all.add(code.slice(0, i) + symbol + code.slice(i));
      if (i < code.length) all.add(code.slice(0, i) + symbol + code.slice(i + 1));
    }
    if (i < code.length) all.add(code.slice(0, i) + code.slice(i + 1));
    if (i + 1 < code.length) all.add(code.slice(0, i) + code[i + 1] + code[i] + code.slice(i + 2));
  }
  all.delete(code);
  return all;
}

describe('isOneSlipAway', () => {
  it('is a distance of exactly one', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(isOneSlipAway(a, b)).toBe(a !== b && isNear(a, b));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('an index of near codes', () => {
  it('finds what looking at every live code finds, while codes come and go', () => {
    const step = fc.record({ add: fc.boolean(), code: text });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.array(text, { minLength: 1, maxLength: 10 }), (steps, reads) => {
        const index = new NearCodeIndex();
        const live = new Set<string>();
        for (const { add, code } of steps) {
          if (add) index.add(code);
          else index.delete(code);
          if (add && code.length >= MIN_INDEXED_LENGTH) live.add(code);
          else live.delete(code);
        }
        expect(index.size).toBe(live.size);
        for (const read of [...reads, ...live]) {
          const near = index.near(read);
          expect(new Set(near).size).toBe(near.length);
          expect(new Set(near)).toEqual(new Set([...live].filter((code) => isOneSlipAway(read, code))));
          expect(index.near(read, 2).length).toBe(Math.min(2, near.length));
          expect(index.has(read)).toBe(live.has(read));
        }
      }),
      { numRuns: 500 },
    );
  });

  it('finds a code by every one of its neighbours', () => {
    for (let i = 0; i < 3; i += 1) {
      const index = new NearCodeIndex();
      const code = newCode(randomBytes);
      for (let other = 0; other < 2_000; other += 1) index.add(newCode(randomBytes));
      index.add(code);
      for (const read of neighboursOf(code, SYMBOLS)) expect(index.near(read)).toContain(code);
      index.delete(code);
      for (const read of neighboursOf(code, SYMBOLS)) expect(index.near(read)).not.toContain(code);
    }
  });

  it('uses the places of codes that are gone again', () => {
    const index = new NearCodeIndex();
    const codes = Array.from({ length: 5_000 }, () => newCode(randomBytes));
    for (const code of codes) index.add(code);
    for (let round = 0; round < 3; round += 1) {
      for (const code of codes) index.delete(code);
      expect(index.size).toBe(0);
      for (const code of codes) index.add(code);
      for (const code of codes.slice(0, 100)) expect(index.near(code.slice(1))).toContain(code);
    }
  });
});
