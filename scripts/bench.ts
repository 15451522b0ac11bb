import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', 'tests', 'bench');
/** Files that benchmarks share; everything else in the folder is a benchmark. */
const SHARED = new Set(['compiled.ts', 'result.ts']);
const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.ts') && !SHARED.has(file))
  .map((file) => file.slice(0, -3))
  .sort();
const words = process.argv.slice(2).filter((word) => word !== '--');
// Names come first; from the first flag on, everything is the benchmark's own.
const flagsFrom = words.findIndex((word) => word.startsWith('--'));
const asked = flagsFrom < 0 ? words : words.slice(0, flagsFrom);
const flags = flagsFrom < 0 ? [] : words.slice(flagsFrom);

if (asked.length === 0 && flags.includes('--help')) {
  console.log(
    `npm run bench [name …] [-- flags]\n\nRuns benchmarks one after another and writes tests/bench/results/<name>.json.\nNames: ${names.join(', ')}. Without a name: all. Flags go to one benchmark, which says in its first lines which it takes.`,
  );
} else {
  const unknown = asked.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    console.error(`no benchmark named ${unknown.join(', ')}; there are ${names.join(', ')}`);
    process.exitCode = 2;
  } else if (flags.length > 0 && asked.length !== 1) {
    console.error(`${flags[0]} belongs to a benchmark: name it first`);
    process.exitCode = 2;
  } else {
    // One at a time: two benchmarks on the same cores measure each other.
    const failed = (asked.length > 0 ? asked : names).filter(
      (name) => spawnSync(process.execPath, ['--expose-gc', join(FOLDER, `${name}.ts`), ...flags], { stdio: 'inherit' }).status !== 0,
    );
    if (failed.length > 0) {
      console.error(`failed: ${failed.join(', ')}`);
      process.exitCode = 1;
    }
  }
}
