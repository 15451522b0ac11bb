import type { Warehouse } from './connect.ts';
import { quoteIdentifier } from './sql-text.ts';

const SYNCED = {
  fsync_after_insert: 1,
  fsync_part_directory: 1,
  // From so many rows or bytes on: always.
  min_rows_to_fsync_after_merge: 1,
  min_compressed_bytes_to_fsync_after_merge: 1,
} as const;

/**
 * Makes every part of the embedded warehouse reach the disk before it counts: what is inserted before it is confirmed, what is merged before it takes the place of what it was merged of. ClickHouse leaves
 * that to the operating system, half a minute later, because a server's rows are on its replicas too. Here offsets are committed, to a log that is synced, for rows that a power cut or a disk that turns
 * read-only would take away: at the next start their parts are put aside as broken, and nothing writes them again. Costs 5 to 18 ms and 1 ms of CPU per insert; there are a few inserts a second, whatever
 * the load. A server keeps the settings of its operator.
 */
export async function syncTables({ kind, client, database }: Warehouse): Promise<void> {
  if (kind !== 'embedded') return;
  const unsynced = await client.query({
    query:
      "SELECT name FROM system.tables WHERE database = {database:String} AND engine LIKE '%MergeTree' AND engine_full NOT LIKE '%min_compressed_bytes_to_fsync_after_merge%'",
    query_params: { database },
    format: 'JSONEachRow',
  });
  const settings = Object.entries(SYNCED)
    .map(([name, value]) => `${name} = ${value}`)
    .join(', ');
  for (const { name } of await unsynced.json<{ name: string }>())
    await client.command({ query: `ALTER TABLE ${quoteIdentifier(name)} MODIFY SETTING ${settings}` });
}
