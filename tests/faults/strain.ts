/**
 * What does not break but wears, under load, on a cluster with two matchers: a slow ClickHouse, a full Redis, a full disk of Kafka, a matcher that stands still for longer than its session and goes on,
 * services that are stopped while Kafka is silent, clocks of one service alone. No service ends but as documented, and the books balance. `--only TEXT` plays those whose name has it, `--rate N` people per second (default 6), `--seed N` (default 1).
 * Needs root, to mount a small disk for Kafka.
 */
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { commitNow, whole, writeResult } from './processes/result.ts';
import { playStrains, STRAINS } from './processes/strains.ts';
import { claimsOf, shortened } from './processes/verdict.ts';

const { values } = parseArgs({
  options: { only: { type: 'string', default: '' }, rate: { type: 'string', default: '6' }, seed: { type: 'string', default: '1' } },
});
const parameters = { only: values.only, rate: whole('rate', values.rate), seed: whole('seed', values.seed) };

/** Of all services together, per strain. */
const MAX_LINES_PER_STRAIN = 40;
const MAX_MEMORY_MB = 700;
const MAX_RED_AFTER_S = 45;
const MAX_GREEN_AFTER_S = 75;

const commit = commitNow();
const played = await playStrains({
  only: parameters.only,
  perSecond: parameters.rate,
  seed: parameters.seed,
  say: (line) => console.log(`strain: ${line}`),
});
const { books, strains, restarts, unexpected, memoryMb, lines } = played;
const claims = {
  ...claimsOf(books),
  'each was played': strains.length === STRAINS.filter(({ name }) => name.includes(parameters.only)).length && strains.length > 0,
  'readiness was red where something was missing': strains.every(
    ({ isRed, redAfterS }) => !isRed || (redAfterS !== undefined && redAfterS <= MAX_RED_AFTER_S),
  ),
  'readiness was green after': strains.every(({ greenAfterS }) => greenAfterS !== undefined && greenAfterS <= MAX_GREEN_AFTER_S),
  'no service ended without a fatal line': unexpected.length === 0,
  'logs bounded': lines.total <= MAX_LINES_PER_STRAIN * strains.length,
  'memory bounded': Object.values(memoryMb).every((mb) => mb <= MAX_MEMORY_MB),
};
process.exitCode = writeResult(
  {
    name: 'strain',
    says: 'A slow ClickHouse, a full Redis, a full disk of Kafka, a matcher frozen for longer than its session, services stopped while Kafka is silent, clocks of one service alone: nothing acknowledged is lost or doubled, readiness says so, services wait or end as documented.',
    parameters,
    claims,
    numbers: { strains, restarts, unexpected, memoryMb, lines, books: shortened(books) },
  },
  commit,
);
if (process.exitCode === 0) await rm(played.folder, { recursive: true, force: true });
else console.error(`strain: data kept in ${played.folder}`);
