import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { type Cluster, type ClusterMember, startCluster } from '@messtrack/testing/cluster.ts';
import { type FaultProxy, startFaultProxy } from '@messtrack/testing/fault-proxy.ts';
import { freePort } from '@messtrack/testing/free-port.ts';
import type { ServiceInstance } from '@messtrack/testing/instance.ts';
import { startClickhouse, startKafka, startRedis } from '@messtrack/testing/services.ts';
import { type Random, seededRandom } from '../../../scripts/demo/random.ts';
import { demoWorkspace, WORKSPACES } from '../../e2e/demo-workspace.ts';
import { startLoad } from './load.ts';
import { countLines } from './log-lines.ts';
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

interface Dependency {
  readonly instance: ServiceInstance;
  readonly proxy: FaultProxy;
}

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

/** Each behind a proxy that the services take for the thing itself. */
async function startDependencies(folder: string, stops: (() => Promise<unknown>)[]) {
  const kafkaPort = await freePort();
  const kafka = await startKafka({ dataDir: join(folder, 'kafka'), advertisedPort: kafkaPort });
  stops.push(kafka.stop);
  const redis = await startRedis({ dataDir: join(folder, 'redis') });
  stops.push(redis.stop);
  const clickhouse = await startClickhouse({ dataDir: join(folder, 'clickhouse') });
  stops.push(clickhouse.stop);
  const proxies = {
    kafka: await startFaultProxy({ targetPort: kafka.port, port: kafkaPort }),
    redis: await startFaultProxy({ targetPort: Number(new URL(redis.url).port) }),
    clickhouse: await startFaultProxy({ targetPort: Number(new URL(clickhouse.url).port) }),
  };
  for (const proxy of Object.values(proxies)) stops.push(proxy.close);
  // Where `startCluster` looks for services that exist.
  process.env['MESSTRACK_TEST_KAFKA'] = kafka.brokers.join(',');
  process.env['MESSTRACK_TEST_REDIS'] = `redis://127.0.0.1:${proxies.redis.port}`;
  process.env['MESSTRACK_TEST_CLICKHOUSE'] = `http://127.0.0.1:${proxies.clickhouse.port}`;
  return {
    kafka: { instance: kafka, proxy: proxies.kafka },
    redis: { instance: redis, proxy: proxies.redis },
    clickhouse: { instance: clickhouse, proxy: proxies.clickhouse },
    /** Past the proxy: whoever reads the books is not part of what is tested. */
    clickhouseUrl: clickhouse.url,
  };
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

async function areAllReady({ members }: Cluster): Promise<boolean> {
  const answers = await Promise.all(members.map(isReady));
  return answers.every((isOk) => isOk);
}

async function isReady({ adminPort }: ClusterMember): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${adminPort}/readyz`, { signal: AbortSignal.timeout(5_000) })).ok;
  } catch {
    return false;
  }
}

interface Supervisor {
  readonly restarts: Record<string, number>;
  readonly unexpected: string[];
  readonly memoryMb: Record<string, number>;
  stop(): Promise<void>;
}

/** Starts again what ended, as an orchestrator does: after a second, as often as it takes. */
function supervise(cluster: Cluster): Supervisor {
  const restarts: Record<string, number> = {};
  const unexpected: string[] = [];
  const memoryMb: Record<string, number> = {};
  let isOver = false;

  async function keep(member: ClusterMember): Promise<void> {
    while (!isOver) {
      await sleep(500);
      if (isOver) return;
      if (member.isRunning()) {
        memoryMb[member.name] = Math.max(memoryMb[member.name] ?? 0, await ownMemoryMb(member.pid()));
        continue;
      }
      const output = member.output();
      if (!output.includes('"level":"fatal"')) unexpected.push(`${member.name}: ${output.slice(-500)}`);
      restarts[member.name] = (restarts[member.name] ?? 0) + 1;
      await sleep(1_000);
      // It ends again while what it needs is away: the next round sees it.
      await member.start().catch(() => undefined);
    }
  }

  const keeping = Promise.all(cluster.members.map(keep));
  return {
    restarts,
    unexpected,
    memoryMb,
    async stop() {
      isOver = true;
      await keeping;
    },
  };
}

async function ownMemoryMb(pid: number | undefined): Promise<number> {
  const status = pid === undefined ? '' : await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/^RssAnon:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1_024);
}

/** Most are short; every third lasts long enough for sessions and timeouts to run out. */
function secondsOf(random: Random, round: number): number {
  return Math.round(round % 3 === 2 ? 15 + random.next() * 20 : 4 + random.next() * 6);
}

function secondsSince(at: number): number {
  return Math.round((performance.now() - at) / 100) / 10;
}
