import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import Broker from 'kafkajs/src/broker/index.js';
import ConnectionPool from 'kafkajs/src/network/connectionPool.js';
import { expect, it, onTestFinished } from 'vitest';
import { installWholeHandshake } from '../src/bus-kafka-handshake.ts';

const TIMEOUT_MS = 200;

/** A broker of kafkajs's own making before a server that takes connections and says nothing. */
async function silentBroker() {
  const accepted: Socket[] = [];
  let asked = 0;
  const server = createServer((socket) => {
    accepted.push(socket.on('error', () => undefined));
    socket.on('data', () => {
      asked += 1;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const log = () => undefined;
  const logger = { namespace: () => logger, debug: log, info: log, warn: log, error: log };
  const { port } = server.address() as AddressInfo;
  const connectionPool = new ConnectionPool({
    logger,
    host: '127.0.0.1',
    port,
    connectionTimeout: TIMEOUT_MS,
    requestTimeout: TIMEOUT_MS,
    enforceRequestTimeout: true,
    socketFactory: ({ onConnect }: { readonly onConnect: () => void }) => connect({ host: '127.0.0.1', port }, onConnect),
  });
  const broker = new Broker({ connectionPool, logger });
  onTestFinished(async () => {
    await broker.disconnect();
    for (const socket of accepted) socket.destroy();
    server.close();
  });
  return { broker, accepted, asked: () => asked };
}

it('a broker that did not say what it speaks is asked again, on another connection', async () => {
  installWholeHandshake();
  const { broker, accepted, asked } = await silentBroker();
  await expect(broker.connect()).rejects.toThrow('timed out');
  expect(broker.isConnected()).toBe(false);
  await expect(broker.connect()).rejects.toThrow('timed out');
  expect(accepted).toHaveLength(2);
  expect(asked()).toBe(2);
});
