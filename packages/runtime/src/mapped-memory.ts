import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Running } from './lifecycle.ts';

/** A store whose file is mapped into this process. */
export interface MappedStore {
  /** Lets go of the pages that are mapped. Rejects when the store cannot be opened again: then it is closed. */
  releasePages(): Promise<void>;
}

export interface MappedMemoryOptions {
  readonly stores: readonly MappedStore[];
  /**
   * How much the process's file pages may grow before the stores let go of theirs. Bytes. Default 48 MiB: under full load half a second
   * of work, beside which a few milliseconds of opening again do not show.
   */
  readonly maxGrowthBytes?: number;
  /** Milliseconds. Default 100: index pages of a large file are mapped 64 KiB at a time, a hundred megabytes a second under full load. */
  readonly intervalMs?: number;
  /** Resident bytes of file pages of this process; undefined where the system does not tell. */
  readonly readMappedBytes?: () => Promise<number | undefined>;
}

/**
 * Keeps pages of mapped files from adding up. The kernel takes them back when it needs memory, but until then a process that reads its log
 * once looks as large as the log: to whoever watches resident memory, and to a container's limit, that is a leak.
 */
export function boundMappedMemory(options: MappedMemoryOptions): Running<void> {
  const { stores, maxGrowthBytes = 48 * 1_048_576, intervalMs = 100, readMappedBytes = residentFileBytes } = options;
  const stop = new AbortController();

  async function run(): Promise<void> {
    // Programs and libraries are file pages too, and stay.
    let floor = await readMappedBytes();
    while (floor !== undefined && !stop.signal.aborted) {
      await delay(intervalMs, undefined, { signal: stop.signal, ref: false }).catch(() => undefined);
      const mapped = await readMappedBytes();
      if (stop.signal.aborted || mapped === undefined) return;
      floor = Math.min(floor, mapped);
      if (mapped - floor < maxGrowthBytes) continue;
      for (const store of stores) await store.releasePages();
      floor = (await readMappedBytes()) ?? mapped;
    }
  }

  const running = run();
  return {
    value: undefined,
    // Rejects when a store could not be opened again, and never resolves.
    failed: running.then(() => new Promise<never>(() => undefined)),
    close: async () => {
      stop.abort();
      await running.catch(() => undefined);
    },
  };
}

/**
 * From Linux's /proc; other systems do not tell a process this. Not by way of the thread pool, whose four threads are busy with inserts under full load: a look
 * that waits for them finds 200 MB where the next 48 were to be let go of. The file is no file, and read in 30 microseconds.
 */
async function residentFileBytes(): Promise<number | undefined> {
  let status: string;
  try {
    status = readFileSync('/proc/self/status', 'utf8');
  } catch {
    return undefined;
  }
  const found = /^RssFile:\s+(\d+) kB/m.exec(status);
  return found === null ? undefined : Number(found[1]) * 1_024;
}
