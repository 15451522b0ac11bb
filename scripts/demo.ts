import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseWorkspace } from '@messtrack/workspace/parse.ts';
import type { Workspace } from '@messtrack/workspace/workspace.ts';
import { readOptions } from './command-line/read-options.ts';
import { DemoError } from './demo/demo-error.ts';
import { judge, lostCount, type Report } from './demo/judge.ts';
import { BEHAVIOURS, people } from './demo/people.ts';
import { play } from './demo/player.ts';
import { startTemporaryStandalone } from './demo/temporary-standalone.ts';
import { settledWarehouse } from './demo/warehouse-view.ts';

const HELP = `npm run demo -- [options]

People with known truth click, edit, delete and write; the leads are held against the truth.

  --url URL        a running instance with the demo workspace (default: starts one in a temporary folder)
  --leads N        people who take part (default 200)
  --seed N         which people (default 1)
  --concurrency N  people who act at the same time (default 8)
  --sql-token T    password for /sql, when the instance asks for one
  --json           print the report as JSON
  --help

Exit code 0 when nothing was lost and nothing doubled, 1 otherwise, 2 when there is nothing to play against, or it stops answering.`;

const { values: args } = readOptions('demo', {
  options: {
    url: { type: 'string' },
    leads: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    concurrency: { type: 'string', default: '8' },
    'sql-token': { type: 'string', default: process.env['MESSTRACK_SQL_TOKEN'] ?? '' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (args.help) {
  console.log(HELP);
} else {
  process.exitCode = await main().catch((error: unknown) => {
    if (!(error instanceof DemoError)) throw error;
    console.error(error.message);
    return 2;
  });
}

async function main(): Promise<number> {
  const count = positive('--leads', args.leads);
  const seed = positive('--seed', args.seed);
  const concurrency = positive('--concurrency', args.concurrency);
  const workspace = demoWorkspace();
  const instance = args.url === undefined ? await startTemporaryStandalone() : undefined;
  try {
    const url = (instance?.url ?? args.url ?? '').replace(/\/$/, '');
    const problem = await whyNotPlayable(url, workspace.name);
    if (problem !== undefined) {
      console.error(problem);
      return 2;
    }
    // Message ids must not repeat over runs against the same instance, or the second run would be one long redelivery.
    const runId = `${Date.now().toString(36)}${process.pid.toString(36)}q`;
    const cast = people(seed, count, runId);
    const since = new Date();
    const startedAt = performance.now();
    const ledger = await play({ url, workspace, people: cast, concurrency, patienceMs: 30_000, redeliverEvery: 20 });
    const playedMs = performance.now() - startedAt;
    const warehouse = await settledWarehouse(
      { url, workspace: workspace.name, runId, since, sqlToken: args['sql-token'] },
      cast,
      ledger,
      20_000,
    );
    const report = judge(cast, ledger, warehouse);
    if (args.json)
      console.log(
        JSON.stringify(
          { url, seed, requests: ledger.requests, repeats: ledger.repeats, playedMs: Math.round(playedMs), ...report },
          null,
          2,
        ),
      );
    else print(report, url, ledger.requests, playedMs);
    return lostCount(report) === 0 && report.doubled.length === 0 ? 0 : 1;
  } finally {
    await instance?.stop();
  }
}

function print(report: Report, url: string, requests: number, playedMs: number): void {
  console.log(`\n${report.people} people, ${requests} requests in ${(playedMs / 1000).toFixed(1)} s against ${url}\n`);
  table('method', report.byMethod, () => '');
  console.log();
  table('what people did', report.byBehaviour, (name) => BEHAVIOURS[name as keyof typeof BEHAVIOURS]?.about ?? '');
  const { leads, clicks, messages } = report.lost;
  console.log(`\nlost: ${leads.length} leads, ${clicks.length} clicks, ${messages.length} messages · doubled: ${report.doubled.length}`);
  for (const id of [...leads, ...messages].slice(0, 10)) console.log(`  lost ${id}`);
  for (const id of report.doubled.slice(0, 10)) console.log(`  doubled ${id}`);
}

function table(
  title: string,
  rows: Readonly<Record<string, { right: number; wrong: number; unresolved: number }>>,
  note: (name: string) => string,
): void {
  console.log(`${title.padEnd(22)}${'right'.padStart(8)}${'wrong'.padStart(8)}${'unresolved'.padStart(12)}`);
  const sum = { right: 0, wrong: 0, unresolved: 0 };
  for (const [name, verdict] of Object.entries(rows).sort(
    ([, a], [, b]) => b.right + b.wrong + b.unresolved - (a.right + a.wrong + a.unresolved),
  )) {
    console.log(
      `${name.padEnd(22)}${String(verdict.right).padStart(8)}${String(verdict.wrong).padStart(8)}${String(verdict.unresolved).padStart(12)}  ${note(name)}`.trimEnd(),
    );
    sum.right += verdict.right;
    sum.wrong += verdict.wrong;
    sum.unresolved += verdict.unresolved;
  }
  console.log(`${'all'.padEnd(22)}${String(sum.right).padStart(8)}${String(sum.wrong).padStart(8)}${String(sum.unresolved).padStart(12)}`);
}

/** The demo knows the demo workspace's secrets the way the instance does: from its file and the environment. */
function demoWorkspace(): Workspace {
  const file = join(import.meta.dirname, '..', 'examples', 'workspaces', 'demo.yaml');
  const parsed = parseWorkspace(readFileSync(file, 'utf8'), { env: process.env, readFile: (path) => readFileSync(path, 'utf8'), file });
  if ('problems' in parsed)
    throw new Error(parsed.problems.map((problem) => `${problem.file} ${problem.path}: ${problem.message}`).join('\n'));
  return parsed.workspace;
}

/** Asked before anybody plays: a typing error in the URL should cost a second and give a sentence, not a stack. */
async function whyNotPlayable(url: string, workspace: string): Promise<string | undefined> {
  try {
    const probe = await fetch(`${url}/t/${workspace}/no-such-placement`, { redirect: 'manual' });
    const text = await probe.text();
    return probe.status === 404 && text.includes('placement')
      ? undefined
      : `${url} answers, but not as a messtrack with the workspace ${workspace}: ${probe.status} ${text.slice(0, 200)}`;
  } catch (cause) {
    return `nothing answers at ${url} (${cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause)}); start one with "npm start", or leave --url out`;
  }
}

function positive(name: string, value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number < 1) throw new DemoError(`${name} takes a whole number from 1, not "${value}"`);
  return number;
}
