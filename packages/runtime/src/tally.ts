import { Counter, type Histogram, type Registry } from 'prom-client';

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

/** A counter whose series are not known beforehand. Labels left out count as empty. */
export interface LabelledTally {
  /** @param by at least 0 */
  add(by: number, first: string, second?: string, third?: string): void;
}

/**
 * The same for labels that come with what is counted, up to three: a series is found by looking its labels up one after another. For labels from closed lists and from
 * settings; each combination is kept, as prom-client keeps it.
 */
export function createLabelledTally(options: {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly [string, string?, string?];
  readonly registers: Registry[];
}): LabelledTally {
  const { labelNames } = options;
  const names = labelNames.filter((name) => name !== undefined);
  const open: { readonly labels: Readonly<Record<string, string>>; count: number }[] = [];
  const series = new Map<string, Map<string, Map<string, (typeof open)[number]>>>();
  new Counter({
    ...options,
    labelNames: names,
    collect() {
      for (const entry of open) {
        if (entry.count === 0) continue;
        this.inc(entry.labels, entry.count);
        entry.count = 0;
      }
    },
  });

  function newEntry(first: string, second: string, third: string) {
    const values = [first, second, third];
    const entry = { labels: Object.fromEntries(names.map((name, index) => [name, values[index]!])), count: 0 };
    open.push(entry);
    const seconds = series.get(first) ?? new Map<string, Map<string, (typeof open)[number]>>();
    const thirds = seconds.get(second) ?? new Map<string, (typeof open)[number]>();
    series.set(first, seconds.set(second, thirds.set(third, entry)));
    return entry;
  }

  return {
    add(by, first, second = '', third = '') {
      const entry = series.get(first)?.get(second)?.get(third) ?? newEntry(first, second, third);
      entry.count += by;
    },
  };
}

/** How long something took, for paths of microseconds. */
export interface Durations {
  /** @param seconds at least 0 */
  observe(seconds: number): void;
}

/** A histogram without labels that counts in plain numbers: prom-client keeps its counts under bounds made into text, half a microsecond for each that is counted. Reads the same. */
export function createDurations(options: {
  readonly name: string;
  readonly help: string;
  /** Upper bounds, seconds, rising. */
  readonly buckets: number[];
  readonly registers: Registry[];
}): Durations {
  const { name, help, buckets, registers } = options;
  /** By bucket, each without those below; the last is of what is above all bounds. */
  const counts = new Array<number>(buckets.length + 1).fill(0);
  let sum = 0;
  const metric = {
    name,
    reset() {
      counts.fill(0);
      sum = 0;
    },
    async get() {
      let below = 0;
      const values = [...buckets, '+Inf'].map((le, index) => {
        below += counts[index]!;
        return { metricName: `${name}_bucket`, labels: { le }, value: below };
      });
      return {
        name,
        help,
        type: 'histogram',
        aggregator: 'sum',
        values: [
          ...values,
          { metricName: `${name}_sum`, labels: {}, value: sum },
          { metricName: `${name}_count`, labels: {}, value: below },
        ],
      };
    },
  };
  // A registry asks no more of a metric than this; its declared type is that of prom-client's own classes.
  for (const registry of registers) registry.registerMetric(metric as unknown as Histogram);
  return {
    observe(seconds) {
      let bucket = 0;
      while (bucket < buckets.length && seconds > buckets[bucket]!) bucket++;
      counts[bucket]! += 1;
      sum += seconds;
    },
  };
}
