/** What answers at the address of the warehouse need not be a warehouse: a proxy's page, a port of something else, a certificate of nobody. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createClient } from '@clickhouse/client';
import selfsigned from 'selfsigned';
import { expect, it, onTestFinished } from 'vitest';
import { ClickhouseSink } from '../src/adapters/clickhouse-sink.ts';
import type { InsertOutcome } from '../src/ports.ts';

const ROWS = [{ table: 'click_records', json: Buffer.from('{"click_id":"a"}') }] as const;

async function insertInto(answer: RequestListener, isTls = false): Promise<InsertOutcome> {
  const pems = isTls ? await selfsigned.generate([{ name: 'commonName', value: 'localhost' }]) : undefined;
  const server = pems === undefined ? createServer(answer) : createTlsServer({ key: pems.private, cert: pems.cert }, answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = createClient({ url: `${isTls ? 'https' : 'http'}://127.0.0.1:${port}`, request_timeout: 300 });
  onTestFinished(async () => {
    await client.close();
    server.closeAllConnections();
    server.close();
  });
  return new ClickhouseSink(client, 'server').insert('click_records', ROWS);
}

/** Answers when the rows have come. */
const after =
  (answer: RequestListener): RequestListener =>
  (request, response) => {
    request.resume().on('end', () => answer(request, response));
  };
const ours = { 'x-clickhouse-query-id': 'q1', 'x-clickhouse-summary': '{"written_rows":"1"}' };
const page = '<!doctype html><title>Back soon</title>';

it('confirms rows that ClickHouse has confirmed', async () => {
  expect(await insertInto(after((_, response) => response.writeHead(200, ours).end()))).toEqual({ kind: 'confirmed' });
});

it.each<[string, RequestListener]>([
  ['a page with status 200', (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(page)],
  ['nothing with status 200', (_, response) => response.writeHead(200).end()],
  ['nothing with status 204', (_, response) => response.writeHead(204).end()],
  ['a page with status 500', (_, response) => response.writeHead(500, { 'content-type': 'text/html' }).end(page)],
  ['a page with status 404', (_, response) => response.writeHead(404, { 'content-type': 'text/html' }).end(page)],
  [
    'a page that quotes an error of the data',
    (_, response) => response.writeHead(500).end(`${page} Code: 27. DB::Exception: Cannot parse`),
  ],
  ['another place to go', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
  ['an error in the middle of an answer', (_, response) => response.writeHead(200, ours).end('Code: 241. DB::Exception: Memory limit')],
  ['nothing at all', () => undefined],
  ['the head of an answer and no more', (_, response) => response.writeHead(200, ours).flushHeaders()],
  ['half an answer', (_, response) => response.writeHead(200, { ...ours, 'content-length': '10' }).write('x', () => response.destroy())],
])('keeps rows when what answers says %s', async (_name, answer) => {
  expect(await insertInto(after(answer))).toMatchObject({ kind: 'unavailable' });
});

it('keeps rows when the certificate is nobody’s', async () => {
  const outcome = await insertInto(
    after((_, response) => response.writeHead(200, ours).end()),
    true,
  );
  expect(outcome).toMatchObject({ kind: 'unavailable', error: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
});
