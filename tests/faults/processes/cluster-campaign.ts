/** A campaign on a cluster of its own: dependencies behind proxies, the services under a supervisor, people all the while, and the books at the end. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { type Cluster, type ClusterOptions, startCluster } from '@messtrack/testing/cluster.ts';
import { demoWorkspace, WORKSPACES } from '../../e2e/demo-workspace.ts';
import { type Dependencies, startDependencies } from './dependencies.ts';
import { startLoad } from './load.ts';
import { countLines } from './log-lines.ts';
import { areAllReady, supervise } from './supervisor.ts';
import { type Books, balance, leadsOf } from './verdict.ts';

export interface Campaign {
  /** Of its folder and its log. */
  readonly name: string;
  readonly runId: string;
  readonly seed: number;
  readonly perSecond: number;
  /** How long nothing may move before what is missing counts as lost. Milliseconds. */
  readonly stallMs: number;
  /** How far clocks may be behind the one of the campaign: what happened before it is none of its books. Milliseconds. */
  readonly clocksBehindMs?: number;
  /** Kinds of log lines that are kept for the result. */
  readonly kindsOfLines: number;
  /** Before anything is started; what has to be undone is pushed. */
  readonly prepare?: (folder: string, stops: (() => Promise<unknown>)[]) => Promise<void>;
  readonly cluster: (folder: string) => Pick<ClusterOptions, 'env' | 'instances'>;
}

/** What a campaign plays with. */
export interface Stage {
  readonly folder: string;
  readonly cluster: Cluster;
  readonly dependencies: Dependencies;
  /** Names of members that somebody has stopped and starts again. */
  readonly resting: Set<string>;
  /** Lines of the services since they were started. */
  readonly linesSoFar: () => number;
}

export interface CampaignEnd {
  /** Services that ended by an error, as documented, and were started again. */
  readonly restarts: Readonly<Record<string, number>>;
  /** Services that ended otherwise: by a signal, or without a fatal line. */
  readonly unexpected: readonly string[];
  /** Highest own memory per service, megabytes. */
  readonly memoryMb: Readonly<Record<string, number>>;
  readonly lines: { readonly total: number; readonly byMessage: Readonly<Record<string, number>>; readonly fatal: readonly string[] };
  readonly books: Books;
  readonly folder: string;
}

const PATIENCE_MS = 240_000;
const GREEN_DEADLINE_MS = 120_000;

/** Plays `acts` on a cluster with people on it. The last act is over when it resolves; then the books are balanced. */
export async function playCampaign<T>(
  campaign: Campaign,
  acts: (stage: Stage) => Promise<T>,
): Promise<{ readonly acts: T; readonly end: CampaignEnd }> {
  const { name, runId, seed, perSecond, stallMs } = campaign;
  const folder = await mkdtemp(join(tmpdir(), `messtrack-${name}-`));
  const stops: (() => Promise<unknown>)[] = [];
  try {
    await campaign.prepare?.(folder, stops);
    const dependencies = await startDependencies(folder, stops);
    const lines = countLines();
    const since = new Date(Date.now() - (campaign.clocksBehindMs ?? 0));
    const cluster = await startCluster({
      workspacesDir: WORKSPACES,
      dataDir: folder,
      ...campaign.cluster(folder),
      onLine: (instance, line) => lines.take(instance, line),
    });
    stops.push(cluster.stop);
    const supervisor = supervise(cluster);
    stops.push(supervisor.stop);
    // Starting is no part of it.
    const linesAtStart = lines.count();
    const linesSoFar = () => lines.count() - linesAtStart;
    const load = startLoad({ url: cluster.url, workspace: demoWorkspace(), runId, seed: seed * 1_000, perSecond, patienceMs: PATIENCE_MS });
    const played = await acts({ folder, cluster, dependencies, resting: supervisor.resting, linesSoFar });
    const people = await load.stop();
    const bus = await openKafkaBus({ brokers: [...cluster.kafkaBrokers], clientId: 'faults', log: createLogger(name, 'error') });
    let books: Books;
    try {
      const options = { url: dependencies.clickhouseUrl, workspace: 'demo', runId, since, stallMs };
      books = await balance(options, people, () => leadsOf(bus));
    } finally {
      await bus.close();
    }
    const { restarts, unexpected, memoryMb } = supervisor;
    const told = { total: linesSoFar(), byMessage: lines.table(campaign.kindsOfLines), fatal: lines.fatal };
    return { acts: played, end: { restarts, unexpected, memoryMb, lines: told, books, folder } };
  } finally {
    for (let stop = stops.pop(); stop !== undefined; stop = stops.pop()) await stop();
  }
}

export interface Readiness {
  /** From the begin until the first service that needs it said that it is not ready; undefined when none did. Seconds. */
  readonly redAfterS: number | undefined;
  /** From the end until all said that they are ready; undefined when they did not. Seconds. */
  readonly greenAfterS: number | undefined;
}

/** How readiness answers to something that begins, lasts and ends. */
export async function readinessThrough(
  cluster: Cluster,
  { seconds, begin, end }: { readonly seconds: number; readonly begin: () => Promise<unknown>; readonly end: () => Promise<unknown> },
): Promise<Readiness> {
  const beganAt = performance.now();
  await begin();
  let redAfterS: number | undefined;
  while (performance.now() - beganAt < seconds * 1_000) {
    if (redAfterS === undefined && !(await areAllReady(cluster))) redAfterS = secondsSince(beganAt);
    await sleep(200);
  }
  await end();
  const backAt = performance.now();
  while (!(await areAllReady(cluster))) {
    if (performance.now() - backAt > GREEN_DEADLINE_MS) return { redAfterS, greenAfterS: undefined };
    await sleep(200);
  }
  return { redAfterS, greenAfterS: secondsSince(backAt) };
}

function secondsSince(at: number): number {
  return Math.round((performance.now() - at) / 100) / 10;
}
