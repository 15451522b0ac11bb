/**
 * Whether lmdb threw because the disk is full or fails, which may pass, and not because of a bug, which does not. What LMDB itself answers carries its
 * numeric code (ENOSPC, MDB_MAP_FULL); a commit that failed carries the promise of its cause; a write that was not tried says so itself (disk-guard.ts).
 */
export function isStorageFailure(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  if ('commitError' in error && error.commitError instanceof Promise) {
    // Rejects with the cause some time later, or never; unheard, it would end the process.
    error.commitError.catch(() => undefined);
    return true;
  }
  return 'code' in error && (typeof error.code === 'number' || error.name === 'DiskFullError');
}
