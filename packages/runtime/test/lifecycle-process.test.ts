import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';

interface Child {
  /** Resolves when the child has said the word. */
  said(word: string): Promise<void>;
  words(): readonly string[];
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
}

const running: ChildProcessByStdio<null, Readable, null>[] = [];

afterEach(() => {
  for (const process_ of running.splice(0)) process_.kill('SIGKILL');
});

function start(mode: string): Child {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'lifecycle-child.ts'), mode], { stdio: ['ignore', 'pipe', 'ignore'] });
  running.push(child);
  let output = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
    for (const listener of listeners) listener();
  });
  const words = (): readonly string[] => output.split('\n').filter((word) => word !== '');
  return {
    words,
    said: (word) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (words().includes(word)) resolve();
        };
        listeners.add(look);
        child.once('exit', () => reject(new Error(`the child ended without saying "${word}": ${output}`)));
        look();
      }),
    kill: (signal) => void child.kill(signal),
    ended: new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal }))),
  };
}

describe('a service as a real process', () => {
  it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('drains on %s, in reverse order, and exits 0', async (signal) => {
    const child = start('plain');
    await child.said('ready');
    child.kill(signal);
    expect(await child.ended).toEqual({ code: 0, signal: null });
    expect(child.words()).toEqual(['ready', 'draining', 'drained', 'store closed']);
  });

  it('is not cut short by the echo of its own stop signal', async () => {
    const child = start('plain');
    await child.said('ready');
    child.kill('SIGINT');
    await child.said('draining');
    child.kill('SIGINT');
    expect((await child.ended).code).toBe(0);
    expect(child.words().at(-1)).toBe('store closed');
  });

  it('exits 1 at a second signal while it is stuck in its drain', async () => {
    const child = start('stuck');
    await child.said('ready');
    child.kill('SIGTERM');
    await child.said('draining');
    // Longer than what counts as the echo of the first signal.
    await delay(700);
    child.kill('SIGTERM');
    expect(await child.ended).toEqual({ code: 1, signal: null });
  });

  it.each(['throws', 'rejects'])('exits 1 when something %s that nobody catches', async (mode) => {
    const child = start(mode);
    expect(await child.ended).toEqual({ code: 1, signal: null });
  });
});
