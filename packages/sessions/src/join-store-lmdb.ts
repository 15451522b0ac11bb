import { setTimeout as delay } from 'node:timers/promises';
import { isStorageFailure } from '@messtrack/runtime/lmdb-failure.ts';
import type { MappedStore } from '@messtrack/runtime/mapped-memory.ts';
import type { JoinStore, JoinWrite } from './join-store.ts';
import { openExpiring } from './lmdb-expiring.ts';
import { afterWrite, assertKey, decodeVersions, encodeVersions, expiryOf, visibleBefore } from './versions.ts';

export interface LmdbJoinStoreOptions {
  /** Folder of this store alone, made when missing. */
  readonly path: string;
  /** Bytes that have to stay free on the disk. Default 0: none. */
  readonly reserveBytes?: number;
  /** Pause between two passes over what has expired. Milliseconds. Default 60,000. */
  readonly sweepIntervalMs?: number;
  /** Milliseconds since the Unix epoch, UTC. Default: the clock on the wall, unless it was set ahead. */
  readonly now?: () => number;
}

const RETRY_MS = 500;

/** The join store of one process. A write is on the disk when it resolves: the matcher commits its offsets right after, and never writes it again. */
export async function openLmdbJoinStore(options: LmdbJoinStoreOptions): Promise<JoinStore & MappedStore> {
  const { path, reserveBytes = 0, sweepIntervalMs = 60_000, now } = options;
  const table = openExpiring({
    path,
    synced: true,
    reserveBytes,
    sweepIntervalMs,
    now,
    expiryOf: (value) => expiryOf(decodeVersions(value)),
  });
  let closed = false;

  function store(writes: readonly JoinWrite[]): Promise<void> {
    return table.transact(() => {
      for (const write of writes) {
        const stored = table.get(write.key);
        const versions = afterWrite(stored === undefined ? [] : decodeVersions(stored), write);
        table.put(write.key, encodeVersions(versions), expiryOf(versions));
      }
    });
  }

  return {
    async read(reads) {
      return reads.map(({ key, before }) => {
        assertKey(key);
        const stored = table.get(key);
        return stored === undefined ? null : visibleBefore(decodeVersions(stored), before);
      });
    },

    async write(writes) {
      for (const { key } of writes) assertKey(key);
      if (writes.length === 0) return;
      for (;;) {
        try {
          await store(writes);
          return;
        } catch (error) {
          // A full disk is a store that is away: the matcher waits for it.
          if (closed || !isStorageFailure(error)) throw error;
          await delay(RETRY_MS);
        }
      }
    },

    clear: (prefix) => table.clear(prefix),

    releasePages: () => table.releasePages(),

    ping: () => table.ping(),

    async close() {
      closed = true;
      await table.close();
    },
  };
}
