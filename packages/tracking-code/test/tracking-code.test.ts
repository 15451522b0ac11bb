import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SYMBOLS } from '../src/alphabet.ts';
import { displayCode, isCode, newCode } from '../src/tracking-code.ts';

const codes = Array.from({ length: 2_000 }, () => newCode(randomBytes));

describe('newCode', () => {
  it('gives canonical codes with the right checksum', () => {
    for (const code of codes) {
      expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/);
      expect(isCode(code)).toBe(true);
    }
  });

  it('uses every symbol in every random place', () => {
    for (let place = 0; place < 7; place += 1) expect(new Set(codes.map((code) => code[place])).size).toBe(32);
  });

  it('throws instead of looping when the randomness is broken', () => {
    expect(() => newCode((n) => new Uint8Array(n))).toThrow('randomness');
  });
});

describe('isCode', () => {
  it('refuses every single wrong symbol and every swap of neighbours', () => {
    for (const code of codes.slice(0, 200)) {
      for (let place = 0; place < 10; place += 1) {
        for (const symbol of SYMBOLS) {
          if (symbol === code[place]) continue;
          expect(isCode(code.slice(0, place) + symbol + code.slice(place + 1))).toBe(false);
        }
        const swapped = code.slice(0, place) + (code[place + 1] ?? '') + code[place] + code.slice(place + 2);
        if (swapped !== code) expect(isCode(swapped)).toBe(false);
      }
    }
  });

  it('refuses what is not canonical', () => {
    const code = codes[0]!;
    for (const other of ['', displayCode(code), code.toLowerCase().replace(/^\d+$/, ''), `${code} `, code.slice(1)])
      expect(isCode(other)).toBe(false);
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => !isCode(text)));
  });
});
