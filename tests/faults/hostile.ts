/**
 * A million hostile requests of twenty kinds at every provider, and a hundred thousand webhooks ten times each: nothing crashes, nothing is accepted without a right proof, memory stays flat, honest
 * requests hardly notice, and every message is there once. `--requests N` posts, one in twenty of them honest (default 1,060,000), `--webhooks N` (default 100,000), `--deliveries N` (default 10), `--in-flight N` (default 16), `--seed N`
 * (default 1), `--timed-requests N` more, beside which latencies are taken (default 30,000) at `--rate N` posts per second (default 500).
 *
 * `--minutes N`: plays for about so long, keeps in `--folder` what it has, and goes on from there when it is called again with the same parameters.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openProgress } from './hostile/progress.ts';
import { playTraffic, type Traffic } from './hostile/requests.ts';
import { playStorm, readLedger } from './hostile/storm.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1060000' },
    'timed-requests': { type: 'string', default: '30000' },
    webhooks: { type: 'string', default: '100000' },
    deliveries: { type: 'string', default: '10' },
    'in-flight': { type: 'string', default: '16' },
    rate: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string' },
    folder: { type: 'string', default: join(tmpdir(), 'messtrack-hostile') },
  },
});
const parameters = {
  requests: whole('requests', values.requests),
  timedRequests: whole('timed-requests', values['timed-requests']),
  webhooks: whole('webhooks', values.webhooks),
  deliveries: whole('deliveries', values.deliveries),
  inFlight: whole('in-flight', values['in-flight']),
  rate: whole('rate', values.rate),
  seed: whole('seed', values.seed),
};
const minutes = values.minutes === undefined ? Number.POSITIVE_INFINITY : whole('minutes', values.minutes);

/** What a heap of this load may grow by between two full collections. */
const MAX_GROWTH_MB = 96;
const MAX_LATENCY_RATIO = 2;
/** Two of these give 1,000 timed posts: their p99 stands on ten. */
const BASELINE = 10_000;

// Before it begins: others may commit while it plays.
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
const now = () => performance.now();
const endsAt = now() + minutes * 60_000;
const isOver = () => now() >= endsAt;
const progress = openProgress(values.folder, parameters);
const { inFlight, rate, seed } = parameters;
const commits = [...new Set([...progress.played.commits, commit])];

if (progress.played.timed === undefined) {
  const timed = await playTraffic(
    { requests: parameters.timedRequests, first: parameters.requests, baseline: BASELINE, inFlight, rate, seed, isOver: () => false },
    now,
  );
  progress.keep({ ...progress.played, commits, timed });
  tell('timed requests', timed.played, timed.seconds);
}
for (let sent = playedOf(progress.played.traffic); sent < parameters.requests && !isOver(); sent = playedOf(progress.played.traffic)) {
  const sitting = {
    requests: parameters.requests - sent,
    first: sent,
    baseline: 0,
    inFlight,
    rate: Number.POSITIVE_INFINITY,
    seed,
    isOver,
  };
  const traffic = await playTraffic(sitting, now);
  progress.keep({ ...progress.played, commits, traffic: [...progress.played.traffic, traffic] });
  tell('requests', playedOf(progress.played.traffic), traffic.seconds);
}
const posts = parameters.webhooks * parameters.deliveries;
while (playedOf(progress.played.traffic) >= parameters.requests && sentOf() < posts && !isOver()) {
  const sitting = await playStorm({ ...parameters, folder: progress.stormFolder, from: sentOf(), isOver }, now);
  progress.keep({ ...progress.played, commits, storm: [...progress.played.storm, sitting] });
  tell('posts of the storm', sentOf(), sitting.seconds);
}
if (sentOf() < posts) console.log(`hostile: not over yet; the same command goes on from ${values.folder}`);
else finish(await readLedger({ webhooks: parameters.webhooks, folder: progress.stormFolder }));

function finish(ledger: Awaited<ReturnType<typeof readLedger>>): void {
  const { timed, traffic, storm } = progress.played;
  if (timed === undefined) throw new Error('the campaign ended without its timed part');
  const all = [timed, ...traffic];
  const latencyRatio = Math.round((timed.latency.besideHostile.p99 / timed.latency.besideHonest.p99) * 100) / 100;
  const growthMb = Math.max(...all.map(({ memoryMb }) => memoryMb.highestAfterQuarter - memoryMb.afterQuarter));
  const claims = {
    'no crash, and an orderly end': all.every(({ exitCode }) => exitCode === 0),
    'every answer is a right one': all.every(({ surprised }) => surprised === 0),
    'nothing accepted without a right proof': all.every(({ log }) => log.unproved === 0),
    'every honest message taken, once': all.every(({ honest, log }) => honest.refused === 0 && log.honest === log.honestExpected),
    'memory flat': growthMb <= MAX_GROWTH_MB,
    'p99 of honest requests not doubled': latencyRatio <= MAX_LATENCY_RATIO,
    'as many messages as webhooks, each once': ledger.messages === ledger.expected && ledger.doubled === 0,
    'as many leads as people': ledger.leads === ledger.expected,
  };
  const document = {
    name: 'hostile',
    says: 'Hostile requests at one gateway on the embedded log, beside honest ones: some at a steady rate, where latency beside hostile traffic is against that beside honest traffic, most as fast as they are answered; then redeliveries into a whole standalone that is killed every 100,000 posts. Played in sittings, each with a gateway of its own; the standalone of the storm keeps its folder.',
    measuredAt: new Date().toISOString(),
    commit: progress.played.commits.join(' '),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGiB: Math.round(totalmem() / 2 ** 30),
      kernel: release(),
    },
    versions: { node: process.version },
    parameters,
    claims,
    latencyRatio,
    memoryGrowthMb: growthMb,
    hostilePosts: all.reduce(
      (sum, { answers }) =>
        sum +
        Object.values(answers)
          .flatMap(Object.values<number>)
          .reduce((a, b) => a + b, 0),
      0,
    ),
    answers: sumOfAnswers(all),
    timed: withoutAnswers(timed),
    traffic: traffic.map(withoutAnswers),
    storm: {
      ...ledger,
      posts,
      again: storm.reduce((sum, { again }) => sum + again, 0),
      kills: storm.reduce((sum, { kills }) => sum + kills, 0),
      sittings: storm.length,
      seconds: Math.round(storm.reduce((sum, { seconds }) => sum + seconds, 0)),
    },
  };
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'hostile.json'), `${JSON.stringify(document, null, 2)}\n`);
  progress.remove();
  const broken = Object.entries(claims).flatMap(([claim, holds]) => (holds ? [] : [claim]));
  for (const surprise of all.flatMap(({ surprises }) => surprises).slice(0, 20)) console.error(`hostile: ${surprise}`);
  if (broken.length > 0) {
    console.error(`hostile: does not hold: ${broken.join('; ')}`);
    process.exitCode = 1;
  }
}

function tell(what: string, count: number, seconds: number): void {
  console.log(`hostile: ${count} ${what}, the last of them in ${Math.round(seconds)} s`);
}

function playedOf(traffic: readonly Traffic[]): number {
  return traffic.reduce((sum, { played }) => sum + played, 0);
}

function sentOf(): number {
  return progress.played.storm.at(-1)?.sent ?? 0;
}

function sumOfAnswers(all: readonly Traffic[]): Record<string, Record<string, number>> {
  const sums: Record<string, Record<string, number>> = {};
  for (const { answers } of all)
    for (const [kind, counts] of Object.entries(answers))
      for (const [status, count] of Object.entries(counts)) {
        sums[kind] = { ...sums[kind], [status]: (sums[kind]?.[status] ?? 0) + count };
      }
  return sums;
}

function withoutAnswers({ answers: _, surprises: __, ...traffic }: Traffic) {
  return { ...traffic, seconds: Math.round(traffic.seconds) };
}

function whole(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new TypeError(`--${name} takes a whole number from 1`);
  return Number(text);
}
