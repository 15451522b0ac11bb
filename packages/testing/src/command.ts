import { execFile } from 'node:child_process';

export interface CommandResult {
  /** Exit code, or null when the command was not found or did not end by itself. */
  readonly code: number | null;
  /** stdout, then stderr. */
  readonly output: string;
}

/** Runs a command to its end. Never rejects: whether a tool is there is an answer, not an error. */
export function run(command: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  return new Promise((resolve) => {
    execFile(command, args, { env: { ...process.env, ...env }, maxBuffer: 16 * 1024 * 1024 }, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.trim();
      if (error === null) resolve({ code: 0, output });
      else resolve({ code: typeof error.code === 'number' ? error.code : null, output: output === '' ? error.message : output });
    });
  });
}
