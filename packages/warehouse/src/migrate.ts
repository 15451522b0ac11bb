import type { ClickHouseClient } from '@clickhouse/client';
import type { Logger } from 'pino';
import type { Warehouse } from './connect.ts';
import { setEmbeddedTables } from './embedded-tables.ts';
import { type ClusterMacros, fillMacros, type Migration, MigrationError, readMigrations } from './migration-files.ts';
import { DEFAULT_LOCK, type LockOptions, withMigrationLock } from './migration-lock.ts';

export interface MigrateOptions extends ClusterMacros {
  readonly lock?: Partial<LockOptions> | undefined;
}

export interface MigrateResult {
  /** Names of the files applied by this call. */
  readonly applied: readonly string[];
  /** Version of the database now. */
  readonly version: number;
}

interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

const CREATE_HISTORY = `
CREATE TABLE IF NOT EXISTS schema_migrations {on_cluster} (
  version UInt32 COMMENT 'Number of the migration, from 1.',
  name String COMMENT 'File name of the migration.',
  checksum String COMMENT 'SHA-256 of the file, hexadecimal.',
  applied_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it was applied, UTC, milliseconds.'
) ENGINE = {engine_prefix}ReplacingMergeTree ORDER BY version
COMMENT 'Migrations applied to this database.'`;

/**
 * Brings the database to the version of the files in `dir`: forward only, in order, one process at a time, each file once.
 *
 * ClickHouse has no transactional DDL: a crash inside a file leaves its first statements done and the file unrecorded, and the next run executes the whole
 * file again. So every statement must bear being run twice (IF NOT EXISTS, OR REPLACE, ADD COLUMN IF NOT EXISTS); a test runs each file twice.
 *
 * @throws MigrationError when an applied file was changed or is gone (the database is newer than this code), or the lock is held for too long
 */
export async function migrate(warehouse: Warehouse, dir: string, log: Logger, options: MigrateOptions = {}): Promise<MigrateResult> {
  const migrations = await readMigrations(dir);
  const lock = { ...DEFAULT_LOCK, ...options.lock };
  // The embedded data folder has one process, and the file lock of its owner outlives no crash: whoever held this lock before is dead.
  if (warehouse.kind === 'embedded') await warehouse.client.command({ query: 'DROP TABLE IF EXISTS migration_lock' });
  return withMigrationLock(warehouse.client, options, lock, async (stillOurs) => {
    await warehouse.client.command({ query: fillMacros(CREATE_HISTORY, options) });
    await setEmbeddedTables(warehouse);
    const history = await readHistory(warehouse.client);
    checkHistory(migrations, history);
    const due = migrations.slice(history.length);
    for (const migration of due) {
      for (const statement of migration.statements) {
        await stillOurs();
        await run(warehouse.client, migration, fillMacros(statement, options));
      }
      await stillOurs();
      await record(warehouse.client, migration);
      log.info({ migration: migration.name }, 'migration applied');
    }
    await setEmbeddedTables(warehouse);
    return { applied: due.map(({ name }) => name), version: migrations.length };
  });
}

async function run(client: ClickHouseClient, migration: Migration, statement: string): Promise<void> {
  try {
    await client.command({ query: statement, clickhouse_settings: { wait_end_of_query: 1 } });
  } catch (error) {
    throw new MigrationError(`${migration.name} failed at: ${statement.slice(0, 120)}`, { cause: error });
  }
}

async function record(client: ClickHouseClient, { version, name, checksum }: Migration): Promise<void> {
  await client.insert({
    table: 'schema_migrations',
    columns: ['version', 'name', 'checksum'],
    values: [{ version, name, checksum }],
    format: 'JSONEachRow',
  });
}

async function readHistory(client: ClickHouseClient): Promise<readonly AppliedMigration[]> {
  const query = 'SELECT version, name, checksum FROM schema_migrations FINAL ORDER BY version';
  return (await client.query({ query, format: 'JSONEachRow' })).json<AppliedMigration>();
}

function checkHistory(migrations: readonly Migration[], history: readonly AppliedMigration[]): void {
  const newest = history.at(-1);
  if (newest !== undefined && newest.version > migrations.length) {
    throw new MigrationError(
      `the database is newer than this code: it has migration ${newest.name}, this code ends at ${migrations.length}. Run the version that migrated it, or a later one`,
    );
  }
  for (const [index, applied] of history.entries()) {
    const migration = migrations[index];
    if (migration === undefined || applied.version !== migration.version) {
      throw new MigrationError(`the database's history of migrations has a gap before ${applied.name}`);
    }
    if (applied.checksum !== migration.checksum) {
      throw new MigrationError(
        `${migration.name} was changed after it had been applied (as ${applied.name}). Restore the file and put the change into a new migration`,
      );
    }
  }
}
