/**
 * Exact ledgers: what went in, what came out, and every difference between the two by name. Counts hide a loss behind a duplicate; a ledger does
 * not. Both sides are lists in the order things happened.
 */
export interface LedgerEntry {
  /** Unique among what went in. */
  readonly id: string;
  /** Entries of one key keep their order on the way; between keys there is none. */
  readonly key: string;
  /** Content in a canonical text form, when it must arrive unchanged. */
  readonly value?: string;
}

export interface LedgerDifference {
  /** Went in, never came out. */
  readonly lost: readonly LedgerEntry[];
  /** Came out more often than once; `times` is how often. */
  readonly duplicated: readonly { readonly entry: LedgerEntry; readonly times: number }[];
  /** Came out, never went in. */
  readonly unexpected: readonly LedgerEntry[];
  /** Came out under another key or with another value. */
  readonly changed: readonly { readonly expected: LedgerEntry; readonly actual: LedgerEntry }[];
  /** `late` came out after `early` though it went in before, per key the first such pair. */
  readonly reordered: readonly { readonly key: string; readonly early: LedgerEntry; readonly late: LedgerEntry }[];
}

export interface LedgerOptions {
  /** `any` where the way out has no order, as rows of a table. Default `per-key`. */
  readonly order?: 'per-key' | 'any';
}

/** The difference; empty in all parts when the books balance. Throws when `expected` itself names an id twice: then the test is wrong. */
export function compareLedgers(
  expected: readonly LedgerEntry[],
  actual: readonly LedgerEntry[],
  options: LedgerOptions = {},
): LedgerDifference {
  const wanted = new Map<string, LedgerEntry>();
  for (const entry of expected) {
    if (wanted.has(entry.id)) throw new Error(`the ledger of what went in names ${entry.id} twice`);
    wanted.set(entry.id, entry);
  }
  const seen = new Map<string, { entry: LedgerEntry; times: number }>();
  for (const entry of actual) {
    const earlier = seen.get(entry.id);
    if (earlier === undefined) seen.set(entry.id, { entry, times: 1 });
    else earlier.times += 1;
  }
  const changed = actual.flatMap((entry) => {
    const want = wanted.get(entry.id);
    return want === undefined || (want.key === entry.key && want.value === entry.value) ? [] : [{ expected: want, actual: entry }];
  });
  return {
    lost: expected.filter(({ id }) => !seen.has(id)),
    duplicated: [...seen.values()].filter(({ times }) => times > 1),
    unexpected: [...seen.values()].map(({ entry }) => entry).filter(({ id }) => !wanted.has(id)),
    changed,
    reordered:
      options.order === 'any'
        ? []
        : findReordered(
            expected,
            [...seen.values()].map(({ entry }) => entry),
          ),
  };
}

function findReordered(expected: readonly LedgerEntry[], firstArrivals: readonly LedgerEntry[]): LedgerDifference['reordered'] {
  const places = new Map(expected.map((entry, place) => [entry.id, { entry, place }]));
  const newest = new Map<string, { entry: LedgerEntry; place: number }>();
  const reordered = new Map<string, LedgerDifference['reordered'][number]>();
  for (const { id } of firstArrivals) {
    const arrived = places.get(id);
    if (arrived === undefined) continue;
    const { key } = arrived.entry;
    const before = newest.get(key);
    if (before === undefined || before.place < arrived.place) newest.set(key, arrived);
    else if (!reordered.has(key)) reordered.set(key, { key, early: before.entry, late: arrived.entry });
  }
  return [...reordered.values()];
}

export function isBalanced(difference: LedgerDifference): boolean {
  return Object.values(difference).every((part) => part.length === 0);
}

/** The difference for people: one line per kind with its count, then its first entries. */
export function describeDifference(difference: LedgerDifference, shown = 10): string {
  const parts: readonly (readonly [string, readonly string[]])[] = [
    ['lost', difference.lost.map(name)],
    ['duplicated', difference.duplicated.map(({ entry, times }) => `${name(entry)} came ${times} times`)],
    ['unexpected', difference.unexpected.map(name)],
    ['changed', difference.changed.map(({ expected, actual }) => `${full(expected)} became ${full(actual)}`)],
    ['reordered', difference.reordered.map(({ key, early, late }) => `key ${key}: ${early.id} came before ${late.id}`)],
  ];
  return parts
    .filter(([, lines]) => lines.length > 0)
    .map(([kind, lines]) => {
      const rest = lines.length > shown ? [`  … and ${lines.length - shown} more`] : [];
      return [`${kind}: ${lines.length}`, ...lines.slice(0, shown).map((line) => `  ${line}`), ...rest].join('\n');
    })
    .join('\n');
}

/** Throws with the first differences when the books do not balance. */
export function assertBalanced(expected: readonly LedgerEntry[], actual: readonly LedgerEntry[], options: LedgerOptions = {}): void {
  const difference = compareLedgers(expected, actual, options);
  if (isBalanced(difference)) return;
  throw new Error(`the ledgers differ: ${expected.length} went in, ${actual.length} came out\n${describeDifference(difference)}`);
}

function name(entry: LedgerEntry): string {
  return `${entry.id} (key ${entry.key})`;
}

function full(entry: LedgerEntry): string {
  return `${name(entry)} ${entry.value ?? ''}`.trim();
}
