/** Beacons over real sockets: the short way of a plain one and Fastify's way of every other end alike. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { newCode } from '@messtrack/tracking-code/tracking-code.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_RATE_LIMITS } from '../src/config.ts';
import { fakeProducer, IPHONE, startHarness } from './harness.ts';

let harness: Awaited<ReturnType<typeof startHarness>>;
let port: number;

async function start(options: Parameters<typeof startHarness>[0] = {}) {
  harness = await startHarness(options);
  await harness.app.listen({ host: '127.0.0.1', port: 0 });
  const address = harness.app.server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  port = address.port;
}
beforeEach(() => start());
afterEach(() => harness.close());

/** The first is read at once; the others are the same to whoever sends them and go through Fastify's parsers. */
const PLAIN = 'text/plain;charset=UTF-8';
const WAYS = [PLAIN, 'application/json', 'TEXT/PLAIN', 'application/json; charset="utf-8"', 'chunked text/plain'] as const;

const CLICK = { workspace: 'acme', placement: 'button', click_id: 'c1', code: newCode(randomBytes) };
const BODIES: readonly (readonly [what: string, body: string, status: number])[] = [
  [
    'a code with a wrong checksum beside letters of all kinds',
    JSON.stringify({ ...CLICK, code: 'AAAAAAAAAA', query: 'utm_source=Привет 😀' }),
    400,
  ],
  ['text that is no JSON', '{"workspace":', 400],
  ['a byte-order mark before it', `\ufeff${JSON.stringify(CLICK)}`, 400],
  ['wrong types', JSON.stringify({ ...CLICK, placement: 7, time: 'now' }), 400],
  ['a number', '7', 400],
  ['null', 'null', 400],
  ['too much', JSON.stringify({ ...CLICK, referrer: 'x'.repeat(17_000) }), 413],
];

async function open(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.setNoDelay(true);
  return socket;
}

function message(path: string, way: string, body: string, origin = 'https://acme.example'): Buffer {
  const bytes = Buffer.from(body);
  const head = [`POST ${path} HTTP/1.1`, 'host: x', `user-agent: ${IPHONE}`, `origin: ${origin}`];
  if (!way.startsWith('chunked '))
    return Buffer.concat([Buffer.from([...head, `content-type: ${way}`, `content-length: ${bytes.length}`, '', ''].join('\r\n')), bytes]);
  const chunked = [...head, `content-type: ${way.slice(8)}`, 'transfer-encoding: chunked', '', `${bytes.length.toString(16)}\r\n`];
  return Buffer.concat([Buffer.from(chunked.join('\r\n')), bytes, Buffer.from('\r\n0\r\n\r\n')]);
}

/** Status, the headers a page depends on, and the text, whose length the head says. */
async function answerOf(socket: Socket): Promise<readonly unknown[]> {
  let text = '';
  while (true) {
    const end = text.indexOf('\r\n\r\n');
    const length = /content-length: (\d+)/i.exec(text);
    if (end >= 0 && length !== null && Buffer.byteLength(text) - end - 4 >= Number(length[1])) break;
    const [data] = await once(socket, 'data');
    text += String(data);
  }
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, 'im').exec(text)?.[1]?.trim();
  const named = ['access-control-allow-origin', 'vary', 'cache-control', 'content-type'].map(header);
  return [Number(text.slice(9, 12)), ...named, JSON.parse(text.slice(text.indexOf('\r\n\r\n') + 4))];
}

async function post(path: string, way: string, body: string, origin?: string): Promise<readonly unknown[]> {
  const socket = await open();
  socket.write(message(path, way, body, origin));
  const answer = await answerOf(socket);
  socket.destroy();
  return answer;
}

describe('a beacon', () => {
  it('is accepted the same on every way', async () => {
    const links: unknown[] = [];
    for (const way of WAYS) {
      const answer = await post('/v1/clicks', way, JSON.stringify(CLICK));
      expect(answer.slice(0, 5), way).toEqual([202, 'https://acme.example', 'Origin', 'no-store', 'application/json; charset=utf-8']);
      links.push(answer[5]);
      expect((await post('/v1/visits', way, JSON.stringify({ workspace: 'acme', visit_id: 'v1' })))[0], way).toBe(202);
    }
    expect(links).toEqual(WAYS.map(() => links[0]));
    expect(harness.clicks().map(({ eventId }) => eventId)).toEqual(WAYS.map(() => 'click/acme/c1'));
  });

  it.each(BODIES)('is refused the same on every way: %s', async (_, body, status) => {
    const answers: (readonly unknown[])[] = [];
    for (const way of WAYS) answers.push(await post('/v1/clicks', way, body));
    expect(answers[0]!.slice(0, 2)).toEqual([status, 'https://acme.example']);
    expect(answers).toEqual(WAYS.map(() => answers[0]));
    expect(harness.clicks()).toEqual([]);
  });

  it('of a page of somebody else is refused the same on every way', async () => {
    const answers: (readonly unknown[])[] = [];
    for (const way of WAYS) answers.push(await post('/v1/clicks', way, JSON.stringify(CLICK), 'https://evil.example'));
    expect(answers[0]!.slice(0, 2)).toEqual([403, undefined]);
    expect(answers).toEqual(WAYS.map(() => answers[0]));
  });

  it('is taken in as many pieces as it comes in, a connection serves one after the other', async () => {
    const socket = await open();
    const bytes = message('/v1/clicks', PLAIN, JSON.stringify({ ...CLICK, query: 'utm_source=Привет' }));
    for (const size of [1, 7, 64, bytes.length]) {
      const answer = answerOf(socket);
      for (let at = 0; at < bytes.length; at += size) {
        socket.write(bytes.subarray(at, at + size));
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect((await answer)[0]).toBe(202);
    }
    socket.destroy();
    expect(harness.clicks().map(({ source }) => source?.utmSource)).toEqual(new Array(4).fill('Привет'));
  });

  it('whose sender goes away before the answer is stored all the same', async () => {
    const socket = await open();
    socket.end(message('/v1/clicks', PLAIN, JSON.stringify(CLICK)));
    await expect.poll(() => harness.clicks()).toHaveLength(1);
    socket.destroy();
  });

  it('that breaks off is counted as 400 and stores nothing', async () => {
    const socket = await open();
    socket.write(message('/v1/clicks', PLAIN, JSON.stringify(CLICK)).subarray(0, -20));
    await new Promise((resolve) => setImmediate(resolve));
    socket.resetAndDestroy();
    await expect.poll(() => harness.registry.metrics()).toContain('messtrack_ingest_refused_total{route="clicks",reason="bad_request"} 1');
    expect(harness.clicks()).toEqual([]);
    expect((await post('/v1/clicks', PLAIN, JSON.stringify(CLICK)))[0]).toBe(202);
  });

  it('of a connection that is reset at once is no error of ours', async () => {
    for (let i = 0; i < 20; i += 1) {
      const socket = await open();
      socket.write(i % 2 === 0 ? message('/v1/clicks', PLAIN, '{') : `GET /t/acme/ad HTTP/1.1\r\nhost: x\r\nuser-agent: ${IPHONE}\r\n\r\n`);
      await new Promise((resolve) => setImmediate(resolve));
      socket.resetAndDestroy();
    }
    expect((await post('/v1/clicks', PLAIN, JSON.stringify(CLICK)))[0]).toBe(202);
    expect(harness.lines.filter((line) => line.includes('request failed'))).toEqual([]);
    expect(await harness.registry.metrics()).not.toContain('reason="internal"');
  });

  it('that can be kept nowhere is asked for again', async () => {
    await harness.close();
    await start({ producer: Object.assign(fakeProducer(), { mode: 'away' }), settings: { spoolMaxBytes: 0 } });
    for (const way of WAYS)
      expect(await post('/v1/clicks', way, JSON.stringify(CLICK))).toEqual([
        503,
        'https://acme.example',
        'Origin',
        'no-store',
        'application/json; charset=utf-8',
        expect.objectContaining({ error: 'spool_full' }),
      ]);
  });

  it('over the limit is refused before its body is read', async () => {
    await harness.close();
    await start({ settings: { limits: { ...DEFAULT_RATE_LIMITS, beaconsPerMinute: 1, exempt: [] } } });
    expect((await post('/v1/clicks', PLAIN, JSON.stringify(CLICK)))[0]).toBe(202);
    expect((await post('/v1/clicks', PLAIN, '{'))[0]).toBe(429);
  });
});
