/**
 * Delays between a click and its message, in bins: one below zero (a messenger's clock behind the edge's), one for the first second,
 * then 64 log-spaced ones from 1 s to 3 d. Messengers tell whole seconds, so nothing finer than a second can be learned.
 */
const LOG_BINS = 64;
export const MIN_DELAY_S = -5;
export const MAX_DELAY_S = 3 * 86_400;
export const DELAY_BINS = LOG_BINS + 2;
/** Where a coarse picture is enough, bins are taken in groups. */
export const DELAY_GROUP = 6;
export const DELAY_GROUPS = DELAY_BINS / DELAY_GROUP;
const LOG_SPAN = Math.log(MAX_DELAY_S);

/** Bin of a delay in seconds; −1 outside the grid. */
export function delayBin(delayS: number): number {
  if (delayS < 1) {
    if (delayS < MIN_DELAY_S) return -1;
    return delayS < 0 ? 0 : 1;
  }
  if (delayS >= MAX_DELAY_S) return -1;
  return 2 + Math.floor((Math.log(delayS) / LOG_SPAN) * LOG_BINS);
}

const EDGES = Float64Array.from({ length: DELAY_BINS + 1 }, (_, bin) => {
  if (bin === 0) return MIN_DELAY_S;
  return bin === 1 ? 0 : Math.exp(((bin - 2) / LOG_BINS) * LOG_SPAN);
});

/** Lower edge of a bin in seconds; `DELAY_BINS` gives the end of the grid. */
export function delayEdge(bin: number): number {
  return EDGES[bin]!;
}

export function delayWidth(bin: number): number {
  return delayEdge(bin + 1) - delayEdge(bin);
}

/** Share of a log-normal with this median (seconds) and spread (of the natural logarithm) in each bin. */
export function logNormalShares(parts: readonly (readonly [weight: number, medianS: number, sigma: number])[]): Float64Array {
  const shares = new Float64Array(DELAY_BINS);
  for (const [weight, medianS, sigma] of parts) {
    for (let bin = 1; bin < DELAY_BINS; bin += 1) {
      const upTo = normalCdf(Math.log(delayEdge(bin + 1) / medianS) / sigma);
      const from = bin === 1 ? 0 : normalCdf(Math.log(delayEdge(bin) / medianS) / sigma);
      shares[bin]! += weight * (upTo - from);
    }
  }
  return normalised(shares);
}

/** Abramowitz and Stegun 7.1.26: an error below 1.5e-7, far below what a prior of a few dozen pseudo-observations can tell. */
function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - poly * Math.exp(-x * x);
  return z >= 0 ? (1 + erf) / 2 : (1 - erf) / 2;
}

export function normalised(values: Float64Array): Float64Array {
  let sum = 0;
  for (const value of values) sum += value;
  return sum > 0 ? values.map((value) => value / sum) : values;
}

/**
 * Counts smoothed over neighbouring log-spaced bins by a Gaussian kernel; the two bins below one second are left alone, they are no
 * neighbours in the logarithm. Mass is kept: what would fall beyond an end is given to the bins that are there.
 */
export function smoothed(counts: Float64Array, widthBins: number): Float64Array {
  const out = new Float64Array(DELAY_BINS);
  out[0] = counts[0]!;
  out[1] = counts[1]!;
  const reach = Math.ceil(3 * widthBins);
  const kernel = Float64Array.from({ length: reach + 1 }, (_, away) => Math.exp(-0.5 * (away / widthBins) ** 2));
  for (let from = 2; from < DELAY_BINS; from += 1) {
    const count = counts[from]!;
    if (count === 0) continue;
    const low = Math.max(2, from - reach);
    const high = Math.min(DELAY_BINS - 1, from + reach);
    let sum = 0;
    for (let to = low; to <= high; to += 1) sum += kernel[Math.abs(to - from)]!;
    for (let to = low; to <= high; to += 1) out[to]! += (count * kernel[Math.abs(to - from)]!) / sum;
  }
  return out;
}

/** By group of bins: density per second of these shares over all of it, times a factor. */
export function groupDensities(shares: Float64Array, factor: number): Float64Array {
  return Float64Array.from({ length: DELAY_GROUPS }, (_, group) => {
    let sum = 0;
    for (let bin = group * DELAY_GROUP; bin < (group + 1) * DELAY_GROUP; bin += 1) sum += shares[bin]!;
    return (factor * sum) / (delayEdge((group + 1) * DELAY_GROUP) - delayEdge(group * DELAY_GROUP));
  });
}

/** Times that people take to delete the code before they send, in seconds: the components whose mixture is learned. */
export const EDIT_SECONDS: readonly number[] = [0, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048];

/** `table[k][from * DELAY_BINS + to]`: where a delay of bin `from` ends up when about `EDIT_SECONDS[k]` are added. */
export type ShiftTable = readonly Float64Array[];

/**
 * Nobody takes exactly so long: a component is spread evenly, by the logarithm, over its octave, which leaves no gap to the next. As single times they made the
 * delays of losers a comb wherever most keepers write within seconds; slow losers fell between its teeth and were taken for people who followed no click.
 */
const OCTAVE = Array.from({ length: 6 }, (_, part) => 2 ** ((part + 0.5) / 6 - 0.5));

/** Points per bin that carry its mass when it is shifted. */
const POINTS = 8;

export function createShiftTable(): ShiftTable {
  return EDIT_SECONDS.map((seconds) => {
    const table = new Float64Array(DELAY_BINS * DELAY_BINS);
    for (let from = 0; from < DELAY_BINS; from += 1) {
      const low = delayEdge(from);
      const width = delayWidth(from);
      for (let point = 0; point < POINTS; point += 1) {
        for (const part of OCTAVE) {
          const to = delayBin(low + (width * (point + 0.5)) / POINTS + seconds * part);
          if (to >= 0) table[from * DELAY_BINS + to]! += 1 / (POINTS * OCTAVE.length);
        }
      }
    }
    return table;
  });
}

/** The shares of delays after an editing time of component `k`. */
export function shifted(shares: Float64Array, table: ShiftTable, k: number): Float64Array {
  return moved(shares, table[k]!);
}

/** The shares of delays when those of each bin go where `moves[from * DELAY_BINS + to]` says; none goes down. */
export function moved(shares: Float64Array, moves: Float64Array): Float64Array {
  const out = new Float64Array(DELAY_BINS);
  for (let from = 0; from < DELAY_BINS; from += 1) {
    const share = shares[from]!;
    if (share === 0) continue;
    for (let to = from; to < DELAY_BINS; to += 1) out[to]! += share * moves[from * DELAY_BINS + to]!;
  }
  return out;
}
