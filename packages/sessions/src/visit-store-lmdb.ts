import type { MappedStore } from '@messtrack/runtime/mapped-memory.ts';
import { openExpiring } from './lmdb-expiring.ts';
import { visitKey } from './visit-key.ts';
import type { VisitStore } from './visit-store.ts';

export interface LmdbVisitStoreOptions {
  /** Folder of this store alone, made when missing. */
  readonly path: string;
  /** Bytes that have to stay free on the disk. Default 0: none. */
  readonly reserveBytes?: number;
  /** Pause between two passes over what has expired. Milliseconds. Default 60,000. */
  readonly sweepIntervalMs?: number;
  /** Milliseconds since the Unix epoch, UTC. */
  readonly now?: () => number;
}

const EXPIRY_BYTES = 8;

/** The visit store of one process. Writes resolve before they are synced: a power cut may cost the last visits, whose clicks then lack a first touch. */
export async function openLmdbVisitStore(options: LmdbVisitStoreOptions): Promise<VisitStore & MappedStore> {
  const { path, reserveBytes = 0, sweepIntervalMs = 60_000, now = Date.now } = options;
  const table = openExpiring({
    path,
    synced: false,
    reserveBytes,
    sweepIntervalMs,
    now: options.now,
    expiryOf: (value) => value.readDoubleLE(0),
  });
  return {
    async get(workspace, visitId) {
      const stored = table.get(visitKey(workspace, visitId));
      return stored === undefined || stored.readDoubleLE(0) <= now() ? null : stored.subarray(EXPIRY_BYTES);
    },

    async put(workspace, visitId, visit, expiresAtMs) {
      const key = visitKey(workspace, visitId);
      const value = Buffer.allocUnsafe(EXPIRY_BYTES + visit.length);
      value.writeDoubleLE(expiresAtMs, 0);
      value.set(visit, EXPIRY_BYTES);
      await table.transact(() => table.put(key, value, expiresAtMs));
    },

    releasePages: () => table.releasePages(),

    ping: () => table.ping(),

    close: () => table.close(),
  };
}
