import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startFaultProxy } from '@messtrack/testing/fault-proxy.ts';
import { freePort } from '@messtrack/testing/free-port.ts';
import { startGuarded } from '@messtrack/testing/guarded-process.ts';
import { startNativeKafka } from '@messtrack/testing/kafka.ts';
import { expect, inject, it, onTestFinished } from 'vitest';
import { WORKSPACES } from './demo-workspace.ts';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));
const SERVICES = ['messenger-gateway', 'matcher', 'exporter'] as const;

/** What stands behind it is not up yet: connections are refused until `heal`. */
async function notUpYet(targetPort: number, port?: number) {
  const proxy = await startFaultProxy({ targetPort, ...(port === undefined ? {} : { port }) });
  onTestFinished(() => proxy.close());
  await proxy.refuse();
  return proxy;
}

it('services that come up before Kafka and ClickHouse wait for them, alive, and say for what; none ends', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'messtrack-cold-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const advertisedPort = await freePort();
  const instance = await startNativeKafka({ advertisedPort });
  onTestFinished(async () => void (await instance.stop()));
  const kafka = await notUpYet(instance.port, advertisedPort);
  const clickhouse = await notUpYet(Number(new URL(inject('clickhouseUrl')).port));

  async function start(service: (typeof SERVICES)[number]) {
    const [httpPort, adminPort, grpcPort] = [await freePort(), await freePort(), await freePort()];
    const loud: unknown[] = [];
    const child = await startGuarded({
      command: process.execPath,
      args: [join(REPOSITORY, 'services', service, 'src/main.ts')],
      cwd: REPOSITORY,
      env: {
        LOG_LEVEL: 'warn',
        MESSTRACK_WORKSPACES: WORKSPACES,
        KAFKA_BROKERS: `127.0.0.1:${advertisedPort}`,
        REDIS_URL: inject('redisUrl'),
        CLICKHOUSE_URL: `http://127.0.0.1:${clickhouse.port}`,
        CLICKHOUSE_DATABASE: `cold_${advertisedPort}`,
        HTTP_HOST: '127.0.0.1',
        HTTP_PORT: String(httpPort),
        ADMIN_HOST: '127.0.0.1',
        ADMIN_PORT: String(adminPort),
        GRPC_HOST: '127.0.0.1',
        GRPC_PORT: String(grpcPort),
        MIGRATIONS_DIR: join(REPOSITORY, 'deploy/clickhouse/migrations'),
      },
      onLine: (line) => void loud.push(line),
    });
    onTestFinished(async () => void (await child.kill()));
    const ask = (path: string) =>
      fetch(`http://127.0.0.1:${adminPort}${path}`).catch((error: unknown) => new Response(String(error), { status: 599 }));
    return { child, loud, alive: async () => (await ask('/healthz')).status, ready: async () => (await ask('/readyz')).text() };
  }

  const [gateway, matcher, exporter, stopped] = await Promise.all([...SERVICES, 'matcher' as const].map(start));
  const all = [gateway!, matcher!, exporter!];
  await expect.poll(gateway!.ready).toContain('starting, waits for Kafka: ECONNREFUSED');
  await expect.poll(matcher!.ready).toContain('starting, waits for Kafka: ECONNREFUSED');
  await expect.poll(exporter!.ready).toContain('starting, waits for ClickHouse: ECONNREFUSED');
  expect(await Promise.all(all.map(({ alive }) => alive()))).toEqual([200, 200, 200]);
  // One that is told to go while it waits has nothing to drain.
  await expect.poll(stopped!.ready).toContain('waits for Kafka');
  expect(await stopped!.child.stop()).toEqual({ code: 0, signal: null });

  await clickhouse.heal();
  await expect.poll(exporter!.ready).toContain('starting, waits for Kafka: ECONNREFUSED');
  await kafka.heal();
  for (const { ready } of all) await expect.poll(ready, { timeout: 60_000 }).toContain('"ok":true,"checks"');
  for (const { child, loud } of all) {
    expect(child.isRunning(), child.output()).toBe(true);
    // Two for each thing waited for, one of kafkajs for each of its words, one of the workspace's secrets.
    expect(loud.length, child.output()).toBeLessThan(12);
  }
}, 240_000);
