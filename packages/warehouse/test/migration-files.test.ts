import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fillMacros, readMigrations, splitStatements } from '../src/migration-files.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'messtrack-migrations-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('readMigrations', () => {
  it('reads numbered files in order', async () => {
    await writeFile(join(dir, '0002_second.sql'), 'SELECT 2;\n');
    await writeFile(join(dir, '0001_first.sql'), '-- first\nSELECT 1;\nSELECT 3;\n');
    const migrations = await readMigrations(dir);
    expect(migrations.map(({ name, version, statements }) => ({ name, version, statements }))).toEqual([
      { name: '0001_first.sql', version: 1, statements: ['SELECT 1', 'SELECT 3'] },
      { name: '0002_second.sql', version: 2, statements: ['SELECT 2'] },
    ]);
  });

  it('gives the same checksum whatever the line ends, another for another text', async () => {
    const checksum = async (text: string) => {
      await writeFile(join(dir, '0001_a.sql'), text);
      return (await readMigrations(dir))[0]?.checksum;
    };
    const unix = await checksum('SELECT 1;\nSELECT 2;\n');
    expect(await checksum('SELECT 1;\r\nSELECT 2;\r\n')).toBe(unix);
    expect(await checksum('SELECT 1;\nSELECT 3;\n')).not.toBe(unix);
  });

  it.each([['0001_a.sql', '0003_c.sql'], ['0002_b.sql'], ['0001_a.sql', '0001_b.sql'], ['first.sql']])(
    'refuses %s %s',
    async (...names) => {
      for (const name of names) await writeFile(join(dir, name), 'SELECT 1;\n');
      await expect(readMigrations(dir)).rejects.toThrow(/migrations (are|have)/);
    },
  );
});

describe('splitStatements', () => {
  it('splits at a semicolon that ends a line and at no other', () => {
    expect(splitStatements("SELECT 'a;b';\n-- c;\nSELECT\n  1\n;")).toEqual(["SELECT 'a;b'", 'SELECT\n  1']);
  });
});

describe('fillMacros', () => {
  const statement = 'CREATE TABLE t {on_cluster} (a Int8) ENGINE = {engine_prefix}ReplacingMergeTree';

  it('leaves nothing on a single server', () => {
    expect(fillMacros(statement, {})).toBe('CREATE TABLE t  (a Int8) ENGINE = ReplacingMergeTree');
  });

  it('replicates on a cluster', () => {
    expect(fillMacros(statement, { cluster: 'main' })).toBe(
      "CREATE TABLE t ON CLUSTER 'main' (a Int8) ENGINE = ReplicatedReplacingMergeTree",
    );
  });
});
