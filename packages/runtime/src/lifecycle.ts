import type { Logger } from 'pino';

/**
 * A thing that runs: started in order, stopped in reverse. `close` drains before it lets go.
 * `failed` rejects when the thing dies by itself (a consumer's crash): a half-alive process is the worst state of all, so the process ends.
 */
export interface Running<T> {
  readonly value: T;
  readonly close?: (() => Promise<void>) | undefined;
  readonly failed?: Promise<never> | undefined;
}

export type Use = <T>(name: string, start: Promise<Running<T>> | Running<T>) => Promise<T>;

export interface LifecycleOptions {
  /** How long a stop may take before the process gives up and exits 1. Milliseconds. Default 25,000: under Kubernetes' 30 s grace period. */
  readonly drainTimeoutMs: number;
  /** Called once when everything has started: readiness may turn green from here on (`health.setStarted`). */
  readonly onStarted?: (() => void) | undefined;
  /** Called once when a stop begins, before anything closes: readiness turns red here (`health.setStopping`). */
  readonly onStopping?: (() => void) | undefined;
}

/** What stops and ends a service; `main.ts` hands in the real process, tests a fake. */
export interface ProcessHandle {
  onStopSignal(handler: (signal: string) => void): void;
  onUncaught(handler: (error: unknown) => void): void;
  exit(code: number): void;
}

export const DEFAULT_LIFECYCLE: LifecycleOptions = { drainTimeoutMs: 25_000 };

/**
 * Signals closer together than this are one request. Ctrl-C under `npm start` arrives twice within milliseconds: once from the terminal, which
 * signals the whole foreground group, and once forwarded by npm. Taking the echo for impatience would cut every drain short.
 */
const SIGNAL_ECHO_MS = 500;

/** Thrown inside `build` by `use`, and the reason of its signal, when a stop was asked for while the service was still starting. */
class StoppedWhileStarting extends Error {
  override readonly name = 'StoppedWhileStarting';
}

interface Started {
  readonly name: string;
  readonly close: (() => Promise<void>) | undefined;
}

/**
 * Runs a service from start to exit: `build` starts things one after another through `use`; they stop in the reverse order. What waits in it for something that may be long in coming ends when `stopping` says so, with its reason.
 *
 * | what happens | what follows | exit code |
 * |---|---|---|
 * | SIGTERM, SIGINT or SIGHUP | drain, all of it within `drainTimeoutMs` | 0 |
 * | `build` rejects | what was started is stopped in reverse | 1 |
 * | a `failed` promise rejects | drain | 1 |
 * | a `close` rejects | logged, the others still close | 1 |
 * | the drain takes longer than its deadline | exit at once | 1 |
 * | a second signal | exit at once | 1 |
 * | an uncaught error or unhandled rejection | exit at once: nobody knows what is still true | 1 |
 *
 * Resolves when `proc.exit` has been called. Never rejects.
 */
export async function runService(
  log: Logger,
  options: LifecycleOptions,
  proc: ProcessHandle,
  build: (use: Use, stopping: AbortSignal) => Promise<void>,
): Promise<void> {
  const ended = Promise.withResolvers<void>();
  const stopAsked = Promise.withResolvers<void>();
  const stopping = new AbortController();
  const started: Started[] = [];
  let hasExited = false;
  let isStopping = false;
  let exitCode = 0;
  let firstSignalAt: number | undefined;
  let deadline: NodeJS.Timeout | undefined;

  function exit(code: number): void {
    if (hasExited) return;
    hasExited = true;
    clearTimeout(deadline);
    proc.exit(code);
    ended.resolve();
  }

  function beginStop(code: number): void {
    exitCode = Math.max(exitCode, code);
    if (isStopping) return;
    isStopping = true;
    deadline = setTimeout(() => {
      log.fatal({ drainTimeoutMs: options.drainTimeoutMs, open: started.map(({ name }) => name) }, 'drain deadline exceeded');
      exit(1);
    }, options.drainTimeoutMs);
    try {
      options.onStopping?.();
    } catch (error) {
      log.error({ err: error }, 'stop hook failed');
      exitCode = 1;
    }
    stopping.abort(new StoppedWhileStarting('stopping'));
    stopAsked.resolve();
  }

  proc.onUncaught((error) => {
    log.fatal({ err: error }, 'uncaught error');
    exit(1);
  });

  proc.onStopSignal((signal) => {
    const now = performance.now();
    if (firstSignalAt === undefined) {
      firstSignalAt = now;
      log.info({ signal }, 'stopping');
      beginStop(0);
    } else if (now - firstSignalAt > SIGNAL_ECHO_MS) {
      log.warn({ signal }, 'second signal, exiting without draining');
      exit(1);
    }
  });

  const use: Use = async (name, start) => {
    const running = await start;
    started.push({ name, close: running.close });
    running.failed?.catch((error: unknown) => {
      log.fatal({ err: error, component: name }, 'component failed');
      beginStop(1);
    });
    if (isStopping) throw new StoppedWhileStarting(name);
    return running.value;
  };

  async function closeAll(): Promise<void> {
    for (let last = started.at(-1); last !== undefined; last = started.at(-1)) {
      try {
        await last.close?.();
      } catch (error) {
        log.error({ err: error, component: last.name }, 'close failed');
        exitCode = 1;
      }
      started.pop();
    }
  }

  try {
    await build(use, stopping.signal);
    options.onStarted?.();
    log.info('started');
    await stopAsked.promise;
  } catch (error) {
    if (!(error instanceof StoppedWhileStarting)) {
      log.fatal({ err: error }, 'start failed');
      beginStop(1);
    }
  }
  await closeAll();
  if (!hasExited) {
    if (exitCode === 0) log.info('stopped');
    exit(exitCode);
  }
  await ended.promise;
}
