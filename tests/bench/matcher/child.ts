import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { COMPILED_ENVIRONMENT, keepCompiled } from '../compiled.ts';

/** A script of this folder in a process of its own. It ends with its stdin, so that nothing outlives the benchmark. */
export interface Child {
  /** The next line of its stdout; rejects when it ends without one. */
  line(): Promise<string>;
  tell(line: string): void;
  /** Ends its stdin and resolves when it has ended. */
  close(): Promise<void>;
}

export async function startChild(script: string, argument: unknown, nodeOptions: readonly string[] = []): Promise<Child> {
  const file = join(import.meta.dirname, script);
  keepCompiled(file, nodeOptions);
  const child = spawn(process.execPath, [...nodeOptions, file, JSON.stringify(argument)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: COMPILED_ENVIRONMENT,
  });
  await once(child, 'spawn');
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = once(child, 'close');
  return {
    async line() {
      const next = await lines.next();
      if (next.done !== true) return next.value;
      throw new Error(`${script} ended with ${(await ended)[0]}`);
    },
    tell: (line) => void child.stdin.write(`${line}\n`),
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}
