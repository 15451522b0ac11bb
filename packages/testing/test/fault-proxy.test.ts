import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { breakOff, type FaultProxy, startFaultProxy } from '../src/fault-proxy.ts';
import { freePort } from '../src/free-port.ts';

describe('fault proxy in front of an echo server', () => {
  let proxy: FaultProxy;
  let closeEcho: () => void;
  let received: number;
  const clients: Socket[] = [];

  beforeEach(async () => {
    received = 0;
    const echo = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        received += chunk.length;
        socket.write(chunk);
      });
    });
    const targetPort = await freePort();
    echo.listen(targetPort, '127.0.0.1');
    await once(echo, 'listening');
    closeEcho = () => echo.close();
    proxy = await startFaultProxy({ targetPort });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.destroy();
    await proxy.close();
    closeEcho();
  });

  async function open(): Promise<Socket> {
    const client = connect(proxy.port, '127.0.0.1');
    clients.push(client);
    await once(client, 'connect');
    return client;
  }
  async function echoed(client: Socket, text: string): Promise<string> {
    client.write(text);
    let got = '';
    while (got.length < text.length) got += String((await once(client, 'data'))[0]);
    return got;
  }

  test('passes bytes through, also many', async () => {
    const text = 'x'.repeat(3_000_000);
    expect(await echoed(await open(), text)).toBe(text);
  });

  test('cut breaks open connections and takes new ones', async () => {
    const client = await open();
    await echoed(client, 'before');
    const broken = once(client, 'error');
    proxy.cut();
    expect((await broken)[0]).toMatchObject({ code: 'ECONNRESET' });
    expect(await echoed(await open(), 'after')).toBe('after');
  });

  test('refuse breaks open connections and refuses new ones until heal', async () => {
    const client = await open();
    await echoed(client, 'before');
    const broken = once(client, 'error');
    await proxy.refuse();
    expect((await broken)[0]).toMatchObject({ code: 'ECONNRESET' });
    await expect(open()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await proxy.heal();
    expect(await echoed(await open(), 'after')).toBe('after');
  });

  test('hold keeps the bytes back and heal lets them go on', async () => {
    const client = await open();
    await echoed(client, 'before');
    const sofar = received;
    proxy.hold();
    const answer = echoed(client, 'held');
    await expect.poll(() => proxy.heldBytes()).toBe(4);
    expect(received).toBe(sofar);
    await proxy.heal();
    expect(await answer).toBe('held');
  });

  test('alter changes answers and not requests, until heal', async () => {
    const client = await open();
    proxy.alter((chunk) => Buffer.from(chunk.map((byte) => byte ^ 1)));
    expect(await echoed(client, 'abc')).toBe('`cb');
    await proxy.heal();
    expect(await echoed(client, 'abc')).toBe('abc');
  });

  test('delay keeps bytes and their order', async () => {
    const client = await open();
    proxy.delay(30);
    const started = performance.now();
    const answer = echoed(client, 'one two three');
    expect(await answer).toBe('one two three');
    // Two directions of 30 ms each; timers may fire a millisecond early, never by a third.
    expect(performance.now() - started).toBeGreaterThan(40);
  });
});

test('a connection that is just being ended breaks on both sides', async () => {
  const accepted = Promise.withResolvers<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => accepted.resolve(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(client, 'connect');
  const other = await accepted.promise;
  client.end();
  const closed = once(client, 'close');
  breakOff(client);
  await closed;
  other.end().resume();
  await once(other, 'close');
  server.close();
});
