import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { HTTP_LIMITS } from '../src/http-limits.ts';

/** The limits a hundred times as fast. */
const FASTER = 100;

it.each([
  ['head', 'POST / HTTP/1.1\r\nhost: x\r\nx-slow: '],
  ['body', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{'],
])('end a request whose %s never comes to its end, and by the shorter of the limits', async (_, beginning) => {
  const server = createServer(
    {
      requestTimeout: HTTP_LIMITS.requestTimeout / FASTER,
      headersTimeout: HTTP_LIMITS.http.headersTimeout / FASTER,
      connectionsCheckingInterval: 50,
    },
    (request) => request.resume().on('error', () => undefined),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
    server.closeAllConnections();
    server.close();
  });
  socket.write(beginning);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 408 /);
});

it('leave the head no longer than the whole, because Node would give the whole as long as the head', () => {
  expect(HTTP_LIMITS.http.headersTimeout).toBeLessThanOrEqual(HTTP_LIMITS.requestTimeout);
});
