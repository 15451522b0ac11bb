/** The result of a campaign: what was played, what was claimed and whether it holds. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

export interface Result {
  readonly name: string;
  /** What is proved, in a sentence. */
  readonly says: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, boolean>>;
  readonly numbers: Readonly<Record<string, unknown>>;
}

/** Asked before a campaign begins: others may commit while it plays. */
export function commitNow(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim();
}

/** Writes the file and says what does not hold. Returns the exit code. */
export function writeResult({ name, says, parameters, claims, numbers }: Result, commit: string): number {
  const document = {
    name,
    says,
    measuredAt: new Date().toISOString(),
    commit,
    machine: { cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length, memoryGiB: Math.round(totalmem() / 2 ** 30), kernel: release() },
    versions: { node: process.version },
    parameters,
    claims,
    ...numbers,
  };
  const folder = join(import.meta.dirname, '..', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(document, null, 2)}\n`);
  const broken = Object.entries(claims).flatMap(([claim, holds]) => (holds ? [] : [claim]));
  if (broken.length === 0) {
    console.log(`${name}: all of ${Object.keys(claims).length} claims hold`);
    return 0;
  }
  console.error(`${name}: does not hold: ${broken.join('; ')}`);
  return 1;
}

/** @throws TypeError naming the flag */
export function whole(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new TypeError(`--${name} takes a whole number from 1`);
  return Number(text);
}
