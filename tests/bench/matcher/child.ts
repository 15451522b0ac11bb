import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const ENVIRONMENT = { ...process.env, NODE_COMPILE_CACHE: join(ROOT, 'node_modules', '.cache', 'compiled') };
const kept = new Set<string>();

/** As the image has its services: a process that strips types itself runs slower for good (docs/decisions/0004-type-stripping.md). To be called before what is timed. */
export function keepCompiled(script: string, nodeOptions: readonly string[] = []): void {
  const words = [...nodeOptions, join(ROOT, 'scripts', 'compile.ts'), join(import.meta.dirname, script)];
  if (kept.has(words.join(' '))) return;
  kept.add(words.join(' '));
  const { status } = spawnSync(process.execPath, words, { stdio: 'inherit', env: ENVIRONMENT });
  if (status !== 0) throw new Error(`${script} does not compile`);
}

/** A script of this folder in a process of its own. It ends with its stdin, so that nothing outlives the benchmark. */
export interface Child {
  /** The next line of its stdout; rejects when it ends without one. */
  line(): Promise<string>;
  tell(line: string): void;
  /** Ends its stdin and resolves when it has ended. */
  close(): Promise<void>;
}

export async function startChild(script: string, argument: unknown, nodeOptions: readonly string[] = []): Promise<Child> {
  keepCompiled(script, nodeOptions);
  const child = spawn(process.execPath, [...nodeOptions, join(import.meta.dirname, script), JSON.stringify(argument)], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: ENVIRONMENT,
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
