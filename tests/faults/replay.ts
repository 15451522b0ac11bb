/**
 * A million events through the live matcher's data path, whose owners die and move, and folded again by `npm run replay`: the same leads to
 * the byte. `--events N` (default 1,000,000), `--accounts N` (default 120), `--seed N` (default 1).
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isEqual, playEquality } from './replay/equality.ts';

const { values } = parseArgs({
  options: {
    events: { type: 'string', default: '1000000' },
    accounts: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
  },
});
const parameters = {
  events: whole('events', values.events),
  accounts: whole('accounts', values.accounts),
  seed: whole('seed', values.seed),
  partitions: 3,
};

// Before it begins: others may commit while it plays.
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
let next = parameters.events / 10;
const { kinds, befallen, result, liveSeconds, replaySeconds } = await playEquality(
  parameters,
  () => performance.now(),
  (made) => {
    if (made < next) return;
    console.log(`replay: ${made} events folded live`);
    next += parameters.events / 10;
  },
);
const { differences, records, unreadable } = result;
const { compared, identical, same_answer, changed, only_standing, only_replayed } = differences;
const document = {
  name: 'replay',
  says: 'The log folded again gives the same leads to the byte, whatever befell the owners of its partitions; one process, log and join store in memory.',
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
  kinds,
  befallen,
  leads: { compared, identical, same_answer, changed, only_standing, only_replayed },
  records: { folded: records, unreadable },
  liveSeconds: Math.round(liveSeconds * 10) / 10,
  replaySeconds: Math.round(replaySeconds * 10) / 10,
  peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1_024),
};
const folder = join(import.meta.dirname, 'results');
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'replay.json'), `${JSON.stringify(document, null, 2)}\n`);
console.log(
  `replay: ${records} records, ${compared} leads, ${identical} identical; ${befallen.diedBefore} owners died before their transaction, ${befallen.moved} moved, ${befallen.foldedAgain} records folded again by new owners`,
);
if (!isEqual(result)) {
  console.error(`replay: ${JSON.stringify(document.leads)}: the replay must find every lead and change none`);
  process.exitCode = 1;
}

function whole(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new TypeError(`--${name} takes a whole number from 1`);
  return Number(text);
}
