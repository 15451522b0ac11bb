/**
 * A burst of messages that no click caused: a newsletter, a television spot, a poster. The rate learned by hour of the day knows nothing of
 * it; the messages without identifier around a message do. Possible multiples of the rate are weighed by how well they explain their number.
 */
const LEVELS: readonly (readonly [multiple: number, prior: number])[] = [
  [1, 0.985],
  [4, 0.008],
  [16, 0.005],
  [64, 0.002],
];

/** Half the width of the window. */
export const BURST_MS = 600_000;

/** A first message without identifier, and how likely no click led to it as far as is known. */
export interface Unidentified {
  readonly leadId: string;
  readonly timeMs: number;
  pNone: number;
}

/** Posterior mean of the multiple of the organic rate around `timeMs`, by what is known at `nowMs`. `ratePerS`: messages of no click per second. */
export function burstFactor(around: readonly Unidentified[], leadId: string, timeMs: number, nowMs: number, ratePerS: number): number {
  let organic = 0;
  for (const other of around) {
    if (other.leadId !== leadId && Math.abs(other.timeMs - timeMs) <= BURST_MS) organic += other.pNone;
  }
  const seenS = (BURST_MS + Math.min(BURST_MS, Math.max(0, nowMs - timeMs))) / 1_000;
  const expected = ratePerS * seenS;
  if (organic <= 1 + expected) return 1;
  let best = Number.NEGATIVE_INFINITY;
  const logs = LEVELS.map(([multiple, prior]) => {
    const log = Math.log(prior) + organic * Math.log(multiple) - (multiple - 1) * expected;
    best = Math.max(best, log);
    return log;
  });
  let sum = 0;
  let mean = 0;
  LEVELS.forEach(([multiple], index) => {
    const weight = Math.exp(logs[index]! - best);
    sum += weight;
    mean += weight * multiple;
  });
  return mean / sum;
}
