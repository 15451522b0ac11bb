/**
 * What befalls a data folder: files cut, overwritten, gone, not to be written; two standalones on one folder; a disk that fills. A clear error that names the file and what to do and an exit code, never a
 * start with nothing in it, never an end by a signal; a full disk is refused in order and forgotten when there is room. `--seed N` (default 1), `--minutes N` of the full disk (default 1).
 * Needs `unshare`, for mounts of its own.
 */
import { rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { DAMAGES, playDamages } from './processes/damages.ts';
import { fillDisk } from './processes/full-disk.ts';
import { commitNow, whole, writeResult } from './processes/result.ts';
import { claimsOf, shortened } from './processes/verdict.ts';

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, minutes: { type: 'string', default: '1' } } });
const parameters = { seed: whole('seed', values.seed), minutes: whole('minutes', values.minutes) };

/** Lines that an outage of the disk may take: one when it begins and one when it ends, of the log, the spool and the broker behind it, and a reminder a minute. */
const MAX_LINES = 12;
/** The disk fills within milliseconds here: a commit of each of the three stores may be under way, and LMDB and its binding print ten lines about one that fails. None is tried again. */
const MAX_PRINTED = 30;
const MAX_RED_AFTER_S = 5;
const MAX_GREEN_AFTER_S = 15;

const commit = commitNow();
const say = (line: string) => console.log(`data: ${line}`);
const { damages, second, folder } = await playDamages(parameters.seed, say);
const disk = await fillDisk({ seed: parameters.seed, seconds: parameters.minutes * 40, say });
const { books, answers, lines } = disk;
const claims = {
  ...Object.fromEntries(
    damages.map(({ name, wasRefused, exitCode, says }) => [
      `${name}: refused with exit code 1, the file and what to do`,
      wasRefused && exitCode === 1 && says !== '',
    ]),
  ),
  'every damage was tried': damages.length === DAMAGES.length,
  'a second standalone says that the folder is in use, by whom, and the first goes on': second.isRefused && second.isFirstReady,
  'full disk: red within seconds, with the reason':
    disk.redAfterS !== undefined && disk.redAfterS <= MAX_RED_AFTER_S && disk.reason.includes('MiB free'),
  'full disk: people of redirects reach the messenger':
    answers.redirects.length > 0 && answers.redirects.every(({ status, hasCode }) => status === 302 && !hasCode),
  'full disk: beacons get 503 that says why': answers.beacon.status === 503 && answers.beacon.text.includes('"error"'),
  'full disk: webhooks get 503 and come again': answers.webhook.status === 503,
  'full disk: few lines, and of LMDB none but for a commit under way':
    lines.total - lines.printed <= MAX_LINES && lines.printed <= MAX_PRINTED,
  'full disk: green when there is room': disk.greenAfterS !== undefined && disk.greenAfterS <= MAX_GREEN_AFTER_S,
  ...Object.fromEntries(Object.entries(claimsOf(books)).map(([claim, holds]) => [`full disk: ${claim}`, holds])),
};
process.exitCode = writeResult(
  {
    name: 'data',
    says: 'Damaged, cut, missing and unwritable files of the data folder, two processes on one folder, and a full disk: said by name with what to do, refused in order, nothing acknowledged lost.',
    parameters,
    claims,
    numbers: { damages, second, disk: { ...disk, books: shortened(books) } },
  },
  commit,
);
if (process.exitCode === 0) for (const each of [folder, disk.folder]) await rm(each, { recursive: true, force: true });
else console.error(`data: data kept in ${folder}`);
