/**
 * Three check symbols of a Reed–Solomon code over GF(32): minimum distance 4, so every one, two or three wrong symbols and every
 * transposition are noticed with certainty; anything else passes with 2^-15.
 * A fixed offset makes it a coset: without it, shifting a code whose first symbol is 0 would give another valid code.
 */
export const CHECK_SYMBOLS = 3;

const OFFSET = [11, 22, 5] as const;

/** In GF(32) with x^5 + x^2 + 1. Without tables of powers: it fills the rows below once, and those who make codes in a page load it. */
function multiply(a: number, b: number): number {
  let product = 0;
  for (let factor = a, rest = b; rest > 0; rest >>= 1) {
    if (rest & 1) product ^= factor;
    factor <<= 1;
    if (factor & 32) factor ^= 0b100101;
  }
  return product;
}

/** Coefficients of (x - 2)(x - 4)(x - 8) below the leading 1, highest first: 2, 4 and 8 are the first powers of the field's generator. */
const GENERATOR = [2 ^ 4 ^ 8, multiply(2, 4) ^ multiply(2, 8) ^ multiply(4, 8), multiply(multiply(2, 4), 8)] as const;

/** 32 rows of generator multiples: the inner loop of detection is three look-ups a symbol. */
const [ROW0, ROW1, ROW2] = GENERATOR.map((g) => Uint8Array.from({ length: 32 }, (_, factor) => multiply(factor, g))) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

/** The check symbols of `symbols[from .. from + count)` packed as 15 bits, first one highest. */
export function checksum(symbols: ArrayLike<number>, from: number, count: number): number {
  let [a, b, c] = [0, 0, 0];
  for (let i = from; i < from + count; i += 1) {
    const factor = symbols[i]! ^ a;
    a = b ^ ROW0[factor]!;
    b = c ^ ROW1[factor]!;
    c = ROW2[factor]!;
  }
  return ((a ^ OFFSET[0]) << 10) | ((b ^ OFFSET[1]) << 5) | (c ^ OFFSET[2]);
}
