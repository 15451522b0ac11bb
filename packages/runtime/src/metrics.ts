import { collectDefaultMetrics, Registry } from 'prom-client';

/**
 * A registry of its own, with the process's default metrics (CPU seconds, resident memory in bytes, event loop lag in seconds, heap, handles).
 * Never prom-client's global one: two services in one process, or two tests, would fight over names. Each service declares its metrics on the
 * registry it is given, in its `metrics.ts`.
 */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
