/** Kafka, Redis and ClickHouse of a campaign's own, each behind a proxy that may hold, slow or cut what passes. */
import { join } from 'node:path';
import { type FaultProxy, startFaultProxy } from '@messtrack/testing/fault-proxy.ts';
import { freePort } from '@messtrack/testing/free-port.ts';
import type { ServiceInstance } from '@messtrack/testing/instance.ts';
import { startClickhouse, startKafka, startRedis } from '@messtrack/testing/services.ts';

export interface Dependency {
  readonly instance: ServiceInstance;
  readonly proxy: FaultProxy;
}

export interface Dependencies {
  readonly kafka: Dependency;
  readonly redis: Dependency;
  readonly clickhouse: Dependency;
  /** Past the proxies: whoever reads the books or turns a screw is not part of what is tested. */
  readonly clickhouseUrl: string;
  readonly redisUrl: string;
}

/** Each behind a proxy that the services take for the thing itself. */
export async function startDependencies(folder: string, stops: (() => Promise<unknown>)[]): Promise<Dependencies> {
  const kafkaPort = await freePort();
  const kafka = await startKafka({ dataDir: join(folder, 'kafka'), advertisedPort: kafkaPort });
  stops.push(kafka.stop);
  const redis = await startRedis({ dataDir: join(folder, 'redis') });
  stops.push(redis.stop);
  const clickhouse = await startClickhouse({ dataDir: join(folder, 'clickhouse') });
  stops.push(clickhouse.stop);
  const proxies = {
    kafka: await startFaultProxy({ targetPort: kafka.port, port: kafkaPort }),
    redis: await startFaultProxy({ targetPort: Number(new URL(redis.url).port) }),
    clickhouse: await startFaultProxy({ targetPort: Number(new URL(clickhouse.url).port) }),
  };
  for (const proxy of Object.values(proxies)) stops.push(proxy.close);
  // Where `startCluster` looks for services that exist.
  process.env['MESSTRACK_TEST_KAFKA'] = kafka.brokers.join(',');
  process.env['MESSTRACK_TEST_REDIS'] = `redis://127.0.0.1:${proxies.redis.port}`;
  process.env['MESSTRACK_TEST_CLICKHOUSE'] = `http://127.0.0.1:${proxies.clickhouse.port}`;
  return {
    kafka: { instance: kafka, proxy: proxies.kafka },
    redis: { instance: redis, proxy: proxies.redis },
    clickhouse: { instance: clickhouse, proxy: proxies.clickhouse },
    clickhouseUrl: clickhouse.url,
    redisUrl: redis.url,
  };
}
