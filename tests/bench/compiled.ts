import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..');
const kept = new Set<string>();

/** Environment of a process that finds its compiled code. */
export const COMPILED_ENVIRONMENT = { ...process.env, NODE_COMPILE_CACHE: join(ROOT, 'node_modules', '.cache', 'compiled') };

/**
 * Contenders start as the image starts its services: a process that strips types itself runs slower for good (docs/decisions/0004-type-stripping.md), one that looks at the
 * letters of texts by a fifth. Bare loops are treated alike. To be called before what is timed.
 *
 * @param script path of the file that the process runs
 */
export function keepCompiled(script: string, nodeOptions: readonly string[] = []): void {
  const words = [...nodeOptions, join(ROOT, 'scripts', 'compile.ts'), script];
  if (kept.has(words.join(' '))) return;
  kept.add(words.join(' '));
  const { status } = spawnSync(process.execPath, words, { stdio: 'inherit', env: COMPILED_ENVIRONMENT });
  if (status !== 0) throw new Error(`${script} does not compile`);
}
