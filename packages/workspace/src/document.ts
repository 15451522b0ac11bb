import type { Document } from 'yaml';
import { isMap, isNode, isPair, isScalar, LineCounter, parseDocument } from 'yaml';
import { maskReferences, unmaskReferences } from './references.ts';

/** A YAML text as plain values plus the way back from a path to a line. */
export interface YamlDocument {
  /** Maps as objects, references still as written. */
  readonly value: unknown;
  /** Line of the key or value at the path, of its nearest parent when it is not in the file. Counted from 1. */
  lineOf(path: readonly PropertyKey[]): number;
}

export type ReadYaml =
  | { readonly kind: 'ok'; readonly document: YamlDocument }
  | { readonly kind: 'problems'; readonly problems: readonly { readonly line: number; readonly message: string }[] };

export function readYaml(text: string): ReadYaml {
  const lines = new LineCounter();
  const document = parseDocument(maskReferences(text), { lineCounter: lines, prettyErrors: false });
  if (document.errors.length > 0) {
    return {
      kind: 'problems',
      problems: document.errors.map((error) => ({
        line: lines.linePos(error.pos[0]).line,
        message: `is not valid YAML: ${unmaskReferences(error.message)}`,
      })),
    };
  }
  let value: unknown;
  try {
    // Aliases may nest; without a bound ten lines of them unfold into gigabytes.
    value = document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    return {
      kind: 'problems',
      problems: [{ line: 1, message: `is not usable YAML: ${error instanceof Error ? error.message : String(error)}` }],
    };
  }
  return { kind: 'ok', document: { value: unmask(value), lineOf: (path) => lineOf(document, lines, path) } };
}

/** Copies the tree with references as written. Own keys only, so that a key `__proto__` stays a key and changes no prototype. */
function unmask(value: unknown): unknown {
  if (typeof value === 'string') return unmaskReferences(value);
  if (Array.isArray(value)) return value.map(unmask);
  if (typeof value === 'object' && value !== null) {
    const copy: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value)) {
      Object.defineProperty(copy, unmaskReferences(key), { value: unmask(member), enumerable: true, configurable: true, writable: true });
    }
    return copy;
  }
  return value;
}

function lineOf(document: Document, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length -= 1) {
    const key = path[length - 1];
    const parent = length === 1 ? document.contents : document.getIn(path.slice(0, length - 1), true);
    const pair = isMap(parent)
      ? parent.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key))
      : undefined;
    const node = pair === undefined ? document.getIn(path.slice(0, length), true) : pair.key;
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return isNode(document.contents) && document.contents.range ? lines.linePos(document.contents.range[0]).line : 1;
}
