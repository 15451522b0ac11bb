import { join } from 'node:path';
import { cached } from '@messtrack/testing/cache-folder.ts';
import { run } from '@messtrack/testing/command.ts';
import { type Belief, readBeliefs } from '../files.ts';

export const SPLINK_VERSION = '5.0.0';
const PROGRAM = join(import.meta.dirname, 'splink-links.py');

/** Splink is a Python package: whether this machine can have it is an answer, not an error. */
export type SplinkAnswer =
  | { readonly isAvailable: true; readonly beliefs: ReadonlyMap<string, Belief> }
  | { readonly isAvailable: false; readonly reason: string };

class NoSplinkError extends Error {}

export async function splinkBeliefs(folder: string): Promise<SplinkAnswer> {
  let python: string;
  try {
    python = await pythonWithSplink();
  } catch (error) {
    if (error instanceof NoSplinkError) return { isAvailable: false, reason: error.message };
    throw error;
  }
  const out = join(folder, 'splink.jsonl');
  const linked = await run(python, [PROGRAM, folder, out]);
  if (linked.code !== 0) return { isAvailable: false, reason: `Splink failed: ${linked.output.slice(-600)}` };
  return { isAvailable: true, beliefs: await readBeliefs(out) };
}

/** A virtual environment beside the other tools of the tests. Python finds its packages from where it is started, so the folder may be renamed. */
async function pythonWithSplink(): Promise<string> {
  const folder = await cached(`splink-${SPLINK_VERSION}`, async (target) => {
    const venv = await run('python3', ['-m', 'venv', target]);
    if (venv.code !== 0) throw new NoSplinkError(`python3 -m venv says: ${venv.output.slice(-300)}`);
    const pip = await run(join(target, 'bin', 'python'), [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      `splink==${SPLINK_VERSION}`,
    ]);
    if (pip.code !== 0) throw new NoSplinkError(`pip says: ${pip.output.slice(-300)}`);
  });
  return join(folder, 'bin', 'python');
}
