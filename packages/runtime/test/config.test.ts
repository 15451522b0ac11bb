import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { ConfigError, configVariables, duration, flag, integer, list, loadConfig, logLevel, port, secret, url } from '../src/config.ts';

const schema = z.object({
  logLevel: logLevel().prefault('info'),
  PORT: port().prefault('8080').describe('port of the public HTTP server'),
  kafka: z.object({ brokers: list(), clientId: z.string().prefault('ingest'), tls: flag().prefault('false') }),
  redisUrl: url('redis', 'rediss'),
  apiToken: secret(8).describe('token of the HTTP interface'),
  drainTimeoutMs: duration().prefault('25s').meta({ env: 'DRAIN_TIMEOUT' }),
  workers: integer(1, 64).optional(),
});

const COMPLETE = { KAFKA_BROKERS: 'a:9092, b:9092', REDIS_URL: 'redis://localhost:6379', API_TOKEN: 'hunter2-token' };

function problemsOf(env: Record<string, string | undefined>): ConfigError {
  try {
    loadConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error('the environment was accepted');
}

describe('loadConfig', () => {
  it('reads each key from its variable and fills in defaults', () => {
    const config = loadConfig(schema, { ...COMPLETE, DRAIN_TIMEOUT: '2m', WORKERS: '4' });
    expect(config).toMatchObject({
      logLevel: 'info',
      PORT: 8080,
      kafka: { brokers: ['a:9092', 'b:9092'], clientId: 'ingest', tls: false },
      redisUrl: 'redis://localhost:6379',
      drainTimeoutMs: 120_000,
      workers: 4,
    });
    expect(config.apiToken.reveal()).toBe('hunter2-token');
  });

  it('lists every problem at once, each with the name of its variable', () => {
    const error = problemsOf({ PORT: '99999', KAFKA_TLS: 'yes', DRAIN_TIMEOUT: '30', LOG_LEVEL: 'loud', WORKERS: '0', API_TOKEN: 'short' });
    expect(error.problems.map(({ name }) => name).sort()).toEqual(
      ['API_TOKEN', 'DRAIN_TIMEOUT', 'KAFKA_BROKERS', 'KAFKA_TLS', 'LOG_LEVEL', 'PORT', 'REDIS_URL', 'WORKERS'].sort(),
    );
    for (const { name } of error.problems) expect(error.message).toContain(`${name}: `);
    expect(error.message).toContain('PORT: must be a whole number from 0 to 65535 (port of the public HTTP server)');
    expect(error.message).toContain('REDIS_URL: is required and not set');
  });

  it('takes an empty variable as not set', () => {
    expect(loadConfig(schema, { ...COMPLETE, PORT: '' }).PORT).toBe(8080);
    expect(problemsOf({ ...COMPLETE, API_TOKEN: '' }).message).toContain(
      'API_TOKEN: is required and not set (token of the HTTP interface)',
    );
  });

  it('never repeats a value, neither in errors nor when the config is printed', () => {
    const error = problemsOf({
      PORT: 'hunter2',
      REDIS_URL: 'http://:hunter2@host',
      API_TOKEN: 'hunter2',
      KAFKA_TLS: 'hunter2',
      KAFKA_BROKERS: ',',
    });
    for (const text of [error.message, JSON.stringify(error), inspect(error, { depth: 10 })]) expect(text).not.toContain('hunter2');
    const config = loadConfig(schema, COMPLETE);
    for (const text of [JSON.stringify(config), inspect(config, { depth: 10 })]) {
      expect(text).not.toContain('hunter2');
      expect(text).toContain('[secret]');
    }
  });

  it('says its problems without a stack: the process that prints it is at its start', () => {
    const { stack, message } = problemsOf({});
    expect(stack).toBe(`ConfigError: ${message}`);
  });

  it('reports what a rule over several variables says', () => {
    const paired = z
      .object({ cert: z.string().optional(), key: z.string().optional() })
      .refine(({ cert, key }) => (cert === undefined) === (key === undefined), 'CERT and KEY go together');
    expect(() => loadConfig(paired, { CERT: 'x' })).toThrow('environment: CERT and KEY go together');
  });
});

describe('the kinds of values', () => {
  it.each([
    ['250ms', 250],
    ['0s', 0],
    ['30s', 30_000],
    ['5m', 300_000],
    ['12h', 43_200_000],
    ['90d', 7_776_000_000],
  ])('reads the duration %s', (text, expected) => {
    expect(duration().parse(text)).toBe(expected);
  });

  it.each(['30', '1.5s', '-1s', 's', '5 m', '1w', ''])('refuses the duration "%s"', (text) => {
    expect(duration().safeParse(text).success).toBe(false);
  });

  it.each(['localhost:6379', 'redis://', 'http://host', 'not a url'])('refuses "%s" as a Redis URL', (text) => {
    expect(url('redis').safeParse(text).success).toBe(false);
  });

  it.each(['1e3', '0x10', ' 1', '65536', '-1', ''])('refuses "%s" as a port', (text) => {
    expect(port().safeParse(text).success).toBe(false);
  });

  it('names every variable for a reference page', () => {
    expect(configVariables(schema)).toEqual([
      { name: 'LOG_LEVEL', description: '', isRequired: false },
      { name: 'PORT', description: 'port of the public HTTP server', isRequired: false },
      { name: 'KAFKA_BROKERS', description: '', isRequired: true },
      { name: 'KAFKA_CLIENT_ID', description: '', isRequired: false },
      { name: 'KAFKA_TLS', description: '', isRequired: false },
      { name: 'REDIS_URL', description: '', isRequired: true },
      { name: 'API_TOKEN', description: 'token of the HTTP interface', isRequired: true },
      { name: 'DRAIN_TIMEOUT', description: '', isRequired: false },
      { name: 'WORKERS', description: '', isRequired: false },
    ]);
  });
});
