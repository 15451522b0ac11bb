import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

export interface CommandResult {
  readonly isOk: boolean;
  /** Lines of standard output and error, empty ones dropped. */
  readonly lines: readonly string[];
  readonly stdout: string;
}

/** Runs a tool of this project's node_modules/.bin, or of the system when there is none of that name, without a shell. */
export function runTool(root: string, tool: string, args: readonly string[], cwd = root): CommandResult {
  const bin = join(import.meta.dirname, '../../node_modules/.bin');
  const result = spawnSync(tool, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1_048_576,
    env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}`, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  if (result.error !== undefined) return { isOk: false, lines: [`${tool} does not start: ${result.error.message}`], stdout: '' };
  const lines = `${result.stdout}\n${result.stderr}`.split('\n').filter((line) => line.trim() !== '');
  return { isOk: result.status === 0, lines, stdout: result.stdout };
}
