import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import { expect, it, onTestFinished } from 'vitest';
import { connectWarehouse } from '../src/connect.ts';

/** Above the client's own limit for idle sockets (2.5 s), as every server's should be; ClickHouse's is 10 s. */
const KEEP_ALIVE_MS = 2_600;

it('inserts after the event loop stood still for longer than the server keeps idle connections', async () => {
  const closed = new SharedArrayBuffer(4);
  const server = new Worker(new URL('./idle-server.ts', import.meta.url), { workerData: { closed, keepAliveMs: KEEP_ALIVE_MS } });
  onTestFinished(async () => void (await server.terminate()));
  const [port] = await once(server, 'message');
  const warehouse = await connectWarehouse({ url: `http://127.0.0.1:${port}`, database: 'd' });
  onTestFinished(() => warehouse.close());
  // The connection that made the database is gone before the one under test is used.
  const closes = new Int32Array(closed);
  while (Atomics.load(closes, 0) < 1) await new Promise((resolve) => setTimeout(resolve, 5));
  await warehouse.client.command({ query: 'SELECT 1' });

  const inserted = warehouse.client.exec({
    query: 'INSERT INTO t FORMAT JSONEachRow',
    values: Readable.from([Buffer.alloc(8 * 1_048_576, '{"id":1}\n')], { objectMode: false }),
  });
  // The loop stands still as under a long computation: no timer fires, and the server's FIN is not seen.
  while (Atomics.load(closes, 0) < 2) Atomics.wait(closes, 0, 1);
  expect(await text((await inserted).stream)).toBe('');
});
