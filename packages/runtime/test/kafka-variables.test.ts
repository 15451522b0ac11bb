import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '../src/config.ts';
import { kafkaConnection, kafkaRules, kafkaVariables } from '../src/kafka-variables.ts';

const schema = z.object(kafkaVariables);
const connect = (env: Record<string, string>) => kafkaConnection(loadConfig(schema, { KAFKA_BROKERS: 'a:9092, b:9092', ...env }));
const login = { KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_USERNAME: 'app', KAFKA_SASL_PASSWORD: 'hunter2' };

describe('the connection to Kafka from the environment', () => {
  it('is plain and without login unless said otherwise', () => {
    expect(connect({})).toEqual({ brokers: ['a:9092', 'b:9092'], ssl: false, sasl: undefined });
  });

  it('takes TLS and a login', () => {
    expect(connect({ KAFKA_SSL: 'true', ...login })).toEqual({
      brokers: ['a:9092', 'b:9092'],
      ssl: true,
      sasl: { mechanism: 'scram-sha-512', username: 'app', password: 'hunter2' },
    });
  });

  it.each(Object.keys(login))('never becomes anonymous because %s is missing', (missing) => {
    const half = Object.fromEntries(Object.entries(login).filter(([name]) => name !== missing));
    expect(() => connect(half)).toThrow(/set all of/);
  });

  it.each(Object.keys(login))('says that %s is missing, beside whatever else is wrong', (missing) => {
    const half = Object.fromEntries(Object.entries(login).filter(([name]) => name !== missing));
    const load = () => loadConfig(schema, { KAFKA_BROKERS: 'a', ...half }, kafkaRules);
    expect(load).toThrow(/has 2 problem/);
    expect(load).toThrow(new RegExp(`${missing}: is required beside KAFKA_SASL_`));
    expect(() => loadConfig(schema, { KAFKA_BROKERS: 'a:9092' }, kafkaRules)).not.toThrow();
    expect(() => loadConfig(schema, { KAFKA_BROKERS: 'a:9092', ...login }, kafkaRules)).not.toThrow();
  });

  it.each([
    'kafka',
    'kafka:',
    'kafka:0',
    'kafka:70000',
    'kafka://kafka:9092',
    'hunter2@kafka:9092',
    '[::1]:9092',
    'a:9092;b:9092',
    'a:9092,b',
  ])('refuses %s, which would look like a broker that is away, and does not repeat it', (brokers) => {
    const load = () => loadConfig(schema, { KAFKA_BROKERS: brokers });
    expect(load).toThrow(/KAFKA_BROKERS: must be host:port/);
    expect(load).not.toThrow(/hunter2/);
  });

  it.each(['kafka-0.kafka.svc.cluster.local:9092', '10.0.0.7:19092', 'my_kafka:9092'])('takes %s', (brokers) => {
    expect(connect({ KAFKA_BROKERS: brokers }).brokers).toEqual([brokers]);
  });

  it('refuses a mechanism kafkajs does not speak, without showing the password', () => {
    expect(() => connect({ ...login, KAFKA_SASL_MECHANISM: 'gssapi' })).toThrow(/KAFKA_SASL_MECHANISM/);
    expect(JSON.stringify(loadConfig(schema, { KAFKA_BROKERS: 'a:1', ...login }))).not.toContain('hunter2');
  });
});
