/** Shapes of a day: twenty-four relative rates by hour (UTC) whose mean is 1, learned from few counts. */
export type DayShape = Float64Array;

export const FLAT_DAY: DayShape = new Float64Array(24).fill(1);
const HOUR_MS = 3_600_000;

/** Share of the time from `fromMs` to `toMs` that fell into each hour of the day; sums to 1. Even where there is no time. */
export function hoursCovered(fromMs: number, toMs: number): Float64Array {
  const covered = new Float64Array(24);
  if (!(toMs > fromMs)) return covered.fill(1 / 24);
  const spanMs = toMs - fromMs;
  const days = Math.floor(spanMs / (24 * HOUR_MS));
  covered.fill((days * HOUR_MS) / spanMs);
  for (let atMs = fromMs + days * 24 * HOUR_MS; atMs < toMs; ) {
    const endMs = Math.min(toMs, (Math.floor(atMs / HOUR_MS) + 1) * HOUR_MS);
    covered[Math.floor(atMs / HOUR_MS) % 24]! += (endMs - atMs) / spanMs;
    atMs = endMs;
  }
  return covered;
}

/** From then on all hours of the day have been watched for nearly the same time. */
const EVEN_FROM_S = 3 * 86_400;
const EVENLY = new Float64Array(24).fill(1 / 24);

export function isWatchedEvenly(observedS: number): boolean {
  return observedS >= EVEN_FROM_S;
}

/** Share of the time that each hour of the day was watched for, by who began to so long ago. */
export function watched(observedS: number, nowMs: number): Float64Array {
  return isWatchedEvenly(observedS) ? EVENLY : hoursCovered(nowMs - observedS * 1_000, nowMs);
}

/** Waves of a day and less: an eighth of a day is the sharpest that a few hundred counts can show. */
export const WAVES = 8;
export const COS = wavesOf(Math.cos);
export const SIN = wavesOf(Math.sin);
/** Counts an hour that are taken to be as expected: an hour that has hardly been watched says nothing. */
const AS_EXPECTED = 0.25;
/** Nobody's night is quite silent. */
const LEAST = 0.03;

/**
 * The expected shape, and what the counts say beyond it: their waves, each drawn to nothing by its variance in so few counts (2 / n) against that of real
 * days, `spread` by wave as standard deviation (Wiener's filter). A kernel keeps the noise of all waves alike, and days have few.
 */
export function dayShape(counts: Float64Array, covered: Float64Array, expected: DayShape, spread: Float64Array): DayShape {
  const beyond = wavesBeyond(counts, covered, expected);
  if (beyond === undefined) return expected;
  const { all, even, odd } = beyond;
  const shape = expected.slice();
  for (let wave = 1; wave <= WAVES; wave += 1) {
    const at = (wave - 1) * 24;
    const variance = spread[wave - 1]! ** 2;
    const kept = variance / (variance + 2 / all);
    for (let hour = 0; hour < 24; hour += 1) shape[hour]! += kept * (even[wave - 1]! * COS[at + hour]! + odd[wave - 1]! * SIN[at + hour]!);
  }
  return normalisedDay(shape);
}

/** In place: with a mean of 1, and no hour quite silent. */
export function normalisedDay(shape: DayShape): DayShape {
  let sum = 0;
  for (let hour = 0; hour < 24; hour += 1) {
    shape[hour] = Math.max(LEAST, shape[hour]!);
    sum += shape[hour]!;
  }
  for (let hour = 0; hour < 24; hour += 1) shape[hour]! = (shape[hour]! * 24) / sum;
  return shape;
}

/** Standard deviations by wave of days whose sharper waves are the smaller ones, as those of most are; `first`: of the first wave. */
export function spreads(first: number): Float64Array {
  return Float64Array.from({ length: WAVES }, (_, wave) => first / (wave + 1));
}

/**
 * The spread of the first wave that the counts themselves show: how far their waves go beyond the expected shape, less what so few counts do by chance (method of moments). 0 where it is no more than that.
 */
export function spreadOf(counts: Float64Array, covered: Float64Array, expected: DayShape): number {
  const beyond = wavesBeyond(counts, covered, expected);
  if (beyond === undefined) return 0;
  const { all, even, odd } = beyond;
  let power = 0;
  let weight = 0;
  for (let wave = 1; wave <= WAVES; wave += 1) {
    power += even[wave - 1]! ** 2 + odd[wave - 1]! ** 2 - 4 / all;
    weight += 2 / wave ** 2;
  }
  return Math.sqrt(Math.max(0, power / weight));
}

interface Waves {
  /** How many counts they are told by. */
  readonly all: number;
  /** Amplitudes of the cosine and the sine of each wave. */
  readonly even: Float64Array;
  readonly odd: Float64Array;
}

/** What the counts say beyond the expected shape; undefined while there are none. */
function wavesBeyond(counts: Float64Array, covered: Float64Array, expected: DayShape): Waves | undefined {
  let all = 0;
  let due = 0;
  for (let hour = 0; hour < 24; hour += 1) {
    all += counts[hour]!;
    due += covered[hour]! * expected[hour]!;
  }
  if (!(all > 0 && due > 0)) return undefined;
  const beyond = new Float64Array(24);
  for (let hour = 0; hour < 24; hour += 1) {
    const usual = expected[hour]!;
    beyond[hour] = (AS_EXPECTED * usual + counts[hour]!) / (AS_EXPECTED + (all * covered[hour]!) / due) - usual;
  }
  const even = new Float64Array(WAVES);
  const odd = new Float64Array(WAVES);
  for (let wave = 0; wave < WAVES; wave += 1) {
    for (let hour = 0; hour < 24; hour += 1) {
      even[wave]! += (beyond[hour]! * COS[wave * 24 + hour]!) / 12;
      odd[wave]! += (beyond[hour]! * SIN[wave * 24 + hour]!) / 12;
    }
  }
  return { all, even, odd };
}

/** The shapes weighed by how well each explains the counts. */
export function likeliestDay(
  shapes: readonly (readonly [shape: DayShape, prior: number])[],
  counts: Float64Array,
  covered: Float64Array,
): DayShape {
  let best = Number.NEGATIVE_INFINITY;
  const logs = shapes.map(([shape, prior]) => {
    let log = Math.log(prior);
    let all = 0;
    let due = 0;
    for (let hour = 0; hour < 24; hour += 1) {
      all += counts[hour]!;
      due += covered[hour]! * shape[hour]!;
      log += counts[hour]! * Math.log(shape[hour]!);
    }
    log -= all * Math.log(due);
    best = Math.max(best, log);
    return log;
  });
  const mixed = new Float64Array(24);
  let sum = 0;
  shapes.forEach(([shape], index) => {
    const weight = Math.exp(logs[index]! - best);
    sum += weight;
    for (let hour = 0; hour < 24; hour += 1) mixed[hour]! += weight * shape[hour]!;
  });
  return mixed.map((each) => each / sum);
}

function wavesOf(of: (angle: number) => number): Float64Array {
  return Float64Array.from({ length: WAVES * 24 }, (_, at) => of((2 * Math.PI * (Math.floor(at / 24) + 1) * (at % 24)) / 24));
}
