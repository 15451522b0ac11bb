import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTally, verdict } from './test-run/tally.ts';

const HELP = `npm test [-- vitest arguments]

Runs all tests: unit, integration on real Kafka, Redis and ClickHouse (started for the run, see packages/testing), end to end.
Ends with the line "N passed, N failed" and exits 0 only when nothing failed.

  npm test -- --project unit          only what needs no services
  npm test -- services/matcher        only files whose path contains it
  npm test -- -t "fencing"            only tests whose name contains it

PROPERTY_SEED=random draws new examples for the property tests, a number those of another run; without it they are the same in every run.
`;

const root = join(import.meta.dirname, '..');
const args = process.argv.slice(2);

if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(HELP);
} else {
  const folder = mkdtempSync(join(tmpdir(), 'messtrack-test-'));
  const tallyFile = join(folder, 'tally');
  writeFileSync(tallyFile, '');
  try {
    const exitCode = await runVitest(tallyFile);
    const { lines, exitCode: final } = verdict(readTally(readFileSync(tallyFile, 'utf8')), exitCode);
    process.stdout.write(`\n${lines.join('\n')}\n`);
    process.exitCode = final;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Resolves with vitest's exit code, 1 when a signal ended it. Signals to us are passed on, so that it stops the services it started. */
function runVitest(tallyFile: string): Promise<number> {
  const reporters = ['--reporter=default', `--reporter=${join(import.meta.dirname, 'test-run/tally-reporter.ts')}`];
  const child = spawn(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...reporters, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, MESSTRACK_TEST_TALLY: tallyFile },
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
