import { access, stat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  assertRebuilt,
  checkDataVersion,
  DataFolderError,
  notedParts,
  noteParts,
  writeDataVersion,
} from '@messtrack/runtime/data-folder.ts';
import { checkLmdbFile } from '@messtrack/runtime/lmdb-file-check.ts';
import { connectWarehouse, type Warehouse } from '@messtrack/warehouse/connect.ts';

const AGAIN =
  'Restore the whole data folder from a backup, or start with another one (MESSTRACK_DATA): a part of another age does not fit the rest';

/** Files of LMDB, and what to do when one is damaged. */
const STORES = [
  { file: 'log/data.mdb', isSyncedLater: false, advice: `${AGAIN}.` },
  {
    file: 'sessions/data.mdb',
    isSyncedLater: false,
    advice: `Move the folder sessions aside and fill it anew from the log: npm run rebuild-sessions -- --data <folder>.`,
  },
  {
    file: 'visits/data.mdb',
    isSyncedLater: true,
    advice:
      'It holds the first touch of visits and nothing else: move the folder visits aside, and clicks of visits under way lack their source.',
  },
] as const;

/** Without one of these a start would go on as if there had been nothing. Of the visits it may: what they say is a refinement. */
const PARTS: readonly string[] = ['log/data.mdb', 'sessions/data.mdb', 'warehouse/metadata', 'warehouse/store'];

/**
 * Before anything of the folder is opened: it is ours, of a layout that is understood, nothing of it has gone, and the files of its stores are what was written.
 *
 * @throws DataFolderError, DataVersionError, DamagedFileError: each names the file and what to do
 */
export async function checkDataFolder(data: string, layout: number): Promise<void> {
  const [log] = STORES;
  if (!(await isThere(join(data, 'data-version.json'))) && (await isThere(join(data, log.file))))
    throw new DataFolderError(`${join(data, 'data-version.json')} is missing though ${data} holds a log. ${AGAIN}.`);
  const found = await checkDataVersion(data, layout);
  await assertRebuilt(data);
  const noted = await notedParts(data);
  const there = await Promise.all(noted.map((part) => isThere(join(data, part))));
  const missing = noted.filter((_, index) => !there[index]);
  if (missing.length > 0) {
    const names = missing.map((part) => join(data, part)).join(', ');
    throw new DataFolderError(`${names} ${missing.length === 1 ? 'is' : 'are'} missing. ${adviceFor(missing)}`);
  }
  for (const { file, isSyncedLater, advice } of STORES) {
    const path = join(data, file);
    // A first start that was cut off leaves empty files, or none.
    if ((await sizeOf(path)) > 0 || noted.includes(file)) checkLmdbFile(path, { advice, isSyncedLater });
  }
  // Before the first record of the new layout is written.
  if (found < layout) await writeDataVersion(data, layout, noted);
}

/**
 * Opens the warehouse of the folder. ClickHouse puts parts that it cannot read aside and starts without them, as if their rows had never been.
 *
 * @throws DataFolderError when it cannot be opened, has lost its tables, or has put parts aside
 */
export async function openWarehouse(data: string): Promise<Warehouse & { readonly kind: 'embedded' }> {
  const path = join(data, 'warehouse');
  let warehouse: Warehouse;
  try {
    warehouse = await connectWarehouse({ path });
  } catch (error) {
    throw new DataFolderError(`${path} cannot be opened: ClickHouse says above what it cannot read. ${AGAIN}.`, { cause: error });
  }
  if (warehouse.kind !== 'embedded') throw new Error('a warehouse opened by path is embedded');
  try {
    await assertWhole(warehouse, path, (await notedParts(data)).length > 0);
  } catch (error) {
    await warehouse.close();
    throw error;
  }
  return warehouse;
}

/** Opens one store of the folder; its own errors name neither the file nor what to do. */
export async function opening<T>(path: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new DataFolderError(`${path} cannot be opened: ${reason}. This user has to be able to write everything below it.`, {
      cause: error,
    });
  }
}

/** From here on what is missing is missed. Call when all stores are open and the tables are there. */
export async function noteDataFolder(data: string, layout: number): Promise<void> {
  await noteParts(data, layout, PARTS);
}

async function assertWhole({ client, database }: Warehouse, path: string, isNoted: boolean): Promise<void> {
  const rows = async (query: string) =>
    (await client.query({ query, query_params: { database }, format: 'JSONEachRow' })).json<{ part: string }>();
  const tables = await rows('SELECT name AS part FROM system.tables WHERE database = {database:String} LIMIT 1');
  if (isNoted && tables.length === 0) throw new DataFolderError(`${path} holds no tables any more. ${AGAIN}.`);
  const broken = await rows(
    // Not called `name`: an alias would take the place of the column in the condition.
    "SELECT concat(table, '/detached/', name) AS part FROM system.detached_parts WHERE database = {database:String} AND startsWith(name, 'broken') LIMIT 5",
  );
  if (broken.length === 0) return;
  throw new DataFolderError(
    `${path} has lost rows: ClickHouse could not read ${broken.map(({ part }) => part).join(', ')} and put it aside. ${AGAIN}. To go on without these rows, remove the folders named broken… below ${path}/store.`,
  );
}

function adviceFor(missing: readonly string[]): string {
  const store = missing.length === 1 ? STORES.find(({ file }) => file === missing[0]) : undefined;
  return store?.advice ?? `${AGAIN}.`;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}
