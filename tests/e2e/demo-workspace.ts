import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';

export const WORKSPACES = join(import.meta.dirname, '..', '..', 'examples', 'workspaces');

export function demoWorkspace(): Workspace {
  const file = join(WORKSPACES, 'demo.yaml');
  const parsed = parseWorkspace(readFileSync(file, 'utf8'), { env: {}, readFile: (path) => readFileSync(path, 'utf8'), file });
  if ('problems' in parsed) throw new Error(JSON.stringify(parsed.problems));
  return parsed.workspace;
}
