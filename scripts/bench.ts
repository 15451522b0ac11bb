import { join } from 'node:path';
import { runNamed } from './command-line/run-named.ts';

runNamed(process.argv.slice(2), {
  command: 'bench',
  noun: 'benchmark',
  about: 'Runs benchmarks one after another and writes tests/bench/results/<name>.json.',
  folder: join(import.meta.dirname, '../tests/bench'),
  shared: ['compiled.ts', 'result.ts'],
  nodeFlags: ['--expose-gc'],
});
