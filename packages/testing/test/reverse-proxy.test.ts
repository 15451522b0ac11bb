import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { freePort } from '../src/free-port.ts';
import { createRouter, startReverseProxy } from '../src/reverse-proxy.ts';

const upstreams = { ingest: [1001], gateway: [1002], matcher: [1003, 1004], sql: new URL('http://127.0.0.1:1005/?readonly=2') };

describe('routes', () => {
  test.each([
    ['/hooks/whatsapp/acme/sales', 'messenger-gateway', 1002, '/hooks/whatsapp/acme/sales'],
    ['/hooks/../v1/leads', 'messenger-gateway', 1002, '/hooks/../v1/leads'],
    ['/v1/leads?contact=x', 'matcher', 1003, '/v1/leads?contact=x'],
    ['/v1/leads/abc', 'matcher', 1003, '/v1/leads/abc'],
    ['/v1/goals', 'matcher', 1003, '/v1/goals'],
    ['/v1/goals/x', 'ingest', 1001, '/v1/goals/x'],
    ['/v1/leadsheet', 'ingest', 1001, '/v1/leadsheet'],
    ['/t/acme/site?utm_source=a%20b&x=?', 'ingest', 1001, '/t/acme/site?utm_source=a%20b&x=?'],
    ['/', 'ingest', 1001, '/'],
    ['//elsewhere.example/hooks/', 'ingest', 1001, '//elsewhere.example/hooks/'],
    ['/sql?query=SELECT+1', 'clickhouse', 1005, '/?query=SELECT+1&readonly=2'],
    ['/sql', 'clickhouse', 1005, '/?readonly=2'],
    ['/sql?readonly=0&user=root&password=x&readonly=1&query=DROP?', 'clickhouse', 1005, '/?query=DROP%3F&readonly=2'],
  ])('%s goes to %s', (path, name, port, sent) => {
    expect(createRouter(upstreams)(path)).toEqual({ name, host: '127.0.0.1', port, path: sent });
  });

  test('a read-only path stays a path', () => {
    const route = createRouter({ ...upstreams, sql: new URL('http://127.0.0.1:1005/sql') });
    expect([route('/sql').path, route('/sql?user=root').path, route('/sql?query=1').path]).toEqual(['/sql', '/sql', '/sql?query=1']);
  });

  test('several processes of one service take turns', () => {
    const route = createRouter(upstreams);
    expect([1, 2, 3].map(() => route('/v1/leads').port)).toEqual([1003, 1004, 1003]);
  });
});

describe('the proxy', () => {
  const closes: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closes.splice(0).reverse()) await close();
  });

  async function upstream(answer: (body: string, headers: IncomingHttpHeaders) => { status: number; body: string }): Promise<number> {
    const server: Server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const answered = answer(body, request.headers);
      response.writeHead(answered.status, { 'x-upstream': 'yes', location: 'https://wa.me/1' });
      response.end(answered.body);
    });
    const port = await freePort();
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    closes.push(() => new Promise((resolve) => server.close(resolve)));
    return port;
  }
  async function proxyTo(ports: { ingest?: number; clickhouse?: number }): Promise<string> {
    const none = await freePort();
    const ingest = [ports.ingest ?? none];
    const sql = new URL(`http://127.0.0.1:${ports.clickhouse ?? none}/sql`);
    const proxy = await startReverseProxy({
      host: '127.0.0.1',
      port: 0,
      upstreams: { ingest, gateway: [none], matcher: [none], sql },
    });
    closes.push(proxy.close);
    return proxy.url;
  }

  test('passes method, body, status and headers, and does not follow a redirect', async () => {
    const url = await proxyTo({ ingest: await upstream((body) => ({ status: 302, body: `got ${body.length}` })) });
    const response = await fetch(`${url}/v1/clicks`, { method: 'POST', body: 'x'.repeat(500_000), redirect: 'manual' });
    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe('https://wa.me/1');
    expect(await response.text()).toBe('got 500000');
  });

  test('a client cannot choose the address it seems to come from', async () => {
    const url = await proxyTo({ ingest: await upstream((_, headers) => ({ status: 200, body: String(headers['x-forwarded-for']) })) });
    expect(await (await fetch(url, { headers: { 'x-forwarded-for': '203.0.113.9' } })).text()).toBe('127.0.0.1');
  });

  test('credentials of a client never reach ClickHouse', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const clickhouse = await upstream((_, headers) => {
      seen.push(headers);
      return { status: 200, body: '1' };
    });
    const url = await proxyTo({ clickhouse });
    await fetch(`${url}/sql`, { method: 'POST', body: 'SELECT 1', headers: { authorization: 'Basic x', 'x-clickhouse-user': 'root' } });
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toHaveProperty('authorization');
    expect(seen[0]).not.toHaveProperty('x-clickhouse-user');
  });

  test('a request target that is no path is a 400, and the next request is answered', async () => {
    const url = await proxyTo({ ingest: await upstream(() => ({ status: 200, body: 'here' })) });
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.end('GET http://elsewhere.example/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    let answer = '';
    for await (const chunk of socket) answer += chunk;
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(await (await fetch(url)).text()).toBe('here');
  });

  test('a service that is away is a 502 that names it', async () => {
    const response = await fetch(`${await proxyTo({})}/hooks/telegram/a/b`, { method: 'POST', body: '{}' });
    expect(response.status).toBe(502);
    expect(await response.json()).toEqual({ error: 'bad_gateway', message: 'messenger-gateway does not answer: ECONNREFUSED' });
  });
});
