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
}

/** What stops and ends a service; `main.ts` hands in the real process, tests a fake. */
export interface ProcessHandle {
  onStopSignal(handler: (signal: string) => void): void;
  onUncaught(handler: (error: unknown) => void): void;
  exit(code: number): void;
}
