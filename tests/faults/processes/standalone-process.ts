/** `npm start` as a process that may be killed, stopped and started again on its folder, with its lines counted. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type GuardedProcess, type ProcessExit, startGuarded } from '@messtrack/testing/guarded-process.ts';

export interface StandaloneOptions {
  readonly folder: string;
  readonly port: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly onLine?: (line: string) => void;
  /** Runs in the shell that `npm start` is, before it, in a mount namespace of its own: mounts that nobody else sees and that go with the process. */
  readonly mounts?: string;
}

export interface StandaloneProcess {
  readonly url: string;
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
  isRunning(): boolean;
  output(): string;
  kill(): Promise<ProcessExit>;
  stop(): Promise<ProcessExit>;
}

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** The process, running; ready or not. */
export async function spawnStandalone(options: StandaloneOptions): Promise<StandaloneProcess> {
  const { folder, port, env, onLine, mounts } = options;
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly scripts: { readonly start: string } };
  const child: GuardedProcess = await startGuarded({
    ...(mounts === undefined
      ? { command: '/bin/sh', args: ['-c', scripts.start] }
      : { command: 'unshare', args: ['--map-root-user', '--mount', '/bin/sh', '-c', `set -e\n${mounts}\n${scripts.start}`] }),
    cwd: ROOT,
    env: {
      PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
      LOG_LEVEL: 'warn',
      ...env,
      PORT: String(port),
      MESSTRACK_DATA: folder,
    },
    ...(onLine === undefined ? {} : { onLine }),
  });
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid,
    exited: child.exited,
    isRunning: child.isRunning,
    output: child.output,
    kill: child.kill,
    stop: () => child.stop(30_000),
  };
}

/** Resolves when it is ready; rejects with its output when it ends before. */
export async function startStandalone(options: StandaloneOptions): Promise<StandaloneProcess> {
  const standalone = await spawnStandalone(options);
  while (!(await readiness(standalone.url)).isOk) {
    if (!standalone.isRunning()) {
      await standalone.exited;
      throw new Error(`the standalone ended before it was ready:\n${standalone.output()}`);
    }
    await sleep(50);
  }
  return standalone;
}

export interface Readiness {
  readonly isOk: boolean;
  /** The answer, or why there is none. */
  readonly text: string;
}

export async function readiness(url: string): Promise<Readiness> {
  try {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) });
    return { isOk: answer.ok, text: await answer.text() };
  } catch (error) {
    return { isOk: false, text: String(error) };
  }
}
