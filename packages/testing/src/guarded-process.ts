import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/**
 * A child that cannot outlive us. Exit handlers do not run when a test process is killed with -9, so the guard sits beside the child: a
 * subshell in the child's own process group reads a pipe only we hold, and when the pipe ends, for whatever reason, it kills the group.
 * The subshell keeps the group id taken, so the number cannot have passed to a stranger by then. `exec` makes the pid we know the program's.
 */
const GUARD = 'exec 3<&0; ( cat <&3 >/dev/null; kill -s KILL -- -$$ ) >/dev/null 2>&1 & exec "$@" </dev/null 3<&-';

/** Output kept for error messages. Enough for a Java stack trace with its causes. */
const KEPT_LINES = 200;

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface GuardedProcess {
  readonly pid: number;
  /** Resolves when the program has ended, however it ended. */
  readonly exited: Promise<ProcessExit>;
  /** The last lines it printed on stdout and stderr, in order of arrival. */
  output(): string;
  isRunning(): boolean;
  /** SIGTERM; SIGKILL when it has not ended after `graceMs`. Resolves when it has ended. */
  stop(graceMs?: number): Promise<ProcessExit>;
  /** SIGKILL: nothing of the program's own shutdown runs. Resolves when it has ended. */
  kill(): Promise<ProcessExit>;
}

export interface GuardedProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly onLine?: (line: string) => void;
}

export async function startGuarded(options: GuardedProcessOptions): Promise<GuardedProcess> {
  const child = spawn('sh', ['-c', GUARD, 'guard', options.command, ...options.args], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  await once(child, 'spawn');
  const lines: string[] = [];
  const keep = (line: string) => {
    lines.push(line);
    if (lines.length > KEPT_LINES) lines.shift();
    options.onLine?.(line);
  };
  createInterface({ input: child.stdout }).on('line', keep);
  createInterface({ input: child.stderr }).on('line', keep);
  return guarded(child, lines);
}

function guarded(child: ChildProcess, lines: readonly string[]): GuardedProcess {
  const pid = child.pid;
  if (pid === undefined) throw new Error('a spawned process has no pid');
  let running = true;
  const exited = new Promise<ProcessExit>((resolve) => {
    // `close` comes after the last line of output, `exit` may come before it: a reader of `output()` wants all of it.
    child.once('close', (code, signal) => resolve({ code, signal }));
    child.once('exit', () => {
      running = false;
      child.stdin?.destroy();
    });
  });
  // The guard may have gone first; writing is never done, but closing a broken pipe still reports.
  child.stdin?.on('error', () => {});
  const signal = (name: NodeJS.Signals) => {
    if (running) process.kill(pid, name);
  };
  return {
    pid,
    exited,
    output: () => lines.join('\n'),
    isRunning: () => running,
    async stop(graceMs = 10_000) {
      signal('SIGTERM');
      const timer = setTimeout(() => signal('SIGKILL'), graceMs);
      try {
        return await exited;
      } finally {
        clearTimeout(timer);
      }
    },
    async kill() {
      signal('SIGKILL');
      return exited;
    },
  };
}
