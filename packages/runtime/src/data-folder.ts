import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';

/** Another process works in the folder; the message says what to do. */
export class DataFolderLockedError extends Error {
  override readonly name = 'DataFolderLockedError';
}

/** The folder was written by a newer release, or its version file is not one. */
export class DataVersionError extends Error {
  override readonly name = 'DataVersionError';
}

/** The folder cannot be used as it is; the message names the file and what to do. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
}

export interface DataFolderLock {
  release(): Promise<void>;
}

const LOCK_FILE = 'lock.sqlite';
const OWNER_FILE = 'owner.json';
const VERSION_FILE = 'data-version.json';
const REBUILD_FILE = 'sessions.rebuilding';

const OwnerSchema = z.object({ pid: z.number(), since: z.string() });
const VersionSchema = z.object({ version: z.int().min(1), holds: z.array(z.string()).optional() });

/**
 * Takes the folder for this process alone, creating it when missing.
 *
 * The lock is an exclusive transaction on an empty SQLite file, held open: SQLite takes a lock of the operating system on the file, which the kernel
 * drops when the process dies, however it dies. Nothing stale is left behind by `kill -9`, no process id has to be believed (ids are reused, and two
 * containers that share a volume both run as process 1), and no socket path has to fit into 108 bytes. Needs a file system with working POSIX
 * locks: local disks and container volumes; not every network share.
 *
 * @param variable that names the folder, for messages
 * @throws DataFolderLockedError when another process, or this one, holds it
 */
export async function lockDataFolder(path: string, variable = 'MESSTRACK_DATA'): Promise<DataFolderLock> {
  const file = join(path, LOCK_FILE);
  let database: DatabaseSync;
  try {
    await mkdir(path, { recursive: true });
    database = new DatabaseSync(file, { timeout: 0 });
  } catch (error) {
    throw unusable(path, error, variable);
  }
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isSqlite(error, SQLITE_NOTADB))
      throw new DataFolderError(`${file} is damaged. It holds no data: when no process works in ${path}, remove it and start again.`, {
        cause: error,
      });
    if (!isSqlite(error, SQLITE_BUSY)) throw unusable(path, error, variable);
    throw new DataFolderLockedError(
      `${path} is in use by another process${await describeOwner(path)}. Stop it first, or choose another folder: two processes would write over each other.`,
      { cause: error },
    );
  }
  // For the message of whoever comes second; nobody decides by it, and a disk without room for it is a matter of what is to be written there.
  await writeFile(join(path, OWNER_FILE), JSON.stringify({ pid: process.pid, since: new Date().toISOString() })).catch(() => undefined);
  let released = false;
  return {
    async release() {
      if (released) return;
      released = true;
      database.close();
    },
  };
}

/** As SQLite numbers its errors. */
const SQLITE_BUSY = 5;
const SQLITE_NOTADB = 26;

function isSqlite(error: unknown, errcode: number): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === errcode;
}

async function usable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw unusable(path, error);
  }
}

function unusable(path: string, error: unknown, variable = 'MESSTRACK_DATA'): DataFolderError {
  const reason = error instanceof Error ? error.message : String(error);
  return new DataFolderError(
    `${path} cannot be used as a data folder: ${reason}. It has to be a folder that this user may write, on a disk with room; ${variable} names another.`,
    { cause: error },
  );
}

async function describeOwner(path: string): Promise<string> {
  try {
    const owner = OwnerSchema.parse(JSON.parse(await readFile(join(path, OWNER_FILE), 'utf8')));
    return ` (pid ${owner.pid}, since ${owner.since})`;
  } catch {
    return '';
  }
}

/**
 * Reads which version of the data layout the folder holds, and writes `supported` into a folder that has none. Call with the folder locked.
 *
 * @param supported layout this release writes; it reads all older ones
 * @returns the version found; older than `supported` when the caller has to migrate, and then to call `writeDataVersion`
 * @throws DataVersionError when the data is newer than this release, or the file cannot be read as a version
 */
export async function checkDataVersion(path: string, supported: number): Promise<number> {
  const file = join(path, VERSION_FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw unusable(path, error);
    await usable(path, () => writeDataVersion(path, supported));
    return supported;
  }
  const { version } = parseVersion(file, text);
  if (version > supported) {
    throw new DataVersionError(
      `${path} holds data of layout ${version}; this release reads up to ${supported}. Start the release that wrote it, or choose another folder.`,
    );
  }
  return version;
}

/**
 * Parts (paths inside the folder) that an earlier start has noted; none in a folder whose first start has not come to its end. One that is missing now is missed: a
 * folder without its log would start as one that has never seen a record, and give the offsets of old records to new ones. Call after `checkDataVersion`.
 */
export async function notedParts(path: string): Promise<readonly string[]> {
  const file = join(path, VERSION_FILE);
  return parseVersion(file, await readFile(file, 'utf8')).holds ?? [];
}

/** Notes what the folder holds, once all of it has been opened. */
export async function noteParts(path: string, version: number, parts: readonly string[]): Promise<void> {
  if (JSON.stringify(await notedParts(path)) !== JSON.stringify(parts)) await writeDataVersion(path, version, parts);
}

export async function writeDataVersion(path: string, version: number, holds?: readonly string[]): Promise<void> {
  const file = join(path, VERSION_FILE);
  // A crash in the middle must leave the old file or the new one, never half of one.
  await writeFile(`${file}.new`, `${JSON.stringify({ version, holds })}\n`, { flush: true });
  await rename(`${file}.new`, file);
}

/** From here to `finishRebuild` the sessions of the folder are not all there, and nobody may take what is missing for what never was. */
export async function beginRebuild(path: string): Promise<void> {
  await usable(path, () => writeFile(join(path, REBUILD_FILE), `${new Date().toISOString()}\n`, { flush: true }));
}

export async function finishRebuild(path: string): Promise<void> {
  await usable(path, () => rm(join(path, REBUILD_FILE), { force: true }));
}

/** @throws DataFolderError when a rebuild of the sessions was begun and did not come to its end */
export async function assertRebuilt(path: string): Promise<void> {
  try {
    await access(join(path, REBUILD_FILE));
  } catch {
    return;
  }
  throw new DataFolderError(
    `${join(path, REBUILD_FILE)} says that the sessions are not all there: npm run rebuild-sessions was broken off. Run it again: npm run rebuild-sessions -- --data ${path}.`,
  );
}

function parseVersion(file: string, text: string): z.infer<typeof VersionSchema> {
  try {
    return VersionSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new DataVersionError(`${file} is not a version file ({"version": 1} is expected); restore it from a backup.`, { cause: error });
  }
}
