import { DELAY_BINS, DELAY_GROUP, delayBin, delayEdge, delayWidth, MAX_DELAY_S } from './delay-grid.ts';

/** A distribution of delays, ready to be asked. */
export interface DelayCurve {
  readonly shares: Float64Array;
  /** Density per second at the centre of each bin, and its natural logarithm. */
  readonly density: Float64Array;
  readonly logDensity: Float64Array;
  /** Share below the lower edge of each bin, and 1 at the end. */
  readonly below: Float64Array;
  /** Density per second by `stepOf`; NaN where nobody has asked, because the question of a small account asks for a few tens of them. */
  readonly finely: Float32Array;
  /** All of `finely` has been asked for. */
  isWhole: boolean;
  /** Share below by `stepOf`. */
  readonly finelyBelow: Float32Array;
}

/**
 * Steps of a thirty-second of an octave, ten to a bin, found from the bits of the number: exponent and the five highest bits of the mantissa count
 * them. A logarithm would take most of the time of a posterior over thousands of clicks; twice as many steps in double precision took eight
 * curves of each of ten thousand accounts 20 KB apiece and changed no answer.
 */
export const STEP_SHIFT = 18;
const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

function stepOf(delayS: number): number {
  float[0] = delayS;
  return (bits[0]! >>> STEP_SHIFT) - FIRST_STEP;
}

float[0] = 1;
export const FIRST_STEP = bits[0]! >>> STEP_SHIFT;
float[0] = MAX_DELAY_S;
/** How many steps a curve has. */
export const STEPS = (bits[0]! >>> STEP_SHIFT) - FIRST_STEP + 1;

function middleOf(step: number): number {
  bits[0] = ((step + FIRST_STEP) << STEP_SHIFT) | (1 << (STEP_SHIFT - 1));
  return Math.min(float[0]!, MAX_DELAY_S * (1 - 1e-9));
}

/** No delay on the grid is impossible: people surprise. Per second, far below what any real mixture has within three days. */
const FLOOR_DENSITY = 1e-9;

const FIRST_LOG = 2;
const PER_LOG = (DELAY_BINS - FIRST_LOG) / Math.log(MAX_DELAY_S);

/** Of the middle of each step, what is the same for all curves: its bin and how far it lies from the bin's edge. */
const STEP_MIDDLES = Float64Array.from({ length: STEPS }, (_, step) => middleOf(step));
const STEP_BINS = Uint8Array.from(STEP_MIDDLES, delayBin);
const STEP_GROUPS = STEP_BINS.map((bin) => Math.floor(bin / DELAY_GROUP));
const STEP_PARTS = STEP_MIDDLES.map((delayS, step) => (delayS - delayEdge(STEP_BINS[step]!)) / delayWidth(STEP_BINS[step]!));
/** In bins from the centre of the first log-spaced one. */
const STEP_PLACES = STEP_MIDDLES.map((delayS) => Math.max(0, Math.log(delayS) * PER_LOG - 0.5));
/** The bin with the last centre before it, and how far it is from there to the next. */
const STEP_CENTRES = Uint8Array.from(STEP_PLACES, (place) => Math.min(DELAY_BINS - 1, FIRST_LOG + Math.floor(place)));
const STEP_BETWEEN = STEP_PLACES.map((place) => place - Math.floor(place));
const WIDTHS = Float64Array.from({ length: DELAY_BINS }, (_, bin) => delayWidth(bin));

export function delayCurve(shares: Float64Array): DelayCurve {
  const density = new Float64Array(DELAY_BINS);
  const logDensity = new Float64Array(DELAY_BINS);
  const below = new Float64Array(DELAY_BINS + 1);
  for (let bin = 0; bin < DELAY_BINS; bin += 1) {
    density[bin] = shares[bin]! / WIDTHS[bin]! + FLOOR_DENSITY;
    logDensity[bin] = Math.log(density[bin]!);
    below[bin + 1] = below[bin]! + shares[bin]!;
  }
  const finelyBelow = new Float32Array(STEPS);
  for (let step = 0; step < STEPS; step += 1) {
    const bin = STEP_BINS[step]!;
    finelyBelow[step] = below[bin]! + shares[bin]! * STEP_PARTS[step]!;
  }
  return { shares, density, logDensity, below, finely: new Float32Array(STEPS).fill(Number.NaN), isWhole: false, finelyBelow };
}

/** Step of a delay, for those who ask several curves at it; −1 below a second and beyond the grid. */
export function delayStep(delayS: number): number {
  return delayS >= 1 && delayS < MAX_DELAY_S ? stepOf(delayS) : -1;
}

/** Group of bins of a step. */
export function groupOfStep(step: number): number {
  return STEP_GROUPS[step]!;
}

/** Group of bins of a delay, found by its step; −1 outside the grid. */
export function delayGroup(delayS: number): number {
  const step = delayStep(delayS);
  if (step >= 0) return STEP_GROUPS[step]!;
  const bin = delayBin(delayS);
  return bin < 0 ? -1 : Math.floor(bin / DELAY_GROUP);
}

/** Density per second. */
export function densityAt(curve: DelayCurve, delayS: number): number {
  if (delayS >= 1) {
    if (delayS >= MAX_DELAY_S) return 0;
    const step = stepOf(delayS);
    const known = curve.finely[step]!;
    return Number.isNaN(known) ? askFinely(curve, step) : known;
  }
  const bin = delayBin(delayS);
  return bin < 0 ? 0 : curve.shares[bin]! / delayWidth(bin);
}

/** Asks for all of them: in a busy account every step is some click's. */
export function askAll(curve: DelayCurve): void {
  if (curve.isWhole) return;
  for (let step = 0; step < STEPS; step += 1) if (Number.isNaN(curve.finely[step]!)) askFinely(curve, step);
  curve.isWhole = true;
}

/** The logarithm of the density is linear between the centres of log-spaced bins. */
function askFinely({ finely, logDensity }: DelayCurve, step: number): number {
  const bin = STEP_CENTRES[step]!;
  const low = logDensity[bin]!;
  finely[step] = Math.exp(low + STEP_BETWEEN[step]! * (logDensity[Math.min(bin + 1, DELAY_BINS - 1)]! - low));
  // As it is kept: the first who asks and the next get the same.
  return finely[step]!;
}

export function belowAt(curve: DelayCurve, delayS: number): number {
  if (delayS >= MAX_DELAY_S) return 1;
  return delayS >= 1 ? curve.finelyBelow[stepOf(delayS)]! : shareBelow(curve, delayS);
}

/** Share of delays below. */
export function shareBelow({ below, shares }: Pick<DelayCurve, 'below' | 'shares'>, delayS: number): number {
  if (delayS >= MAX_DELAY_S) return 1;
  const bin = delayBin(delayS);
  if (bin < 0) return 0;
  const low = delayEdge(bin);
  return below[bin]! + (shares[bin]! * (delayS - low)) / (delayEdge(bin + 1) - low);
}
