/**
 * A million hostile requests of twenty kinds at every provider, and a hundred thousand webhooks ten times each: nothing crashes, nothing is accepted without a right proof, memory stays flat, honest
 * requests hardly notice, and every message is there once. `--requests N` (default 1,000,000), `--webhooks N` (default 100,000), `--deliveries N` (default 10), `--in-flight N` (default 16), `--rate N`
 * posts per second while latencies are taken (default 500), `--seed N` (default 1).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { playRequests } from './hostile/requests.ts';
import { playStorm } from './hostile/storm.ts';

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '1000000' },
    webhooks: { type: 'string', default: '100000' },
    deliveries: { type: 'string', default: '10' },
    'in-flight': { type: 'string', default: '16' },
    rate: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
  },
});
const parameters = {
  requests: whole('requests', values.requests),
  webhooks: whole('webhooks', values.webhooks),
  deliveries: whole('deliveries', values.deliveries),
  inFlight: whole('in-flight', values['in-flight']),
  rate: whole('rate', values.rate),
  seed: whole('seed', values.seed),
};

/** What a heap of this load may grow by between two full collections. */
const MAX_GROWTH_MB = 96;
const MAX_LATENCY_RATIO = 2;

// Before it begins: others may commit while it plays.
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
const now = () => performance.now();
const requests = await playRequests(parameters, now);
console.log(`hostile: ${parameters.requests} requests in ${Math.round(requests.seconds)} s`);
const storm = await playStorm(parameters, now);
console.log(`hostile: ${storm.posts} posts of ${parameters.webhooks} webhooks in ${Math.round(storm.seconds)} s`);

const latencyRatio = Math.round((requests.latency.besideHostile.p99 / requests.latency.besideHonest.p99) * 100) / 100;
const growthMb = requests.memoryMb.highestAfterQuarter - requests.memoryMb.afterQuarter;
const claims = {
  'no crash, and an orderly end': requests.exitCode === 0,
  'every answer is a right one': requests.surprised === 0,
  'nothing accepted without a right proof': requests.log.unproved === 0,
  'every honest message taken, once': requests.honest.refused === 0 && requests.log.honest === requests.log.honestExpected,
  'memory flat': growthMb <= MAX_GROWTH_MB,
  'p99 of honest requests not doubled': latencyRatio <= MAX_LATENCY_RATIO,
  'as many messages as webhooks, each once': storm.messages === storm.expected && storm.doubled === 0,
  'as many leads as people': storm.leads === storm.expected,
};
const document = {
  name: 'hostile',
  says: 'Hostile requests at one gateway on the embedded log, beside honest ones; then redeliveries into a whole standalone that is killed half-way. Latency beside hostile traffic is against that beside honest traffic of the same rate.',
  measuredAt: new Date().toISOString(),
  commit,
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
  requests: { ...requests, seconds: Math.round(requests.seconds) },
  storm: { ...storm, seconds: Math.round(storm.seconds) },
};
const folder = join(import.meta.dirname, 'results');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'hostile.json'), `${JSON.stringify(document, null, 2)}\n`);
const broken = Object.entries(claims).flatMap(([claim, holds]) => (holds ? [] : [claim]));
for (const surprise of requests.surprises) console.error(`hostile: ${surprise}`);
if (broken.length > 0) {
  console.error(`hostile: does not hold: ${broken.join('; ')}`);
  process.exitCode = 1;
}

function whole(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new TypeError(`--${name} takes a whole number from 1`);
  return Number(text);
}
