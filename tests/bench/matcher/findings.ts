import type { Sample } from '../result.ts';

/** What one part of the benchmark adds to the result file. */
export interface Findings {
  readonly samples: readonly Sample[];
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly ratios: Readonly<Record<string, { readonly value: number; readonly aim?: number }>>;
}

/**
 * Median of what a contender handles per second of its own CPU time (`more.cpuSeconds`: user and system, all threads of its process, so
 * garbage collection and just-in-time compilation count too). On two cores shared with a broker this says more than the wall clock.
 */
export function perCpuSecond(samples: readonly Sample[], contender: string): number {
  const rates = samples
    .filter((sample) => sample.contender === contender)
    .map(({ count, more }) => {
      const cpuSeconds = more?.['cpuSeconds'];
      if (cpuSeconds === undefined) throw new RangeError(`${contender} has a sample without CPU time`);
      return count / cpuSeconds;
    });
  if (rates.length === 0) throw new RangeError(`no samples of ${contender}`);
  return median(rates);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value below which a share of the values lies; linear between neighbours. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)];
  const above = sorted[Math.ceil(at)];
  if (below === undefined || above === undefined) throw new RangeError('no values');
  return below + (above - below) * (at - Math.floor(at));
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
