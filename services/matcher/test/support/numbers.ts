/**
 * Paths to everything in a value that is not a finite number but stands where one should: NaN wherever it is, infinities except where they
 * mean "never". `takenAtMs` of a click is NaN until it is taken, a density of a curve until it is asked for, and what lies outside the live part of a ring is nobody's.
 */
export function notNumbersIn(value: unknown): readonly string[] {
  const found: string[] = [];
  walk(value, '', new Set(), found);
  return found;
}

const MAY_BE_ANYTHING = new Set(['takenAtMs', 'supersededAtMs', 'finely']);

function walk(value: unknown, path: string, seen: Set<object>, found: string[]): void {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) found.push(`${path} is ${value}`);
    return;
  }
  if (typeof value !== 'object' || value === null || seen.has(value)) return;
  seen.add(value);
  if (ArrayBuffer.isView(value)) {
    const numbers = value as unknown as ArrayLike<number>;
    for (let at = 0; at < numbers.length; at += 1) if (!Number.isFinite(numbers[at]!)) found.push(`${path}[${at}] is ${numbers[at]}`);
    return;
  }
  if (value instanceof Map) {
    for (const [key, each] of value) walk(each, `${path}.${String(key)}`, seen, found);
    return;
  }
  for (const [key, each] of Object.entries(value)) if (!MAY_BE_ANYTHING.has(key)) walk(each, `${path}.${key}`, seen, found);
}
