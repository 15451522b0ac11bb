import { Counter, type Registry } from 'prom-client';

/** One series of a counter. */
export interface Tally {
  /** @param by at least 0; default 1 */
  inc(by?: number): void;
}

/**
 * A counter for paths of microseconds: its series are named beforehand and counted in plain numbers, which the registry takes over whenever somebody reads it. prom-client
 * makes a text of the labels at every step, half a microsecond each; here a step is an addition. As there, a series is shown from its first count on.
 *
 * @param series labels of each series by the name it is counted under
 */
export function createTallies<K extends string, L extends string>(
  options: { readonly name: string; readonly help: string; readonly labelNames: readonly L[]; readonly registers: Registry[] },
  series: Readonly<Record<K, Readonly<Record<L, string>>>>,
): Readonly<Record<K, Tally>> {
  const open: { readonly labels: Readonly<Record<L, string>>; count: number }[] = [];
  const tallies = {} as Record<K, Tally>;
  for (const key in series) {
    const entry = { labels: series[key], count: 0 };
    open.push(entry);
    tallies[key] = {
      inc(by = 1) {
        entry.count += by;
      },
    };
  }
  new Counter({
    ...options,
    collect() {
      for (const entry of open) {
        if (entry.count === 0) continue;
        this.inc(entry.labels, entry.count);
        entry.count = 0;
      }
    },
  });
  return tallies;
}
