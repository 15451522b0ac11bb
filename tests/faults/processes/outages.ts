import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { type Cluster, startCluster } from '@messtrack/testing/cluster.ts';
import { type Random, seededRandom } from '../../../scripts/demo/random.ts';
import { demoWorkspace, WORKSPACES } from '../../e2e/demo-workspace.ts';
import { type Dependency, startDependencies } from './dependencies.ts';
import { startLoad } from './load.ts';
import { countLines } from './log-lines.ts';
import { areAllReady, supervise } from './supervisor.ts';
import { type Books, balance, leadsOf } from './verdict.ts';

export interface OutageParameters {
  readonly seconds: number;
  readonly perSecond: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export type What = 'redis' | 'kafka' | 'clickhouse';
/** `killed`: SIGKILL and, later, started again. `silent`: connections stand and no byte passes, as a stopped process. `cut`: connections break and are refused. */
export type How = 'killed' | 'silent' | 'cut';

export interface Outage {
  readonly what: What;
  readonly how: How;
  readonly seconds: number;
  /** From its begin until the first service that needs it said that it is not ready; undefined when none did. */
  readonly redAfterS: number | undefined;
  /** From its end until all four said that they are ready; undefined when they did not. */
  readonly greenAfterS: number | undefined;
}

export interface Outages {
  readonly outages: readonly Outage[];
  /** Services that ended by an error, as documented, and were started again. */
  readonly restarts: Readonly<Record<string, number>>;
  /** Services that ended otherwise: by a signal, or without a fatal line. */
  readonly unexpected: readonly string[];
  /** Highest own memory per service, megabytes. */
  readonly memoryMb: Readonly<Record<string, number>>;
  readonly lines: { readonly total: number; readonly byMessage: Readonly<Record<string, number>> };
  readonly books: Books;
  readonly folder: string;
}

const PATIENCE_MS = 240_000;
const STALL_MS = 60_000;
const GREEN_DEADLINE_MS = 120_000;

/** Each for some seconds, every third longer. Another seed begins at another place, and a longer campaign again at the first. */
const PLAN: readonly (readonly [What, How])[] = [
  ['redis', 'killed'],
  ['kafka', 'cut'],
  ['clickhouse', 'silent'],
  ['kafka', 'killed'],
  ['redis', 'silent'],
  ['clickhouse', 'killed'],
  ['kafka', 'silent'],
  ['redis', 'cut'],
  ['clickhouse', 'cut'],
];

export async function playOutages({ seconds, perSecond, seed, say }: OutageParameters): Promise<Outages> {
  const folder = await mkdtemp(join(tmpdir(), 'messtrack-outage-'));
  const random = seededRandom(seed);
  const stops: (() => Promise<unknown>)[] = [];
  try {
    const dependencies = await startDependencies(folder, stops);
    const lines = countLines();
    const since = new Date();
    const cluster = await startCluster({
      workspacesDir: WORKSPACES,
      dataDir: folder,
      env: { LOG_LEVEL: 'warn' },
      onLine: (instance, line) => lines.take(instance, line),
    });
    stops.push(cluster.stop);
    const supervisor = supervise(cluster);
    stops.push(supervisor.stop);
    // Starting is no outage.
    const linesAtStart = lines.count();
    const load = startLoad({
      url: cluster.url,
      workspace: demoWorkspace(),
      runId: 'ou',
      seed: seed * 1_000,
      perSecond,
      patienceMs: PATIENCE_MS,
    });
    const outages: Outage[] = [];
    const endsAt = performance.now() + seconds * 1_000;
    for (let round = 0; performance.now() < endsAt || round < 3; round++) {
      const [what, how] = PLAN[(round + (seed - 1) * 3) % PLAN.length]!;
      await sleep(3_000);
      const outage = await takeAway(cluster, dependencies[what], what, how, secondsOf(random, round));
      outages.push(outage);
      say(
        `${what} ${how} for ${outage.seconds} s: red after ${outage.redAfterS} s, green ${outage.greenAfterS} s after it was back; ${lines.count() - linesAtStart} lines so far`,
      );
    }
    const played = await load.stop();
    const bus = await openKafkaBus({ brokers: [...cluster.kafkaBrokers], clientId: 'faults', log: createLogger('outage', 'error') });
    let books: Books;
    try {
      const options = { url: dependencies.clickhouseUrl, workspace: 'demo', runId: 'ou', since, stallMs: STALL_MS };
      books = await balance(options, played, () => leadsOf(bus));
    } finally {
      await bus.close();
    }
    const { restarts, unexpected, memoryMb } = supervisor;
    return {
      outages,
      restarts,
      unexpected,
      memoryMb,
      lines: { total: lines.count() - linesAtStart, byMessage: lines.table(40) },
      books,
      folder,
    };
  } finally {
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop();
  }
}

async function takeAway(cluster: Cluster, { instance, proxy }: Dependency, what: What, how: How, seconds: number): Promise<Outage> {
  const beganAt = performance.now();
  if (how === 'killed') await instance.kill();
  if (how === 'silent') proxy.hold();
  if (how === 'cut') await proxy.refuse();
  const endsAt = beganAt + seconds * 1_000;
  let redAfterS: number | undefined;
  while (performance.now() < endsAt) {
    if (redAfterS === undefined && !(await areAllReady(cluster))) redAfterS = secondsSince(beganAt);
    await sleep(200);
  }
  if (how === 'killed') await instance.restart();
  else await proxy.heal();
  const backAt = performance.now();
  while (!(await areAllReady(cluster))) {
    if (performance.now() - backAt > GREEN_DEADLINE_MS) return { what, how, seconds, redAfterS, greenAfterS: undefined };
    await sleep(200);
  }
  return { what, how, seconds, redAfterS, greenAfterS: secondsSince(backAt) };
}

/** Most are short; every third lasts long enough for sessions and timeouts to run out. */
function secondsOf(random: Random, round: number): number {
  return Math.round(round % 3 === 2 ? 15 + random.next() * 20 : 4 + random.next() * 6);
}

function secondsSince(at: number): number {
  return Math.round((performance.now() - at) / 100) / 10;
}
