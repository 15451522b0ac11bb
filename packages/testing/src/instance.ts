import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type GuardedProcess, startGuarded } from './guarded-process.ts';

/** A service of one's own that may be taken away and given back. Address and data stay the same over `kill` and `restart`. */
export interface ServiceInstance {
  /** Ends it for good and removes its data, unless the caller named the data folder. Safe to call twice. */
  stop(): Promise<void>;
  /** As a power cut: no goodbye, data as it lay on disk. */
  kill(): Promise<void>;
  /** Ends it in an orderly way if it runs, then starts it; resolves when it answers. */
  restart(): Promise<void>;
}

export interface InstanceOptions {
  /** Kept at `stop`. Default: a new temporary folder, removed at `stop`. */
  readonly dataDir?: string | undefined;
  /** Default: a free one. */
  readonly port?: number | undefined;
}

/** A tool is missing or does not work here; the message names what to install. Whoever chooses between ways to start catches it. */
export class NotAvailableError extends Error {
  override readonly name = 'NotAvailableError';
}

export interface InstanceDefinition {
  readonly name: string;
  readonly dataDir: string | undefined;
  /** Once, before the first start. */
  readonly prepare?: (dataDir: string) => Promise<void>;
  readonly launch: (dataDir: string) => { command: string; args: readonly string[]; env?: Readonly<Record<string, string>> };
  /** Resolves when the service answers; rejects while it does not. */
  readonly probe: () => Promise<void>;
}

/** Far beyond a start on an idle machine (3 s for Kafka): a whole test run may compete for its two cores. */
const READY_DEADLINE_MS = 120_000;
const PROBE_INTERVAL_MS = 50;

/** Starts a native service as a guarded child process and waits until it answers. */
export async function startInstance(definition: InstanceDefinition): Promise<ServiceInstance> {
  const dataDir = definition.dataDir ?? (await mkdtemp(join(tmpdir(), `messtrack-${definition.name}-`)));
  let current: GuardedProcess | undefined;

  const start = async () => {
    current = await startGuarded(definition.launch(dataDir));
    await whenReady(definition, current);
  };
  const stop = async () => {
    await current?.stop();
    if (definition.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await definition.prepare?.(dataDir);
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    stop,
    async kill() {
      await current?.kill();
    },
    async restart() {
      await current?.stop();
      await start();
    },
  };
}

async function whenReady(definition: InstanceDefinition, child: GuardedProcess): Promise<void> {
  const deadline = performance.now() + READY_DEADLINE_MS;
  for (;;) {
    let reason: unknown;
    try {
      await definition.probe();
      return;
    } catch (error) {
      reason = error;
    }
    if (!child.isRunning()) throw new Error(`${definition.name} ended while starting:\n${child.output()}`, { cause: reason });
    if (performance.now() > deadline) {
      throw new Error(`${definition.name} did not answer within ${READY_DEADLINE_MS / 1_000} s: ${String(reason)}\n${child.output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, PROBE_INTERVAL_MS));
  }
}
