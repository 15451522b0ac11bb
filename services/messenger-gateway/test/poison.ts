/** Values that mean harm, put in the place of every field of a payload. */

const POISON: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  2 ** 60,
  '',
  'x',
  '\ud800',
  '__proto__',
  'constructor',
  [],
  {},
  [[]],
  [null],
  { id: {} },
  JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{}}}'),
];

/** Copies of `value` in which one field or element is replaced by poison or missing. */
export function* eachFieldPoisoned(root: unknown): Generator<unknown> {
  for (const path of pathsOf(root)) {
    for (const poison of POISON) yield replaced(root, path, poison);
    yield replaced(root, path, undefined);
  }
}

function* pathsOf(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, child] of Object.entries(value)) {
    yield [...path, key];
    yield* pathsOf(child, [...path, key]);
  }
}

function replaced(root: unknown, path: readonly string[], by: unknown): unknown {
  const copy: unknown = structuredClone(root);
  let parent = copy as Record<string, unknown>;
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string, unknown>;
  const last = path.at(-1)!;
  if (by === undefined && !Array.isArray(parent)) delete parent[last];
  else parent[last] = by ?? null;
  return copy;
}
