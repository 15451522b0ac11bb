import { join } from 'node:path';
import type { Check, Findings } from './check.ts';
import { runTool } from './command.ts';
import { isOwnSource, projectFiles } from './files.ts';

/** Files that run something when they are imported, on purpose. */
const RUNS_AT_IMPORT = /\/src\/main\.ts$|^packages\/testing\/src\/(clickhouse-server|.*child.*)\.ts$/;

export const loads: Check = {
  name: 'loads',
  rule: 'Node itself loads every module of packages and services',
  remedy:
    'types and vitest forgive what Node does not: names a CommonJS package does not export statically (import its default and take them from it), syntax that cannot be stripped',
  async run(root): Promise<Findings> {
    const files = projectFiles(root).filter(
      (path) => isOwnSource(path) && /^(proto|(packages|services)\/[^/]+)\/src\//.test(path) && !RUNS_AT_IMPORT.test(path),
    );
    if (files.length === 0) return { problems: ['there is no module: the check proves nothing'] };
    const { isOk, stdout, lines } = runTool(root, process.execPath, [
      join(import.meta.dirname, 'load-modules.ts'),
      ...files.map((path) => join(root, path)),
    ]);
    if (!isOk) return { problems: lines };
    return {
      problems: stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => line.replaceAll(`${root}/`, '')),
      notes: [`${files.length} modules load`].filter(() => stdout === ''),
    };
  },
};
