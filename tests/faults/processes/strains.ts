import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { type Cluster, SERVICE_NAMES, startCluster } from '@messtrack/testing/cluster.ts';
import { startGuarded } from '@messtrack/testing/guarded-process.ts';
import { Redis } from 'ioredis';
import { demoWorkspace, WORKSPACES } from '../../e2e/demo-workspace.ts';
import { type Dependencies, startDependencies } from './dependencies.ts';
import { startLoad } from './load.ts';
import { countLines } from './log-lines.ts';
import { areAllReady, supervise } from './supervisor.ts';
import { type Books, balance, leadsOf } from './verdict.ts';

interface World {
  readonly cluster: Cluster;
  readonly dependencies: Dependencies;
  readonly kafkaFolder: string;
  readonly resting: Set<string>;
  setClock(service: string, offMs: number): Promise<void>;
}

interface Strain {
  readonly name: string;
  readonly seconds: number;
  /** Whether somebody has to say that something is missing: a service that is slow, or a clock that is off, is none of it. */
  readonly isRed: boolean;
  readonly begin: (world: World) => Promise<unknown>;
  readonly end: (world: World) => Promise<unknown>;
}

const HOUR_MS = 3_600_000;

export const STRAINS: readonly Strain[] = [
  {
    name: 'clickhouse takes 20 s for an answer',
    seconds: 50,
    isRed: true,
    begin: async ({ dependencies }) => dependencies.clickhouse.proxy.delay(10_000),
    end: ({ dependencies }) => dependencies.clickhouse.proxy.heal(),
  },
  {
    name: 'redis at maxmemory without eviction',
    seconds: 15,
    isRed: true,
    begin: ({ dependencies }) => redis(dependencies, (client) => client.config('SET', 'maxmemory', '1')),
    end: ({ dependencies }) => redis(dependencies, (client) => client.config('SET', 'maxmemory', '0')),
  },
  {
    name: 'redis emptied',
    seconds: 10,
    isRed: true,
    begin: ({ dependencies }) => redis(dependencies, (client) => client.flushall()),
    end: rebuild,
  },
  {
    name: 'the disk of kafka full',
    seconds: 20,
    isRed: true,
    begin: ({ kafkaFolder }) => fill(kafkaFolder),
    async end({ kafkaFolder, dependencies }) {
      await rm(join(kafkaFolder, 'ballast'));
      await dependencies.kafka.instance.restart();
    },
  },
  {
    name: 'one of two matchers stands still for longer than its session',
    seconds: 45,
    // The one that stands still cannot say so: it does not answer.
    isRed: true,
    begin: async ({ cluster }) => signal(cluster, 'matcher', 'SIGSTOP'),
    end: async ({ cluster }) => signal(cluster, 'matcher', 'SIGCONT'),
  },
  ...SERVICE_NAMES.flatMap((service) =>
    [HOUR_MS, -HOUR_MS].map(
      (offMs): Strain => ({
        name: `the clock of ${service} alone an hour ${offMs > 0 ? 'ahead' : 'behind'}`,
        seconds: 6,
        isRed: false,
        begin: (world) => world.setClock(service, offMs),
        end: (world) => world.setClock(service, 0),
      }),
    ),
  ),
];

export interface Strained {
  readonly strains: readonly {
    readonly name: string;
    readonly isRed: boolean;
    readonly redAfterS: number | undefined;
    readonly greenAfterS: number | undefined;
  }[];
  readonly restarts: Readonly<Record<string, number>>;
  readonly unexpected: readonly string[];
  readonly memoryMb: Readonly<Record<string, number>>;
  readonly lines: { readonly total: number; readonly byMessage: Readonly<Record<string, number>> };
  readonly books: Books;
  readonly folder: string;
}

export interface StrainParameters {
  readonly only: string;
  readonly perSecond: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

const KAFKA_DISK_MIB = 320;
const PATIENCE_MS = 240_000;
const STALL_MS = 90_000;
const GREEN_DEADLINE_MS = 120_000;

export async function playStrains({ only, perSecond, seed, say }: StrainParameters): Promise<Strained> {
  const folder = await mkdtemp(join(tmpdir(), 'messtrack-strain-'));
  const stops: (() => Promise<unknown>)[] = [];
  try {
    const kafkaFolder = join(folder, 'kafka');
    await mkdir(kafkaFolder);
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${KAFKA_DISK_MIB}m`, 'tmpfs', kafkaFolder]);
    stops.push(async () => execFileSync('umount', ['--lazy', kafkaFolder]));
    const dependencies = await startDependencies(folder, stops);
    const lines = countLines();
    const since = new Date(Date.now() - 2 * HOUR_MS);
    const setClock = (service: string, offMs: number) => writeFile(join(folder, `shift-${service}`), String(offMs));
    for (const service of SERVICE_NAMES) await setClock(service, 0);
    const cluster = await startCluster({
      workspacesDir: WORKSPACES,
      dataDir: folder,
      instances: 2,
      env: {
        LOG_LEVEL: 'warn',
        NODE_OPTIONS: `--import ${new URL('./shifted-clock.ts', import.meta.url).href}`,
        CLOCK_SHIFT_FILE: join(folder, 'shift-{service}'),
      },
      onLine: (instance, line) => lines.take(instance, line),
    });
    stops.push(cluster.stop);
    const supervisor = supervise(cluster);
    stops.push(supervisor.stop);
    const linesAtStart = lines.count();
    const load = startLoad({
      url: cluster.url,
      workspace: demoWorkspace(),
      runId: 'st',
      seed: seed * 1_000,
      perSecond,
      patienceMs: PATIENCE_MS,
    });
    const world = { cluster, dependencies, kafkaFolder, setClock, resting: supervisor.resting };
    const strains: Strained['strains'][number][] = [];
    for (const strain of STRAINS.filter(({ name }) => name.includes(only))) {
      await sleep(4_000);
      const played = await play(strain, world);
      strains.push(played);
      say(`${strain.name}: red after ${played.redAfterS} s, green ${played.greenAfterS} s after it; ${lines.count() - linesAtStart} lines`);
    }
    await sleep(4_000);
    const played = await load.stop();
    const bus = await openKafkaBus({ brokers: [...cluster.kafkaBrokers], clientId: 'faults', log: createLogger('strain', 'error') });
    let books: Books;
    try {
      const options = { url: dependencies.clickhouseUrl, workspace: 'demo', runId: 'st', since, stallMs: STALL_MS };
      books = await balance(options, played, () => leadsOf(bus));
    } finally {
      await bus.close();
    }
    const { restarts, unexpected, memoryMb } = supervisor;
    return {
      strains,
      restarts,
      unexpected,
      memoryMb,
      lines: { total: lines.count() - linesAtStart, byMessage: lines.table(60) },
      books,
      folder,
    };
  } finally {
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop();
  }
}

async function play({ name, seconds, isRed, begin, end }: Strain, world: World): Promise<Strained['strains'][number]> {
  await begin(world);
  const beganAt = performance.now();
  let redAfterS: number | undefined;
  while (performance.now() - beganAt < seconds * 1_000) {
    if (redAfterS === undefined && !(await areAllReady(world.cluster))) redAfterS = secondsSince(beganAt);
    await sleep(200);
  }
  await end(world);
  const backAt = performance.now();
  while (!(await areAllReady(world.cluster))) {
    if (performance.now() - backAt > GREEN_DEADLINE_MS) return { name, isRed, redAfterS, greenAfterS: undefined };
    await sleep(200);
  }
  return { name, isRed, redAfterS, greenAfterS: secondsSince(backAt) };
}

/** As docs/operations.md says: the matchers are stopped, the store is filled anew, broken off once and done again, and they are started. */
async function rebuild({ cluster, dependencies, resting }: World): Promise<void> {
  const matchers = cluster.members.filter(({ service }) => service === 'matcher');
  for (const { name } of matchers) resting.add(name);
  await Promise.all(matchers.map((matcher) => matcher.stop()));
  const run = async (killAfterMs?: number) => {
    const child = await startGuarded({
      command: process.execPath,
      args: ['scripts/rebuild-sessions.ts'],
      cwd: join(import.meta.dirname, '..', '..', '..'),
      env: { KAFKA_BROKERS: cluster.kafkaBrokers.join(','), REDIS_URL: dependencies.redisUrl },
    });
    if (killAfterMs !== undefined) {
      await sleep(killAfterMs);
      await child.kill();
    } else if ((await child.exited).code !== 0) throw new Error(`rebuild-sessions failed:\n${child.output()}`);
  };
  await run(1_200);
  await run();
  await Promise.all(matchers.map((matcher) => matcher.start()));
  resting.clear();
}

function signal(cluster: Cluster, name: string, which: NodeJS.Signals): void {
  const pid = cluster.member(name).pid();
  if (pid !== undefined) process.kill(pid, which);
}

async function redis(dependencies: Dependencies, work: (client: Redis) => Promise<unknown>): Promise<void> {
  const client = new Redis(dependencies.redisUrl);
  try {
    await work(client);
  } finally {
    client.disconnect();
  }
}

async function fill(folder: string): Promise<void> {
  for (;;) {
    const { bavail, bsize } = await statfs(folder);
    if (bavail === 0) return;
    try {
      await writeFile(join(folder, 'ballast'), Buffer.alloc(Math.min(bavail * bsize, 4_194_304)), { flag: 'a' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
      return;
    }
  }
}

function secondsSince(at: number): number {
  return Math.round((performance.now() - at) / 100) / 10;
}
