import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';

const FIRST = new URL('../../deploy/first-process.js', import.meta.url).pathname;

/** How a program ends that says "up" and is then sent the signal. */
async function ends(program: string, signal: NodeJS.Signals): Promise<readonly [code: number | null, signal: string | null]> {
  const child = spawn(process.execPath, ['--import', FIRST, '--eval', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit');
  await once(child.stdout, 'data');
  child.kill(signal);
  const [code, by] = await exit;
  return [code, by];
}

it.each(['SIGTERM', 'SIGINT'] as const)('%s ends a process that does not listen for it yet, in order', async (signal) => {
  expect(await ends('console.log("up"); setInterval(() => {}, 1000)', signal)).toEqual([0, null]);
});

it.each(['SIGTERM', 'SIGINT'] as const)('%s is left to a process that listens for it', async (signal) => {
  const program = `process.on('${signal}', () => setImmediate(() => process.exit(7))); console.log('up'); setInterval(() => {}, 1000)`;
  expect(await ends(program, signal)).toEqual([7, null]);
});
