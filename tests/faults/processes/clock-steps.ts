import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { openLmdbBus } from '@messtrack/runtime/bus-lmdb.ts';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { startCluster } from '@messtrack/testing/cluster.ts';
import { freePort } from '@messtrack/testing/free-port.ts';
import { query } from '../../../scripts/demo/warehouse-view.ts';
import { demoWorkspace, WORKSPACES } from '../../e2e/demo-workspace.ts';
import { type Load, startLoad } from './load.ts';
import { startStandalone } from './standalone-process.ts';
import { type Books, balance, type LeadsInLog, leadsOf } from './verdict.ts';

export interface StepParameters {
  /** Of each of the two. */
  readonly seconds: number;
  readonly perSecond: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

export interface Step {
  /** How far the clock was set, forward or back; and what it is off from then on. */
  readonly byMs: number;
  readonly offMs: number;
  /** Until messages sent after it came into the warehouse; undefined when they did not. */
  readonly movedAfterS: number | undefined;
  readonly wasReady: boolean;
}

export interface Stepped {
  readonly steps: readonly Step[];
  /** Metrics and columns that are no number. */
  readonly noNumbers: readonly string[];
  readonly endedByItself: readonly string[];
  readonly books: Books;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** What the clock is off, one after another; again from the start when there is time. */
const PLAN = [HOUR_MS, 0, -HOUR_MS, DAY_MS, 0, -DAY_MS, 0] as const;
const PATIENCE_MS = 120_000;
const STALL_MS = 60_000;
const MOVE_DEADLINE_MS = 45_000;
const DWELL_MS = 4_000;

interface Place {
  readonly url: string;
  readonly metricsUrls: readonly string[];
  readonly readyUrls: readonly string[];
  readonly readLeads: () => Promise<LeadsInLog>;
}

/** What a process is started with to have a clock that can be set, and how to set it. */
interface Clock {
  readonly env: Readonly<Record<string, string>>;
  set(offMs: number): Promise<void>;
}

async function openClock(folder: string): Promise<Clock> {
  const file = join(folder, 'shift');
  const set = (offMs: number) => writeFile(file, String(offMs));
  await set(0);
  const preload = new URL('./shifted-clock.ts', import.meta.url).href;
  return { env: { NODE_OPTIONS: `--import ${preload}`, CLOCK_SHIFT_FILE: file }, set };
}

const log = createLogger('clock', 'error');

export async function stepStandalone(parameters: StepParameters, folder: string): Promise<Stepped> {
  const clock = await openClock(folder);
  const data = join(folder, 'standalone');
  const standalone = await startStandalone({ folder: data, port: await freePort(), env: clock.env });
  const endedByItself: string[] = [];
  let isStopping = false;
  standalone.exited.then(({ code, signal }) => {
    if (!isStopping) endedByItself.push(`standalone: ${signal ?? code}: ${standalone.output().slice(-2_000)}`);
  });
  try {
    const bus = await openLmdbBus({ path: join(data, 'log'), log });
    const { url } = standalone;
    const place = { url, metricsUrls: [`${url}/metrics`], readyUrls: [`${url}/readyz`], readLeads: () => leadsOf(bus) };
    const stepped = await step(place, 'cs', clock, endedByItself, parameters);
    await bus.close();
    return stepped;
  } finally {
    isStopping = true;
    await standalone.kill();
  }
}

export async function stepCluster(parameters: StepParameters, folder: string): Promise<Stepped> {
  const clock = await openClock(folder);
  const cluster = await startCluster({
    workspacesDir: WORKSPACES,
    dataDir: join(folder, 'cluster'),
    env: { LOG_LEVEL: 'warn', ...clock.env },
  });
  const endedByItself: string[] = [];
  cluster.crashed.catch((error: unknown) => {
    endedByItself.push(String(error).slice(-4_000));
    parameters.say(`a service ended by itself: ${String(error).slice(-4_000)}`);
  });
  try {
    const bus = await openKafkaBus({ brokers: [...cluster.kafkaBrokers], clientId: 'faults', log });
    const admin = (path: string) => cluster.members.map(({ adminPort }) => `http://127.0.0.1:${adminPort}${path}`);
    const place = { url: cluster.url, metricsUrls: admin('/metrics'), readyUrls: admin('/readyz'), readLeads: () => leadsOf(bus) };
    const stepped = await step(place, 'cc', clock, endedByItself, parameters);
    await bus.close();
    return stepped;
  } finally {
    await cluster.stop();
  }
}

async function step(
  place: Place,
  runId: string,
  clock: Clock,
  endedByItself: readonly string[],
  { seconds, perSecond, seed, say }: StepParameters,
): Promise<Stepped> {
  // Rows are looked for over all that the clock may have said.
  const since = new Date(Date.now() - 3 * DAY_MS);
  const load = startLoad({ url: place.url, workspace: demoWorkspace(), runId, seed: seed * 1_000, perSecond, patienceMs: PATIENCE_MS });
  const steps: Step[] = [];
  const endsAt = performance.now() + seconds * 1_000;
  let offMs = 0;
  await sleep(DWELL_MS);
  for (let round = 0; performance.now() < endsAt || round < PLAN.length; round++) {
    const next = PLAN[round % PLAN.length]!;
    await clock.set(next);
    const movedAfterS = await moved(place.url, load);
    const made = { byMs: next - offMs, offMs: next, movedAfterS, wasReady: await areReady(place.readyUrls) };
    steps.push(made);
    say(`clock ${made.byMs / HOUR_MS} h: rows after ${movedAfterS} s, ${made.wasReady ? 'ready' : 'not ready'}`);
    offMs = next;
    await sleep(DWELL_MS);
  }
  const played = await load.stop();
  const options = { url: place.url, workspace: 'demo', runId, since, stallMs: STALL_MS };
  const books = await balance(options, played, place.readLeads);
  return { steps, noNumbers: await noNumbers(place), endedByItself, books };
}

/** Seconds until the warehouse has more messages than were there when the clock was set and a second later. */
async function moved(url: string, load: Load): Promise<number | undefined> {
  const beganAt = performance.now();
  await sleep(1_000);
  const rows = async () =>
    Number((await query<{ n: string }>({ url, sqlToken: '' }, 'SELECT toString(count()) AS n FROM messtrack.messages'))[0]?.n);
  const before = await rows();
  const { requests } = load.progress();
  while (performance.now() - beganAt < MOVE_DEADLINE_MS) {
    // Two batches' worth more: the one that was open when the clock was set must have gone as well.
    if ((await rows()) > before + 3 && load.progress().requests >= requests) return Math.round((performance.now() - beganAt) / 100) / 10;
    await sleep(250);
  }
  return undefined;
}

async function areReady(urls: readonly string[]): Promise<boolean> {
  const answers = await Promise.all(
    urls.map((url) =>
      fetch(url).then(
        ({ ok }) => ok,
        () => false,
      ),
    ),
  );
  return answers.every((isOk) => isOk);
}

async function noNumbers({ url, metricsUrls }: Place): Promise<string[]> {
  const found: string[] = [];
  for (const metrics of metricsUrls) {
    const text = await (await fetch(metrics)).text();
    // Quantiles of prom-client's own summaries of the garbage collector are none before the first collection.
    found.push(...text.split('\n').filter((line) => / (NaN|[+-]?Inf)$/i.test(line) && line.startsWith('messtrack_')));
  }
  const strange = await query<{ n: string }>(
    { url, sqlToken: '' },
    'SELECT toString(countIf(isNaN(probability) OR isNaN(p_none) OR isNaN(p_other) OR probability < 0 OR probability > 1 OR started_at < now() - INTERVAL 3 DAY OR started_at > now() + INTERVAL 3 DAY OR decided_at > now() + INTERVAL 3 DAY)) AS n FROM messtrack.lead_revisions',
  );
  if (strange[0]?.n !== '0') found.push(`${strange[0]?.n} revisions of leads with a number that is none, or a time of another age`);
  return found;
}
