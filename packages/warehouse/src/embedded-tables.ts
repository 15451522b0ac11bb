import type { Warehouse } from './connect.ts';
import { quoteIdentifier } from './sql-text.ts';

/**
 * Every part reaches the disk before it counts: what is inserted before it is confirmed, what is merged before it takes the place of what it was merged of. ClickHouse leaves that to the operating
 * system, half a minute later, because a server's rows are on its replicas too. Here offsets are committed, to a log that is synced, for rows that a power cut or a disk that turns read-only would take
 * away: at the next start their parts are put aside as broken, and nothing writes them again. Costs 5 to 18 ms and 1 ms of CPU per insert; there are a few inserts a second, whatever the load.
 */
const SYNCED = {
  fsync_after_insert: 1,
  fsync_part_directory: 1,
  // From so many rows or bytes on: always.
  min_rows_to_fsync_after_merge: 1,
  min_compressed_bytes_to_fsync_after_merge: 1,
};

/**
 * Parts with a file per column are merged one column after another, however few rows they have. ClickHouse does that from 131,072 rows on; below, it holds the buffers of all sixty columns of a lead and reads
 * them by forty more threads: merging 32,400 leads the process peaked at 360 MB with 124 threads, and peaks at 305 with 60 this way, for no more CPU. A server has the memory; this process is somebody's small machine.
 */
const LEAN = { vertical_merge_algorithm_min_rows_to_activate: 1 };

/**
 * Gives the tables of a warehouse in this process what they lack of these, new tables and those of earlier releases. What somebody has set to another value stays, and a server keeps the settings of its operator.
 */
export async function setEmbeddedTables({ kind, client, database }: Warehouse): Promise<void> {
  if (kind !== 'embedded') return;
  const wanted = Object.entries({ ...SYNCED, ...LEAN });
  const tables = await client.query({
    query: "SELECT name, engine_full AS settings FROM system.tables WHERE database = {database:String} AND engine LIKE '%MergeTree'",
    query_params: { database },
    format: 'JSONEachRow',
  });
  for (const { name, settings } of await tables.json<{ name: string; settings: string }>()) {
    const lacking = wanted.filter(([setting]) => !settings.includes(`${setting} = `)).map(([setting, value]) => `${setting} = ${value}`);
    if (lacking.length > 0) await client.command({ query: `ALTER TABLE ${quoteIdentifier(name)} MODIFY SETTING ${lacking.join(', ')}` });
  }
}
