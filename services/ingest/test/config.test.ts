import { loadConfig } from '@messtrack/runtime/config.ts';
import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { ingestConfig, ingestHttpOptions } from '../src/config.ts';

const REQUIRED = { KAFKA_BROKERS: 'kafka:9092', REDIS_URL: 'redis://redis:6379', MESSTRACK_WORKSPACES: 'workspaces' };

describe('trusted proxies', () => {
  it.each(['loopback', 'linklocal, uniquelocal', '10.0.0.0/8', '10.0.0.0/255.0.0.0', '127.0.0.1', 'fd00::/8,::1'])(
    '%s are taken',
    (text) => {
      const { TRUST_PROXY } = loadConfig(ingestConfig, { ...REQUIRED, TRUST_PROXY: text });
      expect(() => fastify(ingestHttpOptions(TRUST_PROXY))).not.toThrow();
    },
  );

  it.each(['banana', 'true', '1', 'loopback banana', '10.0.0.0/33', '10.0.0.0/8/8', 'fd00::/129', '10.0.0.0/255.0.0', 'proxy.example'])(
    '%s is a problem of the environment, said with the others',
    (text) => {
      const load = () => loadConfig(ingestConfig, { ...REQUIRED, TRUST_PROXY: text, HTTP_PORT: 'x' });
      expect(load).toThrow(/has 2 problem/);
      expect(load).toThrow(/TRUST_PROXY: must hold addresses, networks/);
    },
  );
});
