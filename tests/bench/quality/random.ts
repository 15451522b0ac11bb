/**
 * Seeded random numbers (sfc32): the same regime and seed write the same files on every machine. Everything is drawn through this interface, so
 * that the generator stays a pure function.
 */
export interface Random {
  /** Uniform in [0, 1), 32 bits. */
  next(): number;
  /** Uniform integer in [0, n). */
  below(n: number): number;
  normal(): number;
  exponential(): number;
  gamma(shape: number): number;
  beta(a: number, b: number): number;
  /** Probabilities drawn from a Dirichlet; entries of `weights` that are 0 stay 0. */
  dirichlet(weights: readonly number[]): number[];
  /** An index, with the given weights; they need not sum to 1. */
  index(weights: readonly number[]): number;
  /** `length` symbols of `alphabet`. */
  text(alphabet: string, length: number): string;
}

export function createRandom(...seeds: readonly number[]): Random {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 1];
  const next32 = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    return t >>> 0;
  };
  for (const seed of seeds) {
    a ^= seed | 0;
    for (let round = 0; round < 16; round += 1) next32();
  }
  const next = (): number => next32() / 4_294_967_296;
  const below = (n: number): number => Math.floor(next() * n);
  // 1 − u lies in (0, 1], so that the logarithm is finite.
  const exponential = (): number => -Math.log(1 - next());
  let spare: number | undefined;
  const normal = (): number => {
    if (spare !== undefined) {
      const value = spare;
      spare = undefined;
      return value;
    }
    const radius = Math.sqrt(2 * exponential());
    const angle = 2 * Math.PI * next();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
  /** Marsaglia & Tsang 2000; below shape 1 through the boost U^(1/shape). */
  const gamma = (shape: number): number => {
    if (shape < 1) return gamma(shape + 1) * (1 - next()) ** (1 / shape);
    const d = shape - 1 / 3;
    const k = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + k * x) ** 3;
      if (v > 0 && Math.log(1 - next()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  };
  return {
    next,
    below,
    normal,
    exponential,
    gamma,
    beta(alpha, beta) {
      const x = gamma(alpha);
      return x / (x + gamma(beta));
    },
    dirichlet(weights) {
      const drawn = weights.map((weight) => (weight > 0 ? gamma(weight) : 0));
      const total = drawn.reduce((sum, value) => sum + value, 0);
      return drawn.map((value) => value / total);
    },
    index(weights) {
      let total = 0;
      for (const weight of weights) total += weight;
      let at = next() * total;
      for (let i = 0; i < weights.length; i += 1) {
        at -= weights[i]!;
        if (at < 0) return i;
      }
      return weights.length - 1;
    },
    text(alphabet, length) {
      let text = '';
      for (let i = 0; i < length; i += 1) text += alphabet[below(alphabet.length)];
      return text;
    },
  };
}
