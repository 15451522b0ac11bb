import { createServer } from 'node:net';
import { type FakeProvider, startFakeMeta } from '@messtrack/testing/fake-send-apis.ts';
import { afterEach, describe, expect, it } from 'vitest';
import { createProviderCall, isPrivate } from '../src/adapters/provider-call.ts';

const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

function caller(allowsPrivate = true, timeoutMs = 300) {
  const made = createProviderCall({ timeoutMs, allowsPrivate });
  closing.push(() => made.close());
  return (url: string) => made.call({ url: new URL(url), headers: { 'content-type': 'application/json' }, body: '{"to":"1"}' });
}

async function meta(): Promise<FakeProvider> {
  const fake = await startFakeMeta();
  closing.push(() => fake.close());
  return fake;
}

describe('a call of a provider', () => {
  it('gives status, JSON and the time to wait', async () => {
    const fake = await meta();
    fake.script('accept', { status: 429, body: { error: { code: 4 } }, headers: { 'retry-after': '7' } }, { status: 502 });
    const call = caller();
    expect(await call(fake.url)).toMatchObject({
      kind: 'answered',
      status: 200,
      body: { messages: [{ id: 'wamid.OUT1' }] },
      retryAfterMs: undefined,
    });
    expect(await call(fake.url)).toEqual({ kind: 'answered', status: 429, body: { error: { code: 4 } }, retryAfterMs: 7_000 });
    expect(await call(fake.url)).toEqual({ kind: 'answered', status: 502, body: undefined, retryAfterMs: undefined });
  });

  it.each([
    ['7', 7_000],
    ['1.5', 1_500],
    ['0', 0],
    ['Fri, 27 Nov 2026 10:00:30 GMT', 30_000],
    ['Fri, 27 Nov 2026 09:00:00 GMT', 0],
    ['Sun, 27 Nov 2033 10:00:00 GMT', undefined],
    ['soon', undefined],
    ['-5', undefined],
    ['12345678', undefined],
  ])('reads how long to wait: %s', async (header, expected) => {
    const fake = await meta();
    fake.script({ status: 429, headers: { 'retry-after': header, date: 'Fri, 27 Nov 2026 10:00:00 GMT' } });
    expect(await caller()(fake.url)).toMatchObject({ status: 429, retryAfterMs: expected });
  });

  it('tells what never left from what got no answer', async () => {
    const fake = await meta();
    fake.script('accept_and_hang', 'accept_and_cut');
    const call = caller();
    expect(await call(fake.url)).toEqual({ kind: 'unanswered', code: 'ETIMEDOUT' });
    expect(await call(fake.url)).toMatchObject({ kind: 'unanswered' });
    await fake.close();
    expect(await call(fake.url)).toEqual({ kind: 'not_sent', code: 'ECONNREFUSED' });
    expect(await call('http://no-such-host.invalid/')).toMatchObject({ kind: 'not_sent' });
    expect(fake.requests).toHaveLength(2);
  });

  it('does not follow a redirect: the credentials are for the host that was named', async () => {
    const other = await meta();
    const fake = await meta();
    fake.script({ status: 307, headers: { location: other.url } });
    expect(await caller()(fake.url)).toMatchObject({ kind: 'answered', status: 307 });
    expect(other.requests).toEqual([]);
  });

  async function raw(...pieces: readonly string[]): Promise<string> {
    const server = createServer((socket) => {
      socket.on('error', () => {}).resume();
      for (const piece of pieces) socket.write(piece);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
    return `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  }

  it.each([200, 400, 429])('does not keep an endless answer, but its status: %s', async (status) => {
    const url = await raw(`HTTP/1.1 ${status} So\r\ncontent-length: 1000000\r\nretry-after: 7\r\n\r\n`, ' '.repeat(200_000));
    expect(await caller()(url)).toEqual({ kind: 'answered', status, body: undefined, retryAfterMs: 7_000 });
  });

  it('takes a refusal for one although its text never ends, and nothing else', async () => {
    const cut = (status: number) => raw(`HTTP/1.1 ${status} So\r\ncontent-length: 100\r\nretry-after: 7\r\n\r\n{"error":`);
    const call = caller();
    expect(await call(await cut(429))).toEqual({ kind: 'answered', status: 429, body: undefined, retryAfterMs: 7_000 });
    expect(await call(await cut(400))).toMatchObject({ kind: 'answered', status: 400 });
    expect(await call(await cut(200))).toEqual({ kind: 'unanswered', code: 'ETIMEDOUT' });
    expect(await call(await cut(503))).toEqual({ kind: 'unanswered', code: 'ETIMEDOUT' });
  });

  it.each(['http://127.0.0.1:PORT', 'http://localhost:PORT', 'http://[::ffff:127.0.0.1]:PORT'])(
    'does not reach into our own networks: %s',
    async (url) => {
      const fake = await meta();
      expect(await caller(false)(url.replace('PORT', new URL(fake.url).port))).toEqual({ kind: 'not_sent', code: 'EBLOCKED' });
      expect(fake.requests).toEqual([]);
    },
  );
});

describe('addresses of our own networks', () => {
  it.each([
    ['10.1.2.3', true],
    ['172.31.0.1', true],
    ['172.32.0.1', false],
    ['192.168.1.1', true],
    ['169.254.169.254', true],
    ['100.64.0.1', true],
    ['0.0.0.0', true],
    ['224.0.0.1', true],
    ['::1', true],
    ['fd00::1', true],
    ['fe80::1', true],
    ['::ffff:10.0.0.1', true],
    ['64:ff9b::10.0.0.1', true],
    ['64:ff9b::a00:1', true],
    ['64:ff9b::7f00:1', true],
    ['64:ff9b::1', true],
    ['64:ff9b::9df0:101', false],
    ['::ffff:a9fe:a9fe', true],
    ['::ffff:9df0:101', false],
    ['::7f00:1', true],
    ['157.240.1.1', false],
    ['2a03:2880:f101::1', false],
    ['149.154.167.220', false],
  ])('%s: %s', (address, expected) => {
    expect(isPrivate(address)).toBe(expected);
  });
});
