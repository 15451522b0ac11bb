/**
 * Three check symbols of a Reed–Solomon code over GF(32): minimum distance 4, so every one, two or three wrong symbols and every
 * transposition are noticed with certainty; anything else passes with 2^-15.
 * A fixed offset makes it a coset: without it, shifting a code whose first symbol is 0 would give another valid code.
 */
export const CHECK_SYMBOLS = 3;

const OFFSET = [11, 22, 5] as const;

/** Coefficients of (x - 2)(x - 4)(x - 8) over GF(32) with x^5 + x^2 + 1, below the leading 1, highest first: 2, 4 and 8 are the first powers of the field's generator. */
const GENERATOR = [14, 29, 10] as const;

/**
 * 32 rows of generator multiples: the inner loop of detection is three look-ups a symbol. Filled by doubling, because every page that loads the snippet fills
 * them while its processor has better things to do: twice a number is a shift, reduced where it leaves the field.
 */
const [ROW0, ROW1, ROW2] = GENERATOR.map((coefficient) => {
  const row = new Uint8Array(32);
  for (let factor = 1; factor < 32; factor += 1) {
    const half = row[factor >> 1]!;
    row[factor] = (half << 1) ^ (half & 16 ? 0b100101 : 0) ^ (factor & 1 ? coefficient : 0);
  }
  return row;
}) as [Uint8Array, Uint8Array, Uint8Array];

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
