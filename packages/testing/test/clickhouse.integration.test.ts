import { afterAll, describe, expect, inject, test } from 'vitest';
import { startClickhouse } from '../src/services.ts';

const stops: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const stop of stops.reverse()) await stop();
});

describe('ClickHouse', () => {
  test('clickhouse inserts and selects', async () => {
    const table = `testing_${crypto.randomUUID().replaceAll('-', '')}`;
    await query(inject('clickhouseUrl'), `CREATE TABLE ${table} (n UInt64) ENGINE = MergeTree ORDER BY n`);
    await query(inject('clickhouseUrl'), `INSERT INTO ${table} SELECT number FROM numbers(1000)`);
    expect(await query(inject('clickhouseUrl'), `SELECT count(), sum(n) FROM ${table}`)).toBe('1000\t499500');
    await query(inject('clickhouseUrl'), `DROP TABLE ${table}`);
  });

  test('its read-only address reads and changes nothing', async () => {
    const clickhouse = await startClickhouse();
    stops.push(clickhouse.stop);
    await query(clickhouse.url, 'CREATE TABLE kept (n UInt64) ENGINE = MergeTree ORDER BY n');
    await query(clickhouse.url, 'INSERT INTO kept SELECT number FROM numbers(10)');
    expect(await query(clickhouse.readOnlyUrl, 'SELECT sum(n) FROM kept')).toBe('45');
    await expect(query(clickhouse.readOnlyUrl, 'INSERT INTO kept VALUES (1)')).rejects.toThrow(/READONLY/);
    await expect(query(clickhouse.readOnlyUrl, 'DROP TABLE kept')).rejects.toThrow(/READONLY/);
    await expect(query(clickhouse.readOnlyUrl, "SELECT * FROM file('/etc/passwd', 'LineAsString')")).rejects.toThrow(/READONLY/);
    expect(await query(clickhouse.url, 'SELECT count() FROM kept')).toBe('10');
  });

  test('a restarted clickhouse keeps its rows', async () => {
    const clickhouse = await startClickhouse();
    stops.push(clickhouse.stop);
    await query(clickhouse.url, 'CREATE TABLE kept (n UInt64) ENGINE = MergeTree ORDER BY n');
    await query(clickhouse.url, 'INSERT INTO kept SELECT number FROM numbers(10)');
    await clickhouse.restart();
    expect(await query(clickhouse.url, 'SELECT count() FROM kept')).toBe('10');
    await clickhouse.kill();
    await expect(query(clickhouse.url, 'SELECT 1')).rejects.toThrow();
    await clickhouse.restart();
    expect(await query(clickhouse.url, 'SELECT count() FROM kept')).toBe('10');
  });
});

async function query(url: string, sql: string): Promise<string> {
  const response = await fetch(url, { method: 'POST', body: sql });
  const body = (await response.text()).trim();
  if (!response.ok) throw new Error(`ClickHouse: ${body}`);
  return body;
}
