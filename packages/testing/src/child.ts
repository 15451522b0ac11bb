import { fileURLToPath } from 'node:url';
import { KILL_AT, POINT_PREFIX } from './child-points.ts';
import { type ProcessExit, startGuarded } from './guarded-process.ts';

/** A script in a process of its own that may be killed at an exact place. The script marks places with `reached` of child-points.ts. */
export interface Child {
  readonly pid: number;
  readonly exited: Promise<ProcessExit>;
  /** Resolves with the detail when the point is passed the `occurrence`-th time (from 1); rejects when the process ends before. */
  reached(point: string, occurrence?: number): Promise<string>;
  /** Last lines of stdout and stderr. */
  output(): string;
  stop(): Promise<ProcessExit>;
  kill(): Promise<ProcessExit>;
}

export interface ChildOptions {
  /** A TypeScript or JavaScript file, run as Node runs it. */
  readonly script: URL;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** SIGKILL at this point, its first or the named occurrence. */
  readonly killAt?: { readonly point: string; readonly occurrence?: number };
}

export async function startChild(options: ChildOptions): Promise<Child> {
  const details = new Map<string, string[]>();
  const waiting = new Set<() => void>();
  const child = await startGuarded({
    command: process.execPath,
    args: [fileURLToPath(options.script), ...(options.args ?? [])],
    env: {
      ...options.env,
      ...(options.killAt === undefined ? {} : { [KILL_AT]: `${options.killAt.point}#${options.killAt.occurrence ?? 1}` }),
    },
    onLine(line) {
      if (!line.startsWith(POINT_PREFIX)) return;
      const [, point = '', detail = ''] = /^(\S+) ?(.*)$/.exec(line.slice(POINT_PREFIX.length)) ?? [];
      const seen = details.get(point) ?? [];
      seen.push(detail);
      details.set(point, seen);
      for (const look of waiting) look();
    },
  });
  let ended = false;
  const exited = child.exited.then((exit) => {
    ended = true;
    for (const look of waiting) look();
    return exit;
  });
  return {
    pid: child.pid,
    exited,
    output: child.output,
    stop: child.stop,
    kill: child.kill,
    reached: (point, occurrence = 1) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const detail = details.get(point)?.[occurrence - 1];
          if (detail === undefined && !ended) return;
          waiting.delete(look);
          if (detail !== undefined) resolve(detail);
          else reject(new Error(`the child ended before it reached ${point}#${occurrence}:\n${child.output()}`));
        };
        waiting.add(look);
        look();
      }),
  };
}
