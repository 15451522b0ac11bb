import { join } from 'node:path';
import { runNamed } from './command-line/run-named.ts';

runNamed(process.argv.slice(2), {
  command: 'faults',
  noun: 'campaign',
  about:
    'Runs campaigns of faults one after another and writes tests/faults/results/<name>.json. Each ends with an error when what it proves\ndoes not hold.',
  folder: join(import.meta.dirname, '../tests/faults'),
  // A campaign holds its log and its ledger in memory.
  nodeFlags: ['--max-old-space-size=12288'],
});
