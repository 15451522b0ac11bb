/**
 * SIGKILL at random moments, under load: first a whole standalone, then the four services of a cluster with real Kafka, Redis and ClickHouse. At the end every acknowledged click and message is a row
 * once, every conversation a lead once, and the warehouse has the revisions of leads.v1. `--minutes N` of killing, half for each (default 1), `--rate N` people per second (default 8), `--seed N`
 * (default 1).
 */
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { playKills } from './processes/kills.ts';
import { commitNow, whole, writeResult } from './processes/result.ts';
import { claimsOf, shortened } from './processes/verdict.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '1' }, rate: { type: 'string', default: '8' }, seed: { type: 'string', default: '1' } },
});
const parameters = { minutes: whole('minutes', values.minutes), rate: whole('rate', values.rate), seed: whole('seed', values.seed) };
const commit = commitNow();
const { standalone, cluster, folders } = await playKills({
  seconds: parameters.minutes * 30,
  perSecond: parameters.rate,
  seed: parameters.seed,
  say: (line) => console.log(`kill: ${line}`),
});
const claims = {
  ...named('standalone', claimsOf(standalone.books)),
  'standalone: was killed': standalone.kills > 0,
  ...named('cluster', claimsOf(cluster.books)),
  'cluster: each service was killed': Object.values(cluster.killed).every((count) => count > 0),
  'cluster: no service ended by itself': cluster.endedByItself.length === 0,
};
process.exitCode = writeResult(
  {
    name: 'kill',
    says: 'SIGKILL at random moments under load loses nothing that was acknowledged and doubles nothing: people of the demonstration against a standalone, then against a cluster whose four services are killed one after another and two at a time.',
    parameters,
    claims,
    numbers: {
      standalone: { ...standalone, books: shortened(standalone.books) },
      cluster: { ...cluster, books: shortened(cluster.books) },
    },
  },
  commit,
);
// Kept for whoever wants to know what is missing in it.
if (process.exitCode === 0) for (const folder of folders) await rm(folder, { recursive: true, force: true });
else console.error(`kill: data kept in ${folders.join(', ')}`);

function named(where: string, all: Readonly<Record<string, boolean>>): Record<string, boolean> {
  return Object.fromEntries(Object.entries(all).map(([claim, holds]) => [`${where}: ${claim}`, holds]));
}
