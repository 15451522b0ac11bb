import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectWarehouse, type Warehouse } from '../src/connect.ts';

let dir = '';
let warehouse: Warehouse;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'messtrack-embedded-'));
  warehouse = await connectWarehouse({ path: join(dir, 'data') });
  await warehouse.client.command({
    query: 'CREATE TABLE t (id UInt64) ENGINE = MergeTree ORDER BY id SETTINGS non_replicated_deduplication_window = 100',
  });
});
afterAll(async () => {
  await warehouse.close();
  await rm(dir, { recursive: true });
});

async function ids(): Promise<unknown[]> {
  const result = await warehouse.client.query({ query: 'SELECT id FROM t ORDER BY id', format: 'JSONEachRow' });
  return (await result.json<{ id: number }>()).map(({ id }) => id);
}

describe('the embedded warehouse', () => {
  it('honours a deduplication token, for its own insert only', async () => {
    const insert = (id: number, token?: string) =>
      warehouse.client.insert({
        table: 't',
        values: [{ id }],
        format: 'JSONEachRow',
        ...(token === undefined ? {} : { clickhouse_settings: { insert_deduplication_token: token } }),
      });
    await insert(1, 'token');
    await insert(2, 'token');
    expect(await ids()).toEqual([1]);
    await insert(3);
    await insert(4);
    expect(await ids()).toEqual([1, 3, 4]);
  });

  it('speaks with the errors of the client', async () => {
    await expect(warehouse.client.query({ query: 'SELEC' })).rejects.toMatchObject({ code: '62' });
    await expect(warehouse.client.insert({ table: 'nowhere', values: [{ id: 1 }], format: 'JSONEachRow' })).rejects.toMatchObject({
      code: '60',
    });
    expect(await warehouse.client.ping()).toEqual({ success: true });
  });

  it('binds parameters of every kind it takes', async () => {
    const result = await warehouse.client.query({
      query: 'SELECT {s:String} AS s, {n:Int32} AS n, {b:Bool} AS b, {a:Array(String)} AS a, {x:Nullable(String)} AS x',
      query_params: { s: "it's\t\\ a\nline", n: -5, b: true, a: ["'", 'b'], x: null },
      format: 'JSONEachRow',
    });
    expect(await result.json()).toEqual([{ s: "it's\t\\ a\nline", n: -5, b: true, a: ["'", 'b'], x: null }]);
  });

  it('answers a LIMIT over groups of the sorting key in memory that does not grow with the table, unless the caller wants it otherwise', async () => {
    if (warehouse.kind !== 'embedded') throw new Error('a warehouse opened by path is embedded');
    const { client, engine, database } = warehouse;
    await client.command({
      query: 'CREATE TABLE revisions (id String, revision UInt32, text String) ENGINE = MergeTree ORDER BY (id, revision)',
    });
    await client.command({ query: "INSERT INTO revisions SELECT toString(number), 1, repeat('x', 400) FROM numbers(300000)" });
    // All the groups are 120 MB of text.
    const settings = {
      max_memory_usage: '60000000',
      max_bytes_before_external_group_by: '0',
      max_bytes_ratio_before_external_group_by: '0',
    };
    const sql = 'SELECT id, argMax(text, revision) FROM revisions GROUP BY id LIMIT 10';
    expect((await engine.run({ sql, database, settings })).rowsRead).toBe(10);
    await expect(engine.run({ sql, database, settings: { ...settings, optimize_aggregation_in_order: '0' } })).rejects.toMatchObject({
      code: 241,
    });
  });

  it('keeps its rows over a restart', async () => {
    const path = join(dir, 'data');
    const before = await ids();
    await warehouse.close();
    warehouse = await connectWarehouse({ path });
    expect(await ids()).toEqual(before);
  });
});
