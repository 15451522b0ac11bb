/** Counts by name, soft ones included. A Map, because its order is that of first use: the same log gives the same sums, digit for digit. */
export type Tally = Map<string, number>;

export function add(tally: Tally, name: string, amount: number): void {
  tally.set(name, (tally.get(name) ?? 0) + amount);
}

export function count(tally: Tally, name: string): number {
  return tally.get(name) ?? 0;
}

export function total(tally: Tally): number {
  let sum = 0;
  for (const value of tally.values()) sum += value;
  return sum;
}

/** What has faded to nothing is dropped, so that a name seen once does not stay for ever. */
const NOTHING_LEFT = 1e-3;

export function fade(tally: Tally, factor: number): void {
  for (const [name, value] of tally) {
    const left = value * factor;
    if (left < NOTHING_LEFT) tally.delete(name);
    else tally.set(name, left);
  }
}

export function addAll(into: Tally, from: Tally): void {
  for (const [name, value] of from) add(into, name, value);
}

/** Joined names by their parts: a text put together for each lead is made, hashed and thrown away, and there are a few thousand of them in all. */
const names = new Map<string, Map<string, string>>();
/** What a flood of made-up regions adds is no reason to remember everything. */
const MOST_NAMES = 65_536;
let namesKnown = 0;

/** Joins the parts of a name; the separator stands in no country, region or language. */
export function name(first: string, second: string, third?: string): string {
  const joined = nameOf(first, second);
  return third === undefined ? joined : nameOf(joined, third);
}

/** Sums of a tally by the first part of its names. */
export function sumsByFirst(tally: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [key, value] of tally) {
    const first = key.slice(0, key.indexOf('|'));
    sums.set(first, (sums.get(first) ?? 0) + value);
  }
  return sums;
}

function nameOf(first: string, second: string): string {
  const known = names.get(first);
  const found = known?.get(second);
  if (found !== undefined) return found;
  if (namesKnown === MOST_NAMES) {
    names.clear();
    namesKnown = 0;
  }
  const made = `${first}|${second}`;
  const ofFirst = names.get(first);
  if (ofFirst === undefined) names.set(first, new Map([[second, made]]));
  else ofFirst.set(second, made);
  namesKnown += 1;
  return made;
}
