import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type EmbeddedEngine, openEmbeddedEngine } from '../src/embedded-engine.ts';
import { type ClickhouseHttpOptions, clickhouseHttp } from '../src/http-interface.ts';

let dir = '';
let engine: EmbeddedEngine;
const servers: Server[] = [];

async function serve(options: Partial<ClickhouseHttpOptions>): Promise<string> {
  const server = createServer(clickhouseHttp({ engine, readOnly: false, ...options }));
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
}

let open = '';
let closed = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'messtrack-http-'));
  engine = openEmbeddedEngine(join(dir, 'data'));
  open = await serve({});
  closed = await serve({ readOnly: true, limits: { maxExecutionSeconds: 1, maxResultRows: 1_000 } });
  await ask(open, 'CREATE TABLE visits (id UInt64, name String) ENGINE = MergeTree ORDER BY id');
  await ask(open, "INSERT INTO visits VALUES (1, 'one'), (2, 'two')");
});
afterAll(async () => {
  for (const server of servers) server.close();
  await engine.close();
  await rm(dir, { recursive: true });
});

async function ask(url: string, sql: string, query = ''): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(`${url}/?${query}`, { method: 'POST', body: sql });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

describe('the HTTP interface', () => {
  it('serves the client: ping, insert of rows and of a stream, parameters, settings, compression', async () => {
    const client = createClient({ url: open, compression: { request: true, response: true }, log: { level: ClickHouseLogLevel.OFF } });
    try {
      expect(await client.ping()).toEqual({ success: true });
      await client.command({ query: 'CREATE TABLE things (id UInt64, name String) ENGINE = MergeTree ORDER BY id' });
      const tricky = "a;b\n\n'\\ \t é 😀";
      await client.insert({ table: 'things', values: [{ id: 1, name: tricky }], format: 'JSONEachRow' });
      const rows = Array.from({ length: 500 }, (_, index) => ({ id: index + 10, name: '; DROP TABLE things' }));
      await client.insert({ table: 'things', values: Readable.from(rows), format: 'JSONEachRow' });
      const raw = await client.exec({
        query: 'INSERT INTO things FORMAT JSONEachRow',
        values: Readable.from([Buffer.from('{"id":900,"name":"raw"}\n\n{"id":901,"name":"raw"}\n')], { objectMode: false }),
      });
      expect(await text(raw.stream)).toBe('');
      const result = await client.query({
        query: 'SELECT id, name FROM things WHERE name = {name:String} OR id IN {ids:Array(UInt64)} ORDER BY id',
        query_params: { name: tricky, ids: [10, 11] },
        clickhouse_settings: { max_threads: 1 },
        format: 'JSONEachRow',
      });
      expect(await result.json()).toEqual([
        { id: 1, name: tricky },
        { id: 10, name: '; DROP TABLE things' },
        { id: 11, name: '; DROP TABLE things' },
      ]);
      const count = await client.query({ query: 'SELECT count() AS n FROM things', format: 'JSONEachRow' });
      expect(await count.json()).toEqual([{ n: 503 }]);
    } finally {
      await client.close();
    }
  });

  it('gives the client exceptions with their code', async () => {
    const client = createClient({ url: open, log: { level: ClickHouseLogLevel.OFF } });
    try {
      await expect(client.query({ query: 'SELEC 1' })).rejects.toMatchObject({ code: '62', type: 'SYNTAX_ERROR' });
      await expect(client.query({ query: 'SELECT * FROM nowhere' })).rejects.toMatchObject({ code: '60', type: 'UNKNOWN_TABLE' });
      await expect(
        client.insert({ table: 'visits', values: [{ id: 'no number', name: '' }], format: 'JSONEachRow' }),
      ).rejects.toMatchObject({ code: expect.stringMatching(/^(27|72)$/) });
    } finally {
      await client.close();
    }
  });

  it('answers errors as ClickHouse does', async () => {
    const wrong = await ask(open, 'SELEC 1');
    expect(wrong.status).toBe(400);
    expect(wrong.text).toMatch(/^Code: 62\. DB::Exception: /);
    expect(wrong.headers.get('x-clickhouse-exception-code')).toBe('62');
    expect((await ask(open, 'SELECT * FROM nowhere')).status).toBe(404);
    expect((await ask(open, '   ')).status).toBe(400);
    expect((await ask(open, 'SELECT 1', 'no_such_setting=1')).status).toBe(404);
    expect((await ask(open, 'SELECT 1', 'bad%20name=1')).status).toBe(404);
  });

  it('takes query in URL or both, the format from default_format or FORMAT, and says which', async () => {
    const byUrl = await fetch(`${open}/?query=${encodeURIComponent('SELECT 1 AS a')}&default_format=JSONEachRow`);
    expect(await byUrl.text()).toBe('{"a":1}\n');
    expect(byUrl.headers.get('x-clickhouse-format')).toBe('JSONEachRow');
    expect(byUrl.headers.get('content-type')).toContain('application/x-ndjson');
    const byClause = await ask(open, 'SELECT 1 AS a FORMAT CSV', 'default_format=JSON');
    expect(byClause.text).toBe('1\n');
    expect(byClause.headers.get('x-clickhouse-format')).toBe('CSV');
    const both = await ask(open, "(3, 'three')", `query=${encodeURIComponent('INSERT INTO visits VALUES')}`);
    expect(both.status).toBe(200);
    expect((await ask(open, 'SELECT name FROM visits WHERE id = {id:UInt8}', 'param_id=3')).text).toBe('three\n');
    expect(Object.keys(JSON.parse(both.headers.get('x-clickhouse-summary') ?? '{}'))).toContain('elapsed_ns');
  });

  it('keeps requests apart: settings, database and parameters of one do not reach the next', async () => {
    expect((await ask(open, "SELECT getSetting('max_threads')", 'max_threads=3')).text).toBe('3\n');
    expect((await ask(open, "SELECT getSetting('max_threads')")).text).not.toBe('3\n');
    expect((await ask(open, 'SELECT currentDatabase()', 'database=system')).text).toBe('system\n');
    expect((await ask(open, 'SELECT currentDatabase()')).text).toBe('default\n');
    await ask(open, 'SELECT {x:UInt8}', 'param_x=1');
    expect((await ask(open, 'SELECT {x:UInt8}')).status).toBe(400);
  });

  it('reads gzip bodies up to its limit, whatever they unfold to', async () => {
    const small = await serve({ maxBodyBytes: 1_000 });
    const send = (url: string, body: Uint8Array<ArrayBuffer>) =>
      fetch(url, { method: 'POST', body, headers: { 'content-encoding': 'gzip' } });
    const good = await send(small, Uint8Array.from(gzipSync('SELECT 7')));
    expect(await good.text()).toBe('7\n');
    expect((await send(small, Uint8Array.from(gzipSync(' '.repeat(100_000))))).status).toBe(413);
    expect((await send(small, new TextEncoder().encode('SELECT 1'))).status).toBe(400);
  });

  it('changes nothing on GET', async () => {
    const response = await fetch(`${open}/?query=${encodeURIComponent("INSERT INTO visits VALUES (9, 'nine')")}`);
    expect(await response.text()).toContain('READONLY');
    expect((await ask(open, 'SELECT count() FROM visits WHERE id = 9')).text).toBe('0\n');
  });

  it('refuses with 503 when too many wait, and the others get their answers', async () => {
    const narrow = await serve({ maxWaiting: 1 });
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(narrow, 'SELECT sleep(0.2)')));
    const refused = answers.filter(({ status }) => status === 503);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.text).toContain('Too many simultaneous queries');
    expect(answers.filter(({ status }) => status === 200).length).toBe(6 - refused.length);
    expect((await ask(narrow, 'SELECT 1')).text).toBe('1\n');
  });

  it('asks for its token', async () => {
    const guarded = await serve({ token: 'correct-horse' });
    expect((await ask(guarded, 'SELECT 1')).status).toBe(403);
    expect((await ask(guarded, 'SELECT 1', 'password=wrong-horse!!')).status).toBe(403);
    expect((await ask(guarded, 'SELECT 1', 'password=correct-horse')).text).toBe('1\n');
    const bearer = await fetch(guarded, { method: 'POST', body: 'SELECT 1', headers: { authorization: 'Bearer correct-horse' } });
    expect(await bearer.text()).toBe('1\n');
    const client = createClient({ url: guarded, password: 'correct-horse' });
    expect(await (await client.query({ query: 'SELECT 1 AS a', format: 'JSONEachRow' })).json()).toEqual([{ a: 1 }]);
    await client.close();
  });
});

describe('the read-only HTTP interface', () => {
  it.each([
    'SELECT count() FROM visits',
    'SHOW TABLES',
    'DESCRIBE visits',
    'EXPLAIN SELECT 1',
    'EXISTS visits',
    'WITH 1 AS a SELECT a',
    'FROM numbers(2) SELECT number',
    '-- note\nSELECT 1;',
  ])('answers %s', async (sql) => {
    const answer = await ask(closed, sql);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.text).not.toBe('');
  });

  const outside = join(tmpdir(), `messtrack-outfile-${process.pid}`);
  it.each([
    "SELECT * FROM file('/etc/passwd')",
    "SELECT * FROM file('/etc/passwd', 'LineAsString')",
    "SELECT file('/etc/passwd')",
    "SELECT/**/`file`\n('/etc/passwd')",
    "SELECT * FROM '/etc/passwd'",
    'SELECT * FROM `/etc/passwd`',
    "DESCRIBE file('/etc/passwd')",
    'DESCRIBE `/etc/passwd`',
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "DESCRIBE url('http://127.0.0.1:1/', 'LineAsString')",
    "SELECT * FROM s3('http://127.0.0.1:1/bucket/key', 'LineAsString')",
    "SELECT * FROM executable('id', 'LineAsString', 'x String')",
    "SELECT * FROM remote('127.0.0.1:1', system.one)",
    "SELECT * FROM sqlite('/tmp/x', 't')",
    `SELECT 1 INTO OUTFILE '${outside}'`,
    `SELECT 1 INTO/**/OUTFILE '${outside}' FORMAT CSV`,
    `INSERT INTO FUNCTION file('${outside}', 'CSV') SELECT 1`,
    "INSERT INTO visits VALUES (7, 'x')",
    'DROP TABLE visits',
    'CREATE TABLE x (a Int8) ENGINE = Memory',
    'CREATE TEMPORARY TABLE x (a Int8)',
    'SET readonly = 0',
    'SELECT 1 SETTINGS readonly = 0',
    'SELECT 1 SETTINGS max_execution_time = 0',
    'SELECT 1; DROP TABLE visits',
    'KILL QUERY WHERE 1',
    'SYSTEM FLUSH LOGS',
    `BACKUP TABLE visits TO File('${outside}')`,
    "SELECT aiGenerate('x')",
  ])('refuses %s', async (sql) => {
    const answer = await ask(closed, sql);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.text).toMatch(/^Code: \d+\. DB::Exception: /);
    expect(answer.text).not.toContain('root:');
    expect(existsSync(outside)).toBe(false);
    expect((await ask(open, 'SELECT count() FROM visits WHERE id < 3')).text).toBe('2\n');
  });

  it.each([
    ['a file as the template of a row', 'Template', (file: string) => `format_template_row=${file}`],
    ['a file as the template of a result', 'Template', (file: string) => `format_template_resultset=${file}`],
    ['a file as schema', 'Protobuf', (file: string) => `format_schema=${file}:Message`],
    ['a query as schema', 'Protobuf', () => 'format_schema_source=query&format_schema=SELECT+1&format_schema_message_name=Message'],
    ['a file to write a schema into', 'Protobuf', () => `format_protobuf_use_autogenerated_schema=1&output_format_schema=${outside}`],
    [
      'an address to ask for schemas',
      'AvroConfluent',
      (_: string, address: string) => `format_avro_schema_registry_url=${address}&output_format_avro_confluent_subject=x`,
    ],
  ])('lets no setting name %s', async (_, format, settings) => {
    let asked = 0;
    const registry = createServer((_request, response) => {
      asked += 1;
      response.end('{"id":1}');
    }).listen(0, '127.0.0.1');
    await once(registry, 'listening');
    onTestFinished(() => void registry.close());
    const address = `http://127.0.0.1:${(registry.address() as AddressInfo).port}`;
    const answer = await ask(closed, `SELECT 1 AS c FORMAT ${format}`, settings('/etc/passwd', address));
    expect(answer.text).toMatch(/^Code: 164\. DB::Exception: Cannot modify '\w+' setting in readonly mode/);
    expect(answer.text).not.toContain('root:');
    expect(existsSync(outside)).toBe(false);
    expect(asked).toBe(0);
  });

  it('stops queries that run, return or ask for too much', async () => {
    const slow = await ask(closed, 'SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1');
    expect(slow).toMatchObject({ status: 408 });
    expect((await ask(closed, 'SELECT number FROM numbers(1001)')).text).toContain('Code: 396.');
    expect((await ask(closed, 'SELECT number FROM numbers(1001)', 'max_result_rows=0')).text).toContain('Code: 396.');
    expect((await ask(closed, 'SELECT number FROM numbers(100)', 'max_result_rows=10')).text).toContain('Code: 396.');
    expect((await ask(closed, 'SELECT 1', 'allow_ddl=1')).text).toContain('Code: 164.');
  });

  it('lets readers choose how results look', async () => {
    expect((await ask(closed, 'SELECT toUInt64(1) AS a FORMAT JSONEachRow', 'output_format_json_quote_64bit_integers=1')).text).toBe(
      '{"a":"1"}\n',
    );
  });
});
