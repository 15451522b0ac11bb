import type { ProcessHandle } from './lifecycle.ts';

/** The part of `process` a service's life hangs on. */
export interface ProcessEvents {
  on(event: string, listener: (error: unknown) => void): unknown;
  exit(code: number): void;
}

/**
 * The real process as a `ProcessHandle`. Takes it as an argument, so that `main.ts` stays the only file that touches the global:
 * `runService(log, config.lifecycle, processHandle(process), …)`.
 */
export function processHandle(proc: ProcessEvents): ProcessHandle {
  return {
    onStopSignal(handler) {
      proc.on('SIGTERM', () => handler('SIGTERM'));
      proc.on('SIGINT', () => handler('SIGINT'));
      // A terminal that closes. Unheard, it ends the process in the middle of what it holds; Node takes back that `nohup` has it ignored.
      proc.on('SIGHUP', () => handler('SIGHUP'));
    },
    onUncaught(handler) {
      proc.on('uncaughtException', (error: unknown) => handler(error));
      proc.on('unhandledRejection', (error: unknown) => handler(error));
    },
    exit(code) {
      proc.exit(code);
    },
  };
}
