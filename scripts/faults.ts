import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', 'tests', 'faults');
const names = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.slice(0, -3))
  .sort();
const words = process.argv.slice(2).filter((word) => word !== '--');
// Names come first; from the first flag on, everything is the campaign's own.
const flagsFrom = words.findIndex((word) => word.startsWith('--'));
const asked = flagsFrom < 0 ? words : words.slice(0, flagsFrom);
const flags = flagsFrom < 0 ? [] : words.slice(flagsFrom);

if (asked.length === 0 && flags.includes('--help')) {
  console.log(
    `npm run faults [name …] [-- flags]\n\nRuns campaigns of faults one after another and writes tests/faults/results/<name>.json. Each ends with an error when what it proves\ndoes not hold.\nNames: ${names.join(', ')}. Without a name: all. Flags go to one campaign, which says in its first lines which it takes.`,
  );
} else {
  const unknown = asked.filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    console.error(`no campaign named ${unknown.join(', ')}; there are ${names.join(', ')}`);
    process.exitCode = 2;
  } else if (flags.length > 0 && asked.length !== 1) {
    console.error(`${flags[0]} belongs to a campaign: name it first`);
    process.exitCode = 2;
  } else {
    const failed = (asked.length > 0 ? asked : names).filter(
      // A campaign holds its log and its ledger in memory.
      (name) =>
        spawnSync(process.execPath, ['--max-old-space-size=12288', join(FOLDER, `${name}.ts`), ...flags], { stdio: 'inherit' }).status !==
        0,
    );
    if (failed.length > 0) {
      console.error(`failed: ${failed.join(', ')}`);
      process.exitCode = 1;
    }
  }
}
