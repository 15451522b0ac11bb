import { once } from 'node:events';
import { createServer } from 'node:http';
import { openEmbeddedEngine } from '@messtrack/warehouse/embedded-engine.ts';
import { clickhouseHttp } from '@messtrack/warehouse/http-interface.ts';

/**
 * `clickhouse-server.ts <data folder> <port>`: ClickHouse's HTTP interface over chDB on 127.0.0.1 until SIGTERM; below /sql it only reads.
 * Started by clickhouse.ts, in a process of its own, so that a test may kill it and chDB's memory is not the test's.
 */
const [dataDir, port] = process.argv.slice(2);
if (dataDir === undefined || port === undefined) throw new Error('usage: clickhouse-server.ts <data folder> <port>');

const engine = openEmbeddedEngine(dataDir);
const all = clickhouseHttp({ engine, readOnly: false });
const reading = clickhouseHttp({ engine, readOnly: true });

const server = createServer((request, response) => {
  const handle = /^\/sql(\/|\?|$)/.test(request.url ?? '/') ? reading : all;
  handle(request, response);
});
server.listen(Number(port), '127.0.0.1');
await once(server, 'listening');

process.once('SIGTERM', async () => {
  const closed = once(server, 'close');
  server.close();
  server.closeIdleConnections();
  await closed;
  await engine.close();
  process.exit(0);
});
