/**
 * How long people take between click and message. A law is its distribution function in a table over logarithmic steps: drawn by inverting the
 * table and weighed by reading it, so that generator and oracle share it to the last digit, whatever the family.
 */
import type { Random } from '../quality/random.ts';

/** Nobody writes later; the families' tails beyond are cut off and the rest scaled up. */
export const REACH_S = 96 * 3_600;
const FIRST_S = 0.4;
const POINTS = 1_400;
const STEP = Math.log(REACH_S / FIRST_S) / (POINTS - 1);
const GRID = Float64Array.from({ length: POINTS }, (_, at) => FIRST_S * Math.exp(at * STEP));

export interface DelayLaw {
  /** P(delay <= seconds). */
  below(seconds: number): number;
  draw(random: Random): number;
}

export type Distribution = (seconds: number) => number;

export function lawOf(distribution: Distribution): DelayLaw {
  const whole = distribution(REACH_S);
  const table = GRID.map((seconds) => distribution(seconds) / whole);
  return {
    below(seconds) {
      if (seconds <= 0) return 0;
      if (seconds <= FIRST_S) return (table[0]! * seconds) / FIRST_S;
      if (seconds >= REACH_S) return 1;
      const at = Math.min(POINTS - 2, Math.floor(Math.log(seconds / FIRST_S) / STEP));
      const [from, to] = [GRID[at]!, GRID[at + 1]!];
      return table[at]! + ((table[at + 1]! - table[at]!) * (seconds - from)) / (to - from);
    },
    draw(random) {
      const u = random.next();
      if (u <= table[0]!) return (FIRST_S * u) / Math.max(table[0]!, Number.MIN_VALUE);
      let [low, high] = [0, POINTS - 1];
      while (high - low > 1) {
        const middle = (low + high) >> 1;
        if (table[middle]! < u) low = middle;
        else high = middle;
      }
      const width = table[high]! - table[low]!;
      return GRID[low]! + (width > 0 ? ((u - table[low]!) / width) * (GRID[high]! - GRID[low]!) : 0);
    },
  };
}

export function logLogistic(medianS: number, shape: number): Distribution {
  return (seconds) => (seconds <= 0 ? 0 : 1 / (1 + (medianS / seconds) ** shape));
}

/** Regularised lower incomplete gamma function: its series below the mean, Lentz's continued fraction above. */
export function gamma(meanS: number, shape: number): Distribution {
  const logGamma = logGammaOf(shape);
  return (seconds) => {
    const x = (seconds * shape) / meanS;
    if (x <= 0) return 0;
    const front = Math.exp(shape * Math.log(x) - x - logGamma);
    if (x < shape + 1) {
      let [term, sum] = [1 / shape, 1 / shape];
      for (let n = 1; n < 500 && term > sum * 1e-14; n += 1) {
        term *= x / (shape + n);
        sum += term;
      }
      return front * sum;
    }
    let b = x + 1 - shape;
    let c = 1e300;
    let d = 1 / b;
    let h = d;
    for (let n = 1; n < 500; n += 1) {
      const a = -n * (n - shape);
      b += 2;
      d = 1 / (a * d + b);
      c = b + a / c;
      h *= d * c;
      if (Math.abs(d * c - 1) < 1e-14) break;
    }
    return 1 - front * h;
  };
}

/** Stirling's series after shifting the argument above ten. */
function logGammaOf(x: number): number {
  let shift = 0;
  let z = x;
  for (; z < 10; z += 1) shift -= Math.log(z);
  return shift + (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + 1 / (12 * z) - 1 / (360 * z ** 3) + 1 / (1260 * z ** 5);
}

export function mixture(parts: readonly (readonly [weight: number, Distribution])[]): Distribution {
  const whole = parts.reduce((sum, [weight]) => sum + weight, 0);
  return (seconds) => parts.reduce((sum, [weight, part]) => sum + weight * part(seconds), 0) / whole;
}

const SPLITS = 48;

/** Delay times `slower`, plus time spent on editing: a sum of two times, by quantiles of the second. */
export function edited(delay: Distribution, slower: number, editing: DelayLaw): Distribution {
  const times = Array.from({ length: SPLITS }, (_, at) => quantile(editing, (at + 0.5) / SPLITS));
  return (seconds) => times.reduce((sum, time) => sum + (seconds > time ? delay((seconds - time) / slower) : 0), 0) / SPLITS;
}

function quantile(law: DelayLaw, share: number): number {
  let [low, high] = [0, REACH_S];
  for (let round = 0; round < 60; round += 1) {
    const middle = (low + high) / 2;
    if (law.below(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const EVENING_MS = 20.5 * 3_600_000;
const EVENING_SCALE_S = 1_500;
const DAY_MS = 86_400_000;
/** Who comes back in the evening has been away for this long at least. */
const AWAY_S = 1_200;

/** "I will write tonight": half past eight by local time, the next day when that is near or over. A logistic law around it. */
export function eveningLaw(clickMs: number, zoneMs: number): DelayLaw {
  const localMs = clickMs + zoneMs;
  const intoDayMs = ((localMs % DAY_MS) + DAY_MS) % DAY_MS;
  const awayMs = EVENING_MS - intoDayMs;
  const middleS = (awayMs > 5_400_000 ? awayMs : awayMs + DAY_MS) / 1_000;
  const cut = 1 / (1 + Math.exp((middleS - AWAY_S) / EVENING_SCALE_S));
  const plain = (seconds: number): number => 1 / (1 + Math.exp((middleS - seconds) / EVENING_SCALE_S));
  return {
    below: (seconds) => (seconds <= AWAY_S ? 0 : (plain(seconds) - cut) / (1 - cut)),
    draw(random) {
      const u = cut + random.next() * (1 - cut);
      return middleS + EVENING_SCALE_S * Math.log(u / (1 - u));
    },
  };
}
