import { startGuarded } from '@messtrack/testing/guarded-process.ts';
import { describe, expect, it } from 'vitest';

const WRONG = {
  KAFKA_BROKERS: 'kafka://user:hunter2@kafka',
  KAFKA_SASL_PASSWORD: 'hunter2',
  REDIS_URL: 'http://:hunter2@redis',
  CLICKHOUSE_URL: 'redis://:hunter2@clickhouse',
  HTTP_PORT: 'x',
  GRPC_PORT: '-1',
  GRPC_TLS_KEY_FILE: '/hunter2/key.pem',
  TRUST_PROXY: 'hunter2',
};
const KAFKA = ['KAFKA_BROKERS', 'KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME'];

describe('a wrong environment', () => {
  it.each([
    ['ingest', [...KAFKA, 'REDIS_URL', 'HTTP_PORT', 'GRPC_PORT', 'GRPC_TLS_CERT_FILE', 'TRUST_PROXY']],
    ['messenger-gateway', [...KAFKA, 'REDIS_URL', 'HTTP_PORT', 'GRPC_PORT', 'GRPC_TLS_CERT_FILE']],
    ['matcher', [...KAFKA, 'REDIS_URL', 'HTTP_PORT', 'GRPC_PORT', 'GRPC_TLS_CERT_FILE']],
    ['exporter', [...KAFKA, 'CLICKHOUSE_URL', 'GRPC_PORT', 'GRPC_TLS_CERT_FILE']],
    ['standalone', ['GRPC_PORT', 'GRPC_TLS_CERT_FILE', 'TRUST_PROXY']],
  ])('of %s is told in one list and without its values, and ends the start', async (service, names) => {
    const started = await startGuarded({ command: process.execPath, args: [`services/${service}/src/main.ts`], env: WRONG });
    expect((await started.exited).code).toBe(1);
    const output = started.output();
    expect(names.filter((name) => !output.includes(`  ${name}: `))).toEqual([]);
    expect(output).not.toContain('hunter2');
  });
});
