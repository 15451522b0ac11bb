import type { Random } from './random.ts';
import type { Delay, DelayComponent } from './regimes.ts';

/** Seconds drawn from a mixture. */
export function drawDelay(random: Random, delay: Delay): number {
  let at = random.next();
  let chosen = delay[delay.length - 1]!;
  for (const component of delay) {
    at -= component.weight;
    if (at < 0) {
      chosen = component;
      break;
    }
  }
  switch (chosen.law) {
    case 'lognormal':
      return chosen.median * Math.exp(chosen.sigma * random.normal());
    case 'weibull':
      return chosen.scale * random.exponential() ** (1 / chosen.shape);
  }
}

/** P(delay ≤ seconds). */
export function delayCdf(delay: Delay, seconds: number): number {
  if (seconds <= 0) return 0;
  let sum = 0;
  for (const component of delay) sum += component.weight * componentCdf(component, seconds);
  return sum;
}

function componentCdf(component: DelayComponent, seconds: number): number {
  switch (component.law) {
    case 'lognormal':
      return normalCdf(Math.log(seconds / component.median) / component.sigma);
    case 'weibull':
      return -Math.expm1(-((seconds / component.scale) ** component.shape));
  }
}

/** Numerical Recipes' erfcc: relative error below 1.2e-7 everywhere, also far out in the tail. */
function normalCdf(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.5 * x);
  const poly =
    -x * x -
    1.26551223 +
    t *
      (1.00002368 +
        t *
          (0.37409196 +
            t *
              (0.09678418 +
                t * (-0.18628806 + t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))));
  const tail = 0.5 * t * Math.exp(poly);
  return z < 0 ? tail : 1 - tail;
}

const NODES = 2400;
const FROM_S = 1e-3;
const TO_S = 60 * 86_400;
const LOG_FROM = Math.log(FROM_S);
const STEP = (Math.log(TO_S) - LOG_FROM) / (NODES - 1);
/** Points that stand for an added time: its quantiles in the middle of as many equal parts. */
const QUANTILES = 240;

/** The law of a delay, or of a sum of delays, as a table: fast enough to be asked a hundred million times. All tables share one grid. */
export interface DelayTable {
  /** P(delay ≤ seconds). */
  cdf(seconds: number): number;
  /** The same at a `gridPosition`, for who asks several tables. */
  cdfAt(position: number): number;
  /** P(the message carries this second | click): messengers cut the time of writing down to whole seconds. `elapsed` = second − click, in seconds. */
  massOfSecond(elapsed: number): number;
}

/** Where a delay lies on the grid, in nodes; linear in its logarithm between them, which are 1 % apart. */
export function gridPosition(seconds: number): number {
  return (Math.log(seconds) - LOG_FROM) / STEP;
}

export function tabulate(delay: Delay, ...added: readonly Delay[]): DelayTable {
  const cdfs = new Float64Array(NODES);
  for (let node = 0; node < NODES; node += 1) cdfs[node] = delayCdf(delay, Math.exp(LOG_FROM + node * STEP));
  let table = tableOf(cdfs);
  for (const more of added) {
    const quantiles = quantilesOf(more);
    const before = table;
    table = tableOf(
      cdfs.map((_, node) => {
        const seconds = Math.exp(LOG_FROM + node * STEP);
        let sum = 0;
        for (const quantile of quantiles) sum += before.cdf(seconds - quantile);
        return sum / QUANTILES;
      }),
    );
  }
  return table;
}

/** With probability `share` the law of `other`, else of `table`. */
export function mixTables(table: DelayTable, other: DelayTable, share: number): DelayTable {
  return tableOf(Float64Array.from({ length: NODES }, (_, node) => (1 - share) * table.cdfAt(node) + share * other.cdfAt(node)));
}

/** From here on a second is so short a part of a grid step that its mass is the slope. */
const SMOOTH_FROM_S = 300;

function tableOf(cdfs: Float64Array): DelayTable {
  const cdfAt = (position: number): number => {
    if (!(position > 0)) return position === 0 ? cdfs[0]! : 0;
    const node = Math.floor(position);
    if (node >= NODES - 1) return cdfs[NODES - 1]!;
    const left = cdfs[node]!;
    return left + (position - node) * (cdfs[node + 1]! - left);
  };
  const cdf = (seconds: number): number => (seconds <= FROM_S ? 0 : cdfAt(gridPosition(seconds)));
  return {
    cdf,
    cdfAt,
    massOfSecond(elapsed) {
      if (elapsed < SMOOTH_FROM_S) return elapsed <= -1 ? 0 : cdf(elapsed + 1) - cdf(elapsed);
      const node = Math.floor(gridPosition(elapsed + 0.5));
      return node >= NODES - 1 ? 0 : (cdfs[node + 1]! - cdfs[node]!) / (STEP * (elapsed + 0.5));
    },
  };
}

function quantilesOf(delay: Delay): readonly number[] {
  return Array.from({ length: QUANTILES }, (_, at) => {
    const wanted = (at + 0.5) / QUANTILES;
    let [low, high] = [LOG_FROM, Math.log(TO_S)];
    for (let round = 0; round < 50; round += 1) {
      const middle = (low + high) / 2;
      if (delayCdf(delay, Math.exp(middle)) < wanted) low = middle;
      else high = middle;
    }
    return Math.exp(low);
  });
}
