import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', 'tests', 'bench');
/** Files that benchmarks share; everything else in the folder is a benchmark. */
const SHARED = new Set(['result.ts']);
const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.ts') && !SHARED.has(file))
  .map((file) => file.slice(0, -3))
  .sort();
const asked = process.argv.slice(2);

if (asked.includes('--help')) {
  console.log(
    `npm run bench [-- name …]\n\nRuns benchmarks one after another and writes tests/bench/results/<name>.json.\nNames: ${names.join(', ')}. Without a name: all.`,
  );
} else {
  const unknown = asked.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    console.error(`no benchmark named ${unknown.join(', ')}; there are ${names.join(', ')}`);
    process.exitCode = 2;
  } else {
    // One at a time: two benchmarks on the same cores measure each other.
    const failed = (asked.length > 0 ? asked : names).filter(
      (name) => spawnSync(process.execPath, ['--expose-gc', join(FOLDER, `${name}.ts`)], { stdio: 'inherit' }).status !== 0,
    );
    if (failed.length > 0) {
      console.error(`failed: ${failed.join(', ')}`);
      process.exitCode = 1;
    }
  }
}
