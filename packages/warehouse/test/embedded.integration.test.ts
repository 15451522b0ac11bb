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

  it('keeps its rows over a restart', async () => {
    const path = join(dir, 'data');
    const before = await ids();
    await warehouse.close();
    warehouse = await connectWarehouse({ path });
    expect(await ids()).toEqual(before);
  });
});
