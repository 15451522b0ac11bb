/** `npm run match` on a million lines: how long on one core, and how much memory. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeHistory } from './quality/history-writer.ts';
import { medianRate, type Sample, writeResult } from './result.ts';

const { values: args } = parseArgs({
  options: {
    accounts: { type: 'string', default: '40' },
    days: { type: 'string', default: '34' },
    runs: { type: 'string', default: '3' },
  },
});

const LINES = 1_000_000;
const MOST_SECONDS = 60;
const MOST_BYTES = 1e9;
const CONTENDER = 'lines';

const root = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'bench-match-'));
try {
  const size = { regime: 'base', seed: 1, accounts: Number(args.accounts), days: Number(args.days) } as const;
  const history = writeHistory(folder, size);
  const lines = history.clicks + history.messages;
  console.log(`${lines} lines: ${history.clicks} clicks, ${history.messages} messages, ${history.open} without identifier`);
  const samples = Array.from({ length: Number(args.runs) }, (_, run) => measure(run, lines));
  const seconds = LINES / medianRate(samples, CONTENDER);
  const peak = Math.max(...samples.map(({ more }) => more?.['peakMemoryMb'] ?? 0));
  writeResult({
    name: 'match',
    says: 'History files through the operator: reading, deriving, matching, learning and writing, with metrics and report. Says nothing about the live path, which also commits.',
    parameters: { ...size, lines, pinnedToOneCore: isPinned() ? 'yes' : 'no' },
    samples,
    ratios: {
      'time for 1 M lines, 60 s / measured': { value: MOST_SECONDS / seconds, aim: 1 },
      'memory, 1 GB / peak': { value: MOST_BYTES / (peak * 1e6), aim: 1 },
    },
  });
} finally {
  rmSync(folder, { recursive: true });
}

/** Pinned, so that collector and compiler threads cost what they cost on a machine with one core. */
function isPinned(): boolean {
  return existsSync('/usr/bin/taskset');
}

function measure(run: number, lines: number): Sample {
  const file = (name: string) => join(folder, name);
  const command = [
    ...(isPinned() ? ['/usr/bin/taskset', '-c', '0'] : []),
    // As people start it, with the limits of memory that its script sets.
    ...['npm', 'run', '--silent', 'match', '--'],
    ...['--clicks', file('clicks.jsonl'), '--messages', file('messages.jsonl'), '--out', file('leads.jsonl')],
    ...['--metrics', file('metrics.json'), '--report', file('report.html')],
  ];
  const startedAt = performance.now();
  const { status } = spawnSync(command[0]!, command.slice(1), { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error(`npm run match ended with ${status}`);
  const seconds = (performance.now() - startedAt) / 1_000;
  const metrics: { readonly leads: number; readonly seconds: number; readonly peak_memory_bytes: number } = JSON.parse(
    readFileSync(file('metrics.json'), 'utf8'),
  );
  const more = { leads: metrics.leads, withinProcessSeconds: metrics.seconds, peakMemoryMb: Math.round(metrics.peak_memory_bytes / 1e6) };
  return { contender: CONTENDER, run, count: lines, seconds, more };
}
