/**
 * The clock of every service set forward and back by an hour and by a day, under load: nothing stalls, no number is none, and the books balance. First a standalone, then a cluster. `--minutes N` of it,
 * half for each (default 2), `--rate N` people per second (default 6), `--seed N` (default 1).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stepCluster, stepStandalone } from './processes/clock-steps.ts';
import { commitNow, whole, writeResult } from './processes/result.ts';
import { claimsOf, shortened } from './processes/verdict.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '2' }, rate: { type: 'string', default: '6' }, seed: { type: 'string', default: '1' } },
});
const parameters = { minutes: whole('minutes', values.minutes), rate: whole('rate', values.rate), seed: whole('seed', values.seed) };

/** A message sent after the step is a row by then: a second of batching, the rest for a busy machine. */
const MAX_STALL_S = 15;

const commit = commitNow();
const folder = await mkdtemp(join(tmpdir(), 'messtrack-clock-'));
const steps = {
  seconds: parameters.minutes * 30,
  perSecond: parameters.rate,
  seed: parameters.seed,
  say: (line: string) => console.log(`clock: ${line}`),
};
const played = { standalone: await stepStandalone(steps, folder), cluster: await stepCluster(steps, folder) };
const claims = Object.fromEntries(
  (['standalone', 'cluster'] as const).flatMap((where) => {
    const { books, steps, noNumbers, endedByItself } = played[where];
    const own = {
      ...claimsOf(books),
      'the clock went forward and back': steps.some(({ byMs }) => byMs > 0) && steps.some(({ byMs }) => byMs < 0),
      'nothing stalled': steps.every(({ movedAfterS }) => movedAfterS !== undefined && movedAfterS <= MAX_STALL_S),
      'ready after each step': steps.every(({ wasReady }) => wasReady),
      'every number is one': noNumbers.length === 0,
      'no service ended by itself': endedByItself.length === 0,
    };
    return Object.entries(own).map(([claim, holds]) => [`${where}: ${claim}`, holds] as const);
  }),
);
process.exitCode = writeResult(
  {
    name: 'clock',
    says: 'The clock on the wall of all services set forward and back by an hour and a day under load: rows keep coming, nothing acknowledged is lost or doubled, codes still name their clicks.',
    parameters,
    claims,
    numbers: {
      standalone: { ...played.standalone, books: shortened(played.standalone.books) },
      cluster: { ...played.cluster, books: shortened(played.cluster.books) },
    },
  },
  commit,
);
if (process.exitCode === 0) await rm(folder, { recursive: true, force: true });
else console.error(`clock: data kept in ${folder}`);
