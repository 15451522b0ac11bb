import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
import { expect, it } from 'vitest';
import { drainHttp } from '../src/http-drain.ts';

it('ends a kept-alive connection whose answer was under way when the close began', async () => {
  const arrived = Promise.withResolvers<() => void>();
  const server = createServer((_, response) => arrived.resolve(() => response.end('late')));
  server.keepAliveTimeout = 3_600_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  const agent = new Agent({ keepAlive: true });
  const answered = new Promise<number>((resolve, reject) => {
    request({ port: address.port, host: '127.0.0.1', agent }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
  const answer = await arrived.promise;
  const drained = drainHttp({ server, close: () => new Promise((resolve) => server.close(resolve)) });
  answer();

  expect(await answered).toBe(200);
  // Without the sweep this waits for the keep-alive time: an hour here, and the test's own limit ends it.
  await drained;
  agent.destroy();
});
