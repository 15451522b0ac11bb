import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

export interface Named {
  /** The command in messages: `bench` of `npm run bench`. */
  readonly command: string;
  /** What one of them is called, and the first lines of its --help. */
  readonly noun: string;
  readonly about: string;
  /** Each file here is one, but those that they share. */
  readonly folder: string;
  readonly shared?: readonly string[];
  readonly nodeFlags: readonly string[];
}

/** `npm run {command} [name …] [-- flags]`: runs the files of a folder by name, one at a time, because two on the same cores measure each other. */
export function runNamed(words: readonly string[], { command, noun, about, folder, shared = [], nodeFlags }: Named): void {
  const names = readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !shared.includes(file))
    .map((file) => file.slice(0, -3))
    .sort();
  const given = words.filter((word) => word !== '--');
  // Names come first; from the first flag on, everything belongs to the one that is named.
  const flagsFrom = given.findIndex((word) => word.startsWith('--'));
  const asked = flagsFrom < 0 ? given : given.slice(0, flagsFrom);
  const flags = flagsFrom < 0 ? [] : given.slice(flagsFrom);

  if (asked.length === 0 && flags.includes('--help')) {
    console.log(
      `npm run ${command} [name …] [-- flags]\n\n${about}\nNames: ${names.join(', ')}. Without a name: all. Flags go to one ${noun}, which says in its first lines which it takes.`,
    );
    return;
  }
  const unknown = asked.filter((name) => !names.includes(name));
  if (unknown.length > 0 || (flags.length > 0 && asked.length !== 1)) {
    console.error(
      unknown.length > 0
        ? `no ${noun} named ${unknown.join(', ')}; there are ${names.join(', ')}`
        : `${flags[0]} belongs to a ${noun}: name it first`,
    );
    process.exitCode = 2;
    return;
  }
  const failed = (asked.length > 0 ? asked : names).filter(
    (name) => spawnSync(process.execPath, [...nodeFlags, join(folder, `${name}.ts`), ...flags], { stdio: 'inherit' }).status !== 0,
  );
  if (failed.length > 0) {
    console.error(`failed: ${failed.join(', ')}`);
    process.exitCode = 1;
  }
}
