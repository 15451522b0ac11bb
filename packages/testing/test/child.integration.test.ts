import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { startChild } from '../src/child.ts';

const script = new URL('./killed-child.ts', import.meta.url);

describe('a child process', () => {
  test('runs to its end and its output is kept', async () => {
    const child = await startChild({ script });
    expect(await child.exited).toEqual({ code: 0, signal: null });
    expect(child.output()).toContain('work 5');
  });

  test('is killed exactly at the point and the occurrence named', async () => {
    const child = await startChild({ script, killAt: { point: 'before', occurrence: 3 } });
    expect(await child.exited).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await child.reached('before', 3)).toBe('3');
    expect(child.output()).toContain('work 2');
    expect(child.output()).not.toContain('work 3');
  });

  test('a point that is never reached is an error with the output', async () => {
    const child = await startChild({ script });
    await expect(child.reached('nowhere')).rejects.toThrow(/before it reached nowhere#1:\n[\s\S]*work 5/);
  });

  test('stops on SIGTERM, dies on kill', async () => {
    const stopped = await startChild({ script, args: ['wait'] });
    await stopped.reached('waiting');
    expect(await stopped.stop()).toEqual({ code: 0, signal: null });
    expect(stopped.output()).toContain('stopped in an orderly way');

    const killed = await startChild({ script, args: ['wait'] });
    await killed.reached('waiting');
    expect(await killed.kill()).toEqual({ code: null, signal: 'SIGKILL' });
    expect(killed.output()).not.toContain('stopped in an orderly way');
  });

  test('what it started dies with it, even by SIGKILL', async () => {
    const maker = await startChild({ script: new URL('./orphan-maker.ts', import.meta.url) });
    const orphan = Number(await maker.reached('started'));
    expect(isAlive(orphan)).toBe(true);
    await maker.kill();
    await expect.poll(() => isAlive(orphan), { timeout: 10_000 }).toBe(false);
  });
});

/** A zombie has ended; its pid stays until somebody collects it, which in a container without an init nobody does. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !isZombie(pid);
}

function isZombie(pid: number): boolean {
  const ps = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return ps.stdout.trim() === '' || ps.stdout.trim().startsWith('Z');
}
