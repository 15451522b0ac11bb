import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLogger } from '@messtrack/runtime/logger.ts';
import { startChild } from '@messtrack/testing/child.ts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { connectWarehouse, type Warehouse } from '../src/connect.ts';
import { migrate } from '../src/migrate.ts';

const MIGRATIONS = fileURLToPath(new URL('../../../deploy/clickhouse/migrations', import.meta.url));
const CHILD = new URL('./migrate-child.ts', import.meta.url);
const log = createLogger('test', 'silent');

async function select<T>(warehouse: Warehouse, query: string): Promise<T[]> {
  return (await warehouse.client.query({ query, format: 'JSONEachRow' })).json<T>();
}

async function versions(warehouse: Warehouse): Promise<number[]> {
  return (await select<{ version: number }>(warehouse, 'SELECT version FROM schema_migrations FINAL ORDER BY version')).map(
    ({ version }) => version,
  );
}

async function tablesOf(warehouse: Warehouse): Promise<{ name: string; settings: string }[]> {
  return select(
    warehouse,
    "SELECT name, engine_full AS settings FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'",
  );
}

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'messtrack-migrate-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe.each(['server', 'embedded'] as const)('migrations on the %s warehouse', (kind) => {
  let home = '';
  let warehouse: Warehouse;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'messtrack-migrate-home-'));
  });
  beforeEach(async () => {
    const database = `migrate_${randomUUID().replaceAll('-', '')}`;
    warehouse = await connectWarehouse(
      kind === 'server' ? { url: inject('clickhouseUrl'), database } : { path: join(home, 'data'), database },
    );
  });
  afterEach(() => warehouse.close());
  afterAll(() => rm(home, { recursive: true }));

  it('applies every file once', async () => {
    const first = await migrate(warehouse, MIGRATIONS, log);
    expect(first.applied.length).toBe(first.version);
    expect(first.version).toBeGreaterThan(0);
    expect(await migrate(warehouse, MIGRATIONS, log)).toEqual({ applied: [], version: first.version });
    expect(await versions(warehouse)).toEqual(first.applied.map((_, index) => index + 1));
  });

  it('has every table of a warehouse in the process synced before rows are confirmed and merged in little memory, and leaves a server to its operator', async () => {
    await migrate(warehouse, MIGRATIONS, log);
    const tables = await tablesOf(warehouse);
    expect(tables.length).toBeGreaterThan(5);
    for (const setting of [
      'fsync_after_insert = 1',
      'fsync_part_directory = 1',
      'min_rows_to_fsync_after_merge = 1',
      'vertical_merge_algorithm_min_rows_to_activate = 1',
    ])
      expect(tables.filter(({ settings }) => settings.includes(setting))).toEqual(kind === 'embedded' ? tables : []);
  });

  it('gives tables of an earlier release the settings that came later, and leaves alone what somebody has set', async () => {
    await migrate(warehouse, MIGRATIONS, log);
    await warehouse.client.command({ query: 'ALTER TABLE click_records MODIFY SETTING fsync_after_insert = 0' });
    if (kind === 'embedded')
      await warehouse.client.command({ query: 'ALTER TABLE click_records RESET SETTING vertical_merge_algorithm_min_rows_to_activate' });
    await warehouse.client.command({
      query: 'ALTER TABLE message_records MODIFY SETTING vertical_merge_algorithm_min_rows_to_activate = 5000',
    });
    await migrate(warehouse, MIGRATIONS, log);
    const settings = new Map((await tablesOf(warehouse)).map((table) => [table.name, table.settings]));
    expect(settings.get('click_records')).toContain('fsync_after_insert = 0');
    expect(settings.get('message_records')).toContain('vertical_merge_algorithm_min_rows_to_activate = 5000');
    expect(settings.get('click_records')?.includes('vertical_merge_algorithm_min_rows_to_activate = 1')).toBe(kind === 'embedded');
  });

  it('bears a crash between the statements of a file and its record: every file can run again', async () => {
    const { version } = await migrate(warehouse, MIGRATIONS, log);
    await warehouse.client.command({ query: 'TRUNCATE TABLE schema_migrations' });
    expect((await migrate(warehouse, MIGRATIONS, log)).applied.length).toBe(version);
  });

  it('gives every table, view and column a comment', async () => {
    await migrate(warehouse, MIGRATIONS, log);
    const bare = await select(
      warehouse,
      "SELECT table, name FROM system.columns WHERE database = currentDatabase() AND comment = '' UNION ALL SELECT name, '' FROM system.tables WHERE database = currentDatabase() AND comment = ''",
    );
    expect(bare).toEqual([]);
    const [all] = await select<{ n: number }>(warehouse, 'SELECT count() AS n FROM system.columns WHERE database = currentDatabase()');
    expect(all?.n).toBeGreaterThan(100);
  });

  it('refuses a file that was changed after it had been applied', async () => {
    await cp(MIGRATIONS, dir, { recursive: true });
    await migrate(warehouse, dir, log);
    await writeFile(join(dir, '0001_records.sql'), 'SELECT 1;\n');
    await expect(migrate(warehouse, dir, log)).rejects.toThrow(/0001_records\.sql was changed after it had been applied/);
  });

  it('refuses a database that is newer than the code', async () => {
    await cp(MIGRATIONS, dir, { recursive: true });
    const { version } = await migrate(warehouse, MIGRATIONS, log);
    const later = `${String(version + 1).padStart(4, '0')}_later.sql`;
    await writeFile(
      join(dir, later),
      'CREATE TABLE IF NOT EXISTS later {on_cluster} (a Int8) ENGINE = {engine_prefix}MergeTree ORDER BY a;\n',
    );
    expect((await migrate(warehouse, dir, log)).applied).toEqual([later]);
    await expect(migrate(warehouse, MIGRATIONS, log)).rejects.toThrow(/the database is newer than this code/);
  });

  it('stops at a statement that fails, records nothing of its file and lets go of the lock', async () => {
    await writeFile(
      join(dir, '0001_good.sql'),
      'CREATE TABLE IF NOT EXISTS good {on_cluster} (a Int8) ENGINE = {engine_prefix}MergeTree ORDER BY a;\n',
    );
    await writeFile(join(dir, '0002_bad.sql'), 'CREATE TABEL bad;\n');
    await expect(migrate(warehouse, dir, log)).rejects.toThrow(/0002_bad\.sql failed at: CREATE TABEL bad/);
    expect(await versions(warehouse)).toEqual([1]);
    await writeFile(join(dir, '0002_bad.sql'), 'SELECT 1;\n');
    expect((await migrate(warehouse, dir, log)).applied).toEqual(['0002_bad.sql']);
  });
});

describe('migrations from several processes on a server', () => {
  let warehouse: Warehouse;
  beforeEach(async () => {
    warehouse = await connectWarehouse({ url: inject('clickhouseUrl'), database: `migrate_${randomUUID().replaceAll('-', '')}` });
  });
  afterEach(() => warehouse.close());

  const child = (leaseMs = 60_000) =>
    startChild({ script: CHILD, args: [inject('clickhouseUrl'), warehouse.database, MIGRATIONS, String(leaseMs)] });

  it('apply each file once between them', async () => {
    const children = await Promise.all([child(), child(), child()]);
    const applied = await Promise.all(
      children.map(async (each) => (await each.reached('migrated')).split(',').filter((name) => name !== '')),
    );
    const done = await versions(warehouse);
    expect(applied.flat().length).toBe(done.length);
    expect(new Set(applied.flat()).size).toBe(done.length);
    for (const each of children) expect((await each.exited).code).toBe(0);
  });

  it('wait for a holder that lives, and say so when it takes too long', async () => {
    await holdLock(warehouse, 'somebody', 60_000);
    await expect(migrate(warehouse, MIGRATIONS, log, { lock: { waitMs: 100, pollMs: 20 } })).rejects.toThrow(
      /another process \(somebody\) has been migrating/,
    );
  });

  it('take over from a holder that died, once', async () => {
    await holdLock(warehouse, 'deceased', -1);
    const children = await Promise.all([child(), child(), child()]);
    const applied = await Promise.all(
      children.map(async (each) => (await each.reached('migrated')).split(',').filter((name) => name !== '')),
    );
    expect(new Set(applied.flat()).size).toBe(applied.flat().length);
    expect(applied.flat().length).toBe((await versions(warehouse)).length);
    const locks = await select<{ name: string }>(
      warehouse,
      "SELECT name FROM system.tables WHERE database = currentDatabase() AND name LIKE 'migration_lock%'",
    );
    expect(locks).toEqual([{ name: 'migration_lock_of_deceased' }]);
  });

  it('take over from a holder that died before the clock of the server was set back by an hour', async () => {
    await holdLock(warehouse, 'ahead', 3_600_000);
    const { applied } = await migrate(warehouse, MIGRATIONS, log, { lock: { leaseMs: 300, pollMs: 20 } });
    expect(applied.length).toBe((await versions(warehouse)).length);
  });

  it('keep the lock for longer than a lease while the work goes on', async () => {
    await writeFile(join(dir, '0001_slow.sql'), 'SELECT sleep(0.1);\n'.repeat(25));
    const slow = migrate(warehouse, dir, log, { lock: { leaseMs: 1_000, pollMs: 20 } });
    const second = migrate(warehouse, dir, log, { lock: { leaseMs: 1_000, pollMs: 20 } });
    const applied = (await Promise.all([slow, second])).map((result) => result.applied.length);
    expect(applied.sort()).toEqual([0, 1]);
  });
});

/** A lock as another process would hold it, expiring that much from now. */
async function holdLock(warehouse: Warehouse, holder: string, expiresInMs: number): Promise<void> {
  const [row] = await select<{ ms: string }>(warehouse, 'SELECT toString(toUnixTimestamp64Milli(now64(3))) AS ms');
  const until = Number(row?.ms) + expiresInMs;
  await warehouse.client.command({
    query: `CREATE TABLE migration_lock (nothing UInt8) ENGINE = MergeTree ORDER BY tuple() COMMENT 'held by ${holder} until ${until}'`,
  });
}
