/**
 * Three check symbols of a Reed–Solomon code over GF(32): minimum distance 4, so every one, two or three wrong symbols and every
 * transposition are noticed with certainty; anything else passes with 2^-15.
 * A fixed offset makes it a coset: without it, shifting a code whose first symbol is 0 would give another valid code.
 */
export const CHECK_SYMBOLS = 3;

const OFFSET = [11, 22, 5] as const;

/** Powers and logarithms of the generator of GF(32) with x^5 + x^2 + 1, doubled so that sums of logarithms need no modulus. */
const EXP = new Uint8Array(62);
const LOG = new Uint8Array(32);
for (let power = 0, value = 1; power < 31; power += 1) {
  EXP[power] = value;
  EXP[power + 31] = value;
  LOG[value] = power;
  value <<= 1;
  if (value & 32) value ^= 0b100101;
}

function multiply(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : EXP[LOG[a]! + LOG[b]!]!;
}

/** Coefficients of (x - g)(x - g^2)(x - g^3) below the leading 1, highest first. */
const GENERATOR = generatorCoefficients();

function generatorCoefficients(): readonly [number, number, number] {
  const [r1, r2, r3] = [EXP[1]!, EXP[2]!, EXP[3]!];
  return [r1 ^ r2 ^ r3, multiply(r1, r2) ^ multiply(r1, r3) ^ multiply(r2, r3), multiply(multiply(r1, r2), r3)];
}

/** 32 rows of generator multiples: the inner loop of detection is three look-ups a symbol. */
const ROWS = Array.from({ length: 32 }, (_, factor) => GENERATOR.map((g) => multiply(factor, g)));
const ROW0 = Uint8Array.from(ROWS, (row) => row[0]!);
const ROW1 = Uint8Array.from(ROWS, (row) => row[1]!);
const ROW2 = Uint8Array.from(ROWS, (row) => row[2]!);

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
