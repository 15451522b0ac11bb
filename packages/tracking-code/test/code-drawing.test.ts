import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawCode } from '../src/code-drawing.ts';
import { newCode } from '../src/tracking-code.ts';

/** Hands out the bytes in order, then zeros, of which no code comes. */
function source(bytes: Uint8Array): { readonly random: (n: number) => Uint8Array; readonly used: () => number } {
  let at = 0;
  return {
    random: (n) => {
      const piece = new Uint8Array(n);
      piece.set(bytes.subarray(at, at + n));
      at += n;
      return piece;
    },
    used: () => at,
  };
}

function outcome(make: (random: (n: number) => Uint8Array) => string, bytes: Uint8Array): { readonly code: string; readonly used: number } {
  const { random, used } = source(bytes);
  try {
    return { code: make(random), used: used() };
  } catch (error) {
    return { code: String(error), used: used() };
  }
}

describe('drawCode', () => {
  it('makes the code that newCode makes, of the same bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 7, maxLength: 140 }), (bytes) => {
        expect(outcome(drawCode, bytes)).toEqual(outcome(newCode, bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  it('throws instead of looping when the randomness is broken', () => {
    expect(() => drawCode((n) => new Uint8Array(n))).toThrow('randomness');
  });
});
