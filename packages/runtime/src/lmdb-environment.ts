import type { RootDatabase } from 'lmdb';
import type { DiskGuard } from './disk-guard.ts';

/**
 * An LMDB environment that can let go of the memory it has mapped. LMDB reads through a mapping of its whole file, and each page that was
 * ever read counts as resident memory of the process until the kernel needs it elsewhere or the file is unmapped: a log of two gigabytes
 * looks like a process of two gigabytes. Unmapping is closing; nothing of LMDB's own interface does less.
 */
export interface LmdbEnvironment<Tables extends { readonly env: RootDatabase }> {
  /** The tables as they are open now. Ask each time: what was kept is closed after the next `release`. */
  readonly tables: Tables;
  /**
   * Runs `work` in a write transaction and resolves when it is committed. When `work` throws, nothing of it is written.
   *
   * @param reserveBytes what has to be free on the disk; default: what the guard says
   * @throws DiskFullError, or what the last write failed with, without an attempt (see `DiskGuard`)
   */
  transact<T>(work: (tables: Tables) => T, reserveBytes?: number): Promise<T>;
  /**
   * Closes the environment between two transactions and opens it again. What was read stays in the kernel's cache: to read it again is cheap.
   * Does nothing while the disk cannot be written: an environment that is open can at least be read.
   */
  release(): Promise<void>;
  close(): Promise<void>;
}

export function openEnvironment<Tables extends { readonly env: RootDatabase }>(
  openTables: () => Tables,
  disk: DiskGuard,
): LmdbEnvironment<Tables> {
  let tables = openTables();
  let running = 0;
  let becameIdle: (() => void) | undefined;
  let releasing: Promise<void> | undefined;
  let closing: Promise<void> | undefined;

  async function transact<T>(work: (tables: Tables) => T, reserveBytes?: number): Promise<T> {
    while (releasing !== undefined) await releasing;
    disk.assertWritable(reserveBytes);
    running += 1;
    try {
      // A child transaction is rolled back when its callback throws; a plain one would keep what was written before that.
      const value = await tables.env.childTransaction(() => work(tables));
      disk.succeeded();
      return value;
    } catch (error) {
      disk.failed(error);
      throw error;
    } finally {
      running -= 1;
      if (running === 0) becameIdle?.();
    }
  }

  async function reopen(): Promise<void> {
    await idle();
    if (closing !== undefined || !isWritable()) return;
    // Commits of an environment with overlapping sync are flushed later.
    await tables.env.flushed;
    await new Promise<void>((resolve, reject) => {
      // A turn of its own: closing waits for promises that are all settled, so nothing but its own microtasks runs before the tables are open
      // again, and a reader, who never waits, cannot meet a closed one.
      setImmediate(() => {
        tables.env.close().then(() => {
          tables = openTables();
          resolve();
        }, reject);
      });
    });
  }

  function isWritable(): boolean {
    try {
      disk.assertWritable();
      return true;
    } catch {
      return false;
    }
  }

  async function idle(): Promise<void> {
    if (running === 0) return;
    await new Promise<void>((resolve) => {
      becameIdle = resolve;
    });
    becameIdle = undefined;
  }

  async function close(): Promise<void> {
    await releasing;
    await tables.env.close();
  }

  return {
    get tables() {
      return tables;
    },
    transact,
    release() {
      if (closing !== undefined) return Promise.resolve();
      releasing ??= reopen().finally(() => {
        releasing = undefined;
      });
      return releasing;
    },
    close() {
      closing ??= close();
      return closing;
    },
  };
}
