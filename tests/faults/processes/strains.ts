import { execFileSync } from 'node:child_process';
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Cluster, SERVICE_NAMES } from '@messtrack/testing/cluster.ts';
import { startGuarded } from '@messtrack/testing/guarded-process.ts';
import { Redis } from 'ioredis';
import { type Campaign, type CampaignEnd, playCampaign, type Readiness, readinessThrough, type Stage } from './cluster-campaign.ts';
import type { Dependencies } from './dependencies.ts';

interface World extends Stage {
  readonly kafkaFolder: string;
  readonly say: (line: string) => void;
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
  {
    name: 'every service is stopped while kafka is silent',
    seconds: 35,
    isRed: true,
    begin: stopAll,
    end: startAll,
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

export interface PlayedStrain extends Readiness {
  readonly name: string;
  readonly isRed: boolean;
}

export interface Strained extends CampaignEnd {
  readonly strains: readonly PlayedStrain[];
}

export interface StrainParameters {
  readonly only: string;
  readonly perSecond: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

const KAFKA_DISK_MIB = 320;

export async function playStrains({ only, perSecond, seed, say }: StrainParameters): Promise<Strained> {
  const setClockIn = (folder: string) => (service: string, offMs: number) => writeFile(join(folder, `shift-${service}`), String(offMs));
  const campaign: Campaign = {
    name: 'strain',
    runId: 'st',
    seed,
    perSecond,
    stallMs: 90_000,
    clocksBehindMs: 2 * HOUR_MS,
    kindsOfLines: 60,
    async prepare(folder, stops) {
      const kafkaFolder = kafkaFolderIn(folder);
      await mkdir(kafkaFolder);
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${KAFKA_DISK_MIB}m`, 'tmpfs', kafkaFolder]);
      stops.push(async () => execFileSync('umount', ['--lazy', kafkaFolder]));
      for (const service of SERVICE_NAMES) await setClockIn(folder)(service, 0);
    },
    cluster: (folder) => ({
      instances: 2,
      env: {
        LOG_LEVEL: 'warn',
        NODE_OPTIONS: `--import ${new URL('./shifted-clock.ts', import.meta.url).href}`,
        CLOCK_SHIFT_FILE: join(folder, 'shift-{service}'),
      },
    }),
  };
  const { acts: strains, end } = await playCampaign(campaign, async (stage) => {
    const world = { ...stage, say, kafkaFolder: kafkaFolderIn(stage.folder), setClock: setClockIn(stage.folder) };
    const played: PlayedStrain[] = [];
    for (const { name, isRed, seconds, begin, end } of STRAINS.filter((strain) => strain.name.includes(only))) {
      await sleep(4_000);
      const readiness = await readinessThrough(stage.cluster, { seconds, begin: () => begin(world), end: () => end(world) });
      played.push({ name, isRed, ...readiness });
      say(`${name}: red after ${readiness.redAfterS} s, green ${readiness.greenAfterS} s after it; ${stage.linesSoFar()} lines`);
    }
    await sleep(4_000);
    return played;
  });
  return { strains, ...end };
}

/** Where `startDependencies` puts Kafka's data. */
function kafkaFolderIn(folder: string): string {
  return join(folder, 'kafka');
}

/** In the middle of what they do: clicks are in the spool by then, and transactions without an answer. */
async function stopAll({ cluster, dependencies, resting, say }: World): Promise<void> {
  dependencies.kafka.proxy.hold();
  await sleep(3_000);
  for (const { name } of cluster.members) resting.add(name);
  await Promise.all(
    cluster.members.map(async (member) => {
      const startedAt = performance.now();
      const { code, signal } = await member.stop();
      say(`${member.name} stopped within ${Math.round((performance.now() - startedAt) / 100) / 10} s`);
      if (code !== 0) throw new Error(`${member.name} ended with ${signal ?? `exit code ${code}`}:\n${member.output()}`);
    }),
  );
}

async function startAll({ cluster, dependencies, resting }: World): Promise<void> {
  await dependencies.kafka.proxy.heal();
  await Promise.all(cluster.members.map((member) => member.start()));
  resting.clear();
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
