import { mkdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { deletionClock } from '@messtrack/runtime/deletion-clock.ts';
import { createDiskGuard } from '@messtrack/runtime/disk-guard.ts';
import { openEnvironment } from '@messtrack/runtime/lmdb-environment.ts';
import { isStorageFailure } from '@messtrack/runtime/lmdb-failure.ts';
import type { MappedStore } from '@messtrack/runtime/mapped-memory.ts';
import { type Database, open, type RootDatabase } from 'lmdb';

/** Keys with bytes and a time to live, and a background sweep that keeps to it. */
export interface ExpiringTable extends MappedStore {
  /** Runs `work` in a write transaction and resolves when it is committed. When `work` throws, nothing of it is written. */
  transact(work: () => void): Promise<void>;
  /** The bytes, expired or not: whether an expired entry may still be seen is the store's decision. */
  get(key: string): Buffer | undefined;
  /** Inside a transaction. */
  put(key: string, value: Buffer, expiresAtMs: number): void;
  /** Rejects while the disk cannot be written. */
  ping(): Promise<void>;
  /** Removes keys that start with the prefix, in small steps. Returns how many. */
  clear(prefix: string): Promise<number>;
  close(): Promise<void>;
}

interface Tables {
  readonly env: RootDatabase;
  readonly entries: Database<Buffer, Buffer>;
  /** Due time, then key. Entries are left behind when a key gets a later time; the sweep looks at the key itself before it removes anything. */
  readonly due: Database<Buffer, Buffer>;
}

export interface ExpiringOptions {
  readonly path: string;
  /** Durable before a write resolves. Without it a power cut takes the last writes back, and leaves the rest intact. */
  readonly synced: boolean;
  /** Bytes that have to stay free on the disk; 0: none. */
  readonly reserveBytes: number;
  /** Of a stored value: when its key may go, in milliseconds since the Unix epoch. */
  readonly expiryOf: (value: Buffer) => number;
  readonly sweepIntervalMs: number;
  /** Milliseconds since the Unix epoch, UTC. Default: the clock on the wall, unless it was set ahead. */
  readonly now: (() => number) | undefined;
}

/** Removing this many keys takes under 2 ms of the event loop. */
const STEP_KEYS = 250;
const PAUSE_MS = 5;
/**
 * Times in the index are rounded up to this. A key rewritten ten times a minute has one index entry then, not ten, and nobody is promised the second
 * in which an entry goes.
 */
const DUE_STEP_MS = 100;
const DUE_BYTES = 6;

export function openExpiring({
  path,
  synced,
  reserveBytes,
  expiryOf,
  sweepIntervalMs,
  now = deletionClock(),
}: ExpiringOptions): ExpiringTable {
  mkdirSync(path, { recursive: true });
  const disk = createDiskGuard({ path, reserveBytes });
  const environment = openEnvironment((): Tables => {
    // Without event turn batching, whose own promise nobody sees: when a commit fails it would reject unheard and end the process.
    const env = open({ path, maxDbs: 4, overlappingSync: !synced, noMemInit: true, eventTurnBatching: false });
    return {
      env,
      entries: env.openDB({ name: 'entries', keyEncoding: 'binary', encoding: 'binary' }),
      due: env.openDB({ name: 'due', keyEncoding: 'binary', encoding: 'binary' }),
    };
  }, disk);
  const stop = new AbortController();
  const pause = (ms: number) => delay(ms, undefined, { signal: stop.signal, ref: false }).catch(() => undefined);

  async function sweep(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        while (!stop.signal.aborted && (await sweepStep())) await pause(PAUSE_MS);
      } catch (error) {
        // A full disk refuses removals as well; the next pass tries again.
        if (!isStorageFailure(error)) throw error;
      }
      await pause(sweepIntervalMs);
    }
  }

  /** True when more is waiting. */
  async function sweepStep(): Promise<boolean> {
    const nowMs = now();
    const dueKeys = [...environment.tables.due.getKeys({ start: dueKey(0, ''), end: dueKey(nowMs, ''), limit: STEP_KEYS })];
    if (dueKeys.length === 0) return false;
    await environment.transact(({ entries, due }) => {
      for (const each of dueKeys) {
        const key = each.subarray(DUE_BYTES);
        const value = entries.get(key);
        if (value !== undefined && expiryOf(value) <= nowMs) entries.remove(key);
        due.remove(each);
      }
    });
    return dueKeys.length === STEP_KEYS;
  }

  const sweeping = sweep();

  return {
    transact: (work) => environment.transact(work),
    get: (key) => environment.tables.entries.get(Buffer.from(key)),
    put(key, value, expiresAtMs) {
      const { entries, due } = environment.tables;
      entries.put(Buffer.from(key), value);
      due.put(dueKey(Math.ceil(expiresAtMs / DUE_STEP_MS) * DUE_STEP_MS, key), NOTHING);
    },
    async clear(prefix) {
      const start = Buffer.from(prefix);
      // UTF-8 has no byte 0xff: everything with the prefix sorts before it.
      const end = Buffer.concat([start, Buffer.of(0xff)]);
      let count = 0;
      for (;;) {
        const removed = await environment.transact(({ entries }) => {
          const keys = [...entries.getKeys({ start, end, limit: STEP_KEYS })];
          for (const key of keys) entries.remove(key);
          return keys.length;
        });
        count += removed;
        if (removed < STEP_KEYS) return count;
        await delay(PAUSE_MS);
      }
    },
    async ping() {
      disk.assertWritable();
      environment.tables.entries.get(NOTHING);
    },
    releasePages: () => environment.release(),
    async close() {
      if (stop.signal.aborted) return;
      stop.abort();
      await sweeping;
      await environment.close();
    },
  };
}

/** lmdb takes no empty values. */
const NOTHING = Buffer.of(0);

function dueKey(dueMs: number, key: string): Buffer {
  const bytes = Buffer.allocUnsafe(DUE_BYTES + Buffer.byteLength(key));
  bytes.writeUIntBE(Math.max(0, dueMs), 0, DUE_BYTES);
  bytes.write(key, DUE_BYTES);
  return bytes;
}
