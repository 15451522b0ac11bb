import { statfsSync } from 'node:fs';
import { isStorageFailure } from './lmdb-failure.ts';

/** The disk has less room than has to stay free; nothing was written. */
export class DiskFullError extends Error {
  override readonly name = 'DiskFullError';
  readonly code = 'ENOSPC';
  /** For readiness: two numbers and nothing of anybody. */
  readonly healthDetail: string;

  constructor(freeBytes: number, reserveBytes: number) {
    const detail = `the disk has ${mebibytes(freeBytes)} MiB free and ${mebibytes(reserveBytes)} MiB have to stay free`;
    super(`${detail}; nothing is written until there is room`);
    this.healthDetail = detail;
  }
}

export interface DiskGuard {
  /**
   * Before a write.
   *
   * @param reserveBytes what has to be free; default: the guard's own
   * @throws DiskFullError; or what the last write failed with, while it is too early to try again
   */
  assertWritable(reserveBytes?: number): void;
  /** After a write that failed. */
  failed(error: unknown): void;
  succeeded(): void;
}

export interface DiskGuardOptions {
  /** A folder on the disk. */
  readonly path: string;
  /** Bytes that have to be free. 0: none, and the disk is not asked. */
  readonly reserveBytes: number;
  /** Free bytes of the disk of a folder. */
  readonly freeBytes?: (path: string) => number;
  /** Milliseconds on a monotonic scale. */
  readonly now?: () => number;
}

const FIRST_WAIT_MS = 1_000;
const LAST_WAIT_MS = 30_000;

/**
 * Keeps an embedded store from writing to a disk that cannot take it. LMDB prints every page it fails to write straight to standard error, and its binding
 * prints the error once more; neither can be told not to, so the attempt itself has to be spared. Asking for the free space takes 3 µs, a commit a
 * millisecond; what remains, a disk that fails though it has room, is tried at growing distance.
 */
export function createDiskGuard(options: DiskGuardOptions): DiskGuard {
  const { path, reserveBytes: ownReserve, freeBytes = freeBytesOf, now = () => performance.now() } = options;
  let failure: { readonly error: unknown; readonly until: number; readonly waitMs: number } | undefined;

  return {
    assertWritable(reserveBytes = ownReserve) {
      if (reserveBytes > 0) {
        const free = freeBytes(path);
        if (free < reserveBytes) throw new DiskFullError(free, reserveBytes);
      }
      if (failure !== undefined && now() < failure.until) throw failure.error;
    },
    failed(error) {
      if (!isStorageFailure(error)) return;
      const waitMs = failure === undefined ? FIRST_WAIT_MS : Math.min(failure.waitMs * 2, LAST_WAIT_MS);
      failure = { error, until: now() + waitMs, waitMs };
    },
    succeeded() {
      failure = undefined;
    },
  };
}

/** For those who may write: what only the superuser may use does not count. */
export function freeBytesOf(path: string): number {
  const { bavail, bsize } = statfsSync(path);
  return bavail * bsize;
}

function mebibytes(bytes: number): number {
  return Math.floor((bytes / 1_048_576) * 10) / 10;
}
