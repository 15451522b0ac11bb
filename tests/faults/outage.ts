/**
 * Redis, Kafka and ClickHouse, each killed, silent and cut off, under load: no service ends but as documented, readiness is red while it lasts and green after, logs and memory stay bounded, and the books
 * balance when all are back. `--minutes N` of it (default 3), `--rate N` people per second (default 6), `--seed N` (default 1), `--only TEXT` plays those whose name ("kafka cut") has it.
 */
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { outagesNamed, playOutages } from './processes/outages.ts';
import { commitNow, whole, writeResult } from './processes/result.ts';
import { claimsOf, shortened } from './processes/verdict.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '3' },
    rate: { type: 'string', default: '6' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
  },
});
const parameters = {
  only: values.only,
  minutes: whole('minutes', values.minutes),
  rate: whole('rate', values.rate),
  seed: whole('seed', values.seed),
};

/** Of all four services together, per outage: a line when it begins and one when it ends for each thing that waits, and what kafkajs has to say. */
const MAX_LINES_PER_OUTAGE = 40;
/** Own memory of a service at its highest, without what it shares. */
const MAX_MEMORY_MB = 700;
/** From the first failure to a red answer, and from the end to a green one. */
const MAX_RED_AFTER_S = 12;
const MAX_GREEN_AFTER_S = 75;

/** All three, unless outages are played by name. */
const dependencies = [...new Set(outagesNamed(parameters.only).map(([what]) => what))];

const commit = commitNow();
const played = await playOutages({
  seconds: parameters.minutes * 60,
  perSecond: parameters.rate,
  seed: parameters.seed,
  only: parameters.only,
  say: (line) => console.log(`outage: ${line}`),
});
const { books, outages, restarts, unexpected, memoryMb, lines } = played;
const claims = {
  ...claimsOf(books),
  'each of the three was away': dependencies.every((each) => outages.some(({ what }) => what === each)),
  'readiness was red while it lasted': outages.every(({ redAfterS }) => redAfterS !== undefined && redAfterS <= MAX_RED_AFTER_S),
  'readiness was green after': outages.every(({ greenAfterS }) => greenAfterS !== undefined && greenAfterS <= MAX_GREEN_AFTER_S),
  'no service ended without a fatal line': unexpected.length === 0,
  'logs bounded': lines.total <= MAX_LINES_PER_OUTAGE * Math.max(1, outages.length),
  'memory bounded': Object.values(memoryMb).every((mb) => mb <= MAX_MEMORY_MB),
};
process.exitCode = writeResult(
  {
    name: 'outage',
    says: 'Redis, Kafka and ClickHouse killed, silent and cut off under load: nothing acknowledged is lost or doubled, readiness says so, services wait or end as documented and are started again, and logs and memory stay bounded.',
    parameters,
    claims,
    numbers: { outages, restarts, unexpected, memoryMb, lines, books: shortened(books) },
  },
  commit,
);
if (process.exitCode === 0) await rm(played.folder, { recursive: true, force: true });
else console.error(`outage: data kept in ${played.folder}`);
