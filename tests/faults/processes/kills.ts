import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { SERVICE_NAMES, type ServiceName, startCluster } from '@messtrack/testing/cluster.ts';
import { freePort } from '@messtrack/testing/free-port.ts';
import { type Random, seededRandom } from '../../../scripts/demo/random.ts';
import { demoWorkspace, WORKSPACES } from '../../e2e/demo-workspace.ts';
import { startLoad } from './load.ts';
import { spawnStandalone, startStandalone } from './standalone-process.ts';
import { type Books, balance, leadsOf } from './verdict.ts';

export interface KillParameters {
  /** How long each of the two is killed again and again. */
  readonly seconds: number;
  readonly perSecond: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface Killed {
  readonly standalone: { readonly kills: number; readonly books: Books };
  readonly cluster: {
    readonly killed: Readonly<Record<ServiceName, number>>;
    /** Services that ended though nobody had killed them, with their last lines. */
    readonly endedByItself: readonly string[];
    readonly books: Books;
  };
  /** Data of both. */
  readonly folders: readonly string[];
}

/** Longer than a service takes to start on a busy machine. */
const PATIENCE_MS = 180_000;
const STALL_MS = 45_000;

const log = createLogger('kill', 'error');

export async function playKills(parameters: KillParameters): Promise<Killed> {
  const folders = [await mkdtemp(join(tmpdir(), 'messtrack-kill-')), await mkdtemp(join(tmpdir(), 'messtrack-kill-'))] as const;
  const standalone = await killStandalone(parameters, folders[0]);
  parameters.say(`standalone: ${standalone.kills} kills, ${standalone.books.people} people`);
  const cluster = await killCluster(parameters, folders[1]);
  parameters.say(`cluster: ${JSON.stringify(cluster.killed)} kills, ${cluster.books.people} people`);
  return { standalone, cluster, folders };
}

async function killStandalone({ seconds, perSecond, seed }: KillParameters, folder: string): Promise<Killed['standalone']> {
  const random = seededRandom(seed);
  const port = await freePort();
  const since = new Date();
  let standalone = await startStandalone({ folder, port });
  try {
    const { url } = standalone;
    const load = startLoad({ url, workspace: demoWorkspace(), runId: 'ks', seed: seed * 1_000, perSecond, patienceMs: PATIENCE_MS });
    const endsAt = performance.now() + seconds * 1_000;
    let kills = 0;
    while (performance.now() < endsAt) {
      await sleep(momentMs(random));
      await standalone.kill();
      kills += 1;
      // Also in the middle of a start: what it repairs then must survive it as well.
      if (random.next() < 0.4) {
        const starting = await spawnStandalone({ folder, port });
        await sleep(random.next() * 2_000);
        await starting.kill();
        kills += 1;
      }
      standalone = await startStandalone({ folder, port });
    }
    const played = await load.stop();
    const bus = await openLmdbBus({ path: join(folder, 'log'), log });
    try {
      const options = { url, workspace: 'demo', runId: 'ks', since, stallMs: STALL_MS };
      return { kills, books: await balance(options, played, () => leadsOf(bus)) };
    } finally {
      await bus.close();
    }
  } finally {
    await standalone.kill();
  }
}

async function killCluster({ seconds, perSecond, seed }: KillParameters, dataDir: string): Promise<Killed['cluster']> {
  const random = seededRandom(seed + 1);
  const since = new Date();
  const cluster = await startCluster({ workspacesDir: WORKSPACES, dataDir, env: { LOG_LEVEL: 'warn' } });
  const endedByItself: string[] = [];
  cluster.crashed.catch((error: unknown) => endedByItself.push(String(error)));
  try {
    const load = startLoad({
      url: cluster.url,
      workspace: demoWorkspace(),
      runId: 'kc',
      seed: seed * 1_000 + 500,
      perSecond,
      patienceMs: PATIENCE_MS,
    });
    const killed: Record<ServiceName, number> = { exporter: 0, matcher: 0, ingest: 0, 'messenger-gateway': 0 };
    const endsAt = performance.now() + seconds * 1_000;
    for (let round = 0; performance.now() < endsAt || Object.values(killed).includes(0); round++) {
      await sleep(momentMs(random));
      // All in turn, and every third time the next one with it.
      const victims = [round, ...(round % 3 === 2 ? [round + 1] : [])].map((index) => SERVICE_NAMES[index % SERVICE_NAMES.length]!);
      await Promise.all(
        victims.map(async (name) => {
          await cluster.member(name).kill();
          killed[name] += 1;
          await cluster.member(name).start();
        }),
      );
    }
    const played = await load.stop();
    const bus = await openKafkaBus({ brokers: [...cluster.kafkaBrokers], clientId: 'faults', log });
    try {
      const options = { url: cluster.url, workspace: 'demo', runId: 'kc', since, stallMs: STALL_MS };
      return { killed, endedByItself, books: await balance(options, played, () => leadsOf(bus)) };
    } finally {
      await bus.close();
    }
  } finally {
    await cluster.stop();
  }
}

function momentMs(random: Random): number {
  return 200 + random.next() * 3_000;
}
