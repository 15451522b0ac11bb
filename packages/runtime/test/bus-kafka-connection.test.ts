import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import ConnectionPool from 'kafkajs/src/network/connectionPool.js';
import { afterEach, describe, expect, it } from 'vitest';
import { installSharedConnect } from '../src/bus-kafka-connection.ts';

const kafkajsOwn = ConnectionPool.prototype.getConnection;
const endings: (() => void)[] = [];

afterEach(() => {
  ConnectionPool.prototype.getConnection = kafkajsOwn;
  for (const end of endings.splice(0)) end();
});

/** A pool of kafkajs's own making before a server that takes every connection, and the sockets it has opened. */
async function poolOf(port?: number) {
  const server = createServer();
  server.listen(port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  endings.push(() => server.close());
  const opened: Socket[] = [];
  const log = () => undefined;
  const logger = { namespace: () => logger, debug: log, info: log, warn: log, error: log };
  const pool = new ConnectionPool({
    logger,
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    connectionTimeout: 1_000,
    requestTimeout: 1_000,
    socketFactory({ host, port: to, onConnect }: { readonly host: string; readonly port: number; readonly onConnect: () => void }) {
      const socket = connect({ host, port: to }, onConnect);
      opened.push(socket);
      endings.push(() => socket.destroy());
      return socket;
    },
  });
  return { pool, opened, server };
}

const READERS = 12;
const FETCHES = 1;

describe('connections of kafkajs', () => {
  it('are opened once for all who ask while they are opened, and none is left when the pool is closed', async () => {
    installSharedConnect();
    const { pool, opened } = await poolOf();
    const got = await Promise.all(Array.from({ length: READERS }, () => pool.getConnection(FETCHES)));
    expect(new Set(got)).toEqual(new Set([pool.pool[FETCHES]]));
    expect(opened).toHaveLength(1);
    await pool.destroy();
    expect(opened.filter((socket) => !socket.writableEnded)).toEqual([]);
  });

  it('are opened again after they were closed, and after an attempt that failed', async () => {
    installSharedConnect();
    const { pool, opened, server } = await poolOf();
    await pool.getConnection(FETCHES);
    await pool.destroy();
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const failed = await Promise.allSettled(Array.from({ length: READERS }, () => pool.getConnection(FETCHES)));
    expect(new Set(failed.map(({ status }) => status))).toEqual(new Set(['rejected']));
    await poolOf(port);
    await Promise.all(Array.from({ length: READERS }, () => pool.getConnection(FETCHES)));
    expect(opened).toHaveLength(3);
  });

  it.each([
    ['forget', true],
    ['of kafkajs alone keep', false],
  ])('%s what came of an answer that broke off, when they are opened again', async (_, isOurs) => {
    if (isOurs) installSharedConnect();
    const { pool, server } = await poolOf();
    const [[accepted], connection] = await Promise.all([once(server, 'connection') as Promise<[Socket]>, pool.getConnection(FETCHES)]);
    // Ten bytes of a hundred.
    accepted.write(Buffer.concat([Buffer.from([0, 0, 0, 100]), Buffer.alloc(10)]));
    await expect.poll(() => connection.bytesNeeded).toBe(104);
    accepted.resetAndDestroy();
    await expect.poll(() => connection.isConnected()).toBe(false);
    expect(await pool.getConnection(FETCHES)).toBe(connection);
    const { bytesBuffered, bytesNeeded } = connection;
    expect({ bytesBuffered, bytesNeeded }).toEqual(isOurs ? { bytesBuffered: 0, bytesNeeded: 4 } : { bytesBuffered: 14, bytesNeeded: 104 });
    await pool.destroy();
  });

  it('of kafkajs alone are opened by everybody who asks, and all but one stay open: what this is for', async () => {
    const { pool, opened } = await poolOf();
    await Promise.all(Array.from({ length: READERS }, () => pool.getConnection(FETCHES)));
    await pool.destroy();
    expect(opened).toHaveLength(READERS);
    expect(opened.filter((socket) => !socket.writableEnded)).toHaveLength(READERS - 1);
  });
});
