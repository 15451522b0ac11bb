import type { CalibrationBin } from '../hidden-test.ts';

export type ReadableBin = CalibrationBin;

/** A frequency of fewer cases says nothing to the eye. */
const ENOUGH = 20;

/** Neighbouring ranges together until each holds enough answers to look at; what is left over goes to its neighbour. */
export function readableBins(bins: readonly CalibrationBin[]): readonly ReadableBin[] {
  const made: ReadableBin[] = [];
  for (const bin of bins) {
    if (bin.count === 0) continue;
    const last = made.at(-1);
    if (last !== undefined && last.count < ENOUGH) made[made.length - 1] = together(last, bin);
    else made.push(bin);
  }
  const [before, last] = made.slice(-2);
  if (before !== undefined && last !== undefined && last.count < ENOUGH) made.splice(-2, 2, together(before, last));
  return made;
}

function together(a: ReadableBin, b: ReadableBin): ReadableBin {
  return { from: a.from, to: b.to, count: a.count + b.count, expected: a.expected + b.expected, right: a.right + b.right };
}
