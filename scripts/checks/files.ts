import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from './command.ts';

/**
 * Paths, relative to the root, of all files that are or will be committed: tracked ones and new ones that git does not ignore. A check that saw only
 * tracked files would pass before the commit and fail after it.
 */
export function projectFiles(root: string): readonly string[] {
  const { isOk, stdout } = runTool(root, 'git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z']);
  if (!isOk) throw new Error('git ls-files failed: the checks need a git checkout');
  const paths = [...new Set(stdout.split('\0'))].filter((path) => path !== '');
  return paths.filter((path) => existsSync(join(root, path)) && statSync(join(root, path)).isFile()).sort();
}

export function readText(root: string, path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Our own TypeScript: generated code is judged by its generator. */
export function isOwnSource(path: string): boolean {
  return path.endsWith('.ts') && !path.includes('/src/gen/');
}

/** Number of the line that holds the character at `index`, counted from 1. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
