import { join } from 'node:path';
import { parseFileSync } from '@swc/core';
import { isOwnSource, projectFiles } from './files.ts';

/** Files that need it all the same, each with its reason. A line that is not needed any more is a problem too. */
const WAIVED: Readonly<Record<string, string>> = {
  'packages/runtime/src/data-folder.ts': 'writes the id of the process that holds the folder, for the message to the second one',
};

/** Places in production code, other than main.ts, that use the global `process`. packages/testing starts and kills processes for a living. */
export function processUses(root: string): readonly string[] {
  const files = projectFiles(root).filter(
    (path) =>
      isOwnSource(path) &&
      /^(packages|services)\/[^/]+\/src\//.test(path) &&
      !path.endsWith('/src/main.ts') &&
      !path.startsWith('packages/testing/'),
  );
  const users = files.filter((path) => usesProcess(parseFileSync(join(root, path), { syntax: 'typescript', target: 'es2022' })));
  const stale = Object.keys(WAIVED).filter((path) => files.includes(path) && !users.includes(path));
  return [
    ...users.filter((path) => !(path in WAIVED)).map((path) => `${path} uses the global process`),
    ...stale.map((path) => `${path} does not use process any more: take it off the list in scripts/checks/process-uses.ts`),
  ];
}

/** Walks any syntax tree: an identifier named `process` that is neither a property (`bus.process`) nor a key (`{ process() {} }`). */
export function usesProcess(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(usesProcess);
  if (typeof node !== 'object' || node === null) return false;
  const record: Record<string, unknown> = { ...node };
  if (record['type'] === 'Identifier') return record['value'] === 'process';
  return Object.entries(record).some(([key, child]) => !(key === 'key' || isStaticProperty(record, key)) && usesProcess(child));
}

function isStaticProperty(parent: Readonly<Record<string, unknown>>, key: string): boolean {
  if (parent['type'] !== 'MemberExpression' || key !== 'property') return false;
  const property = parent['property'];
  return typeof property === 'object' && property !== null && 'type' in property && property.type === 'Identifier';
}
