import type { SASLOptions } from 'kafkajs';
import { z } from 'zod';
import { flag, list, secret, whenAnyOf } from './config.ts';
import type { Secret } from './secret.ts';

/** Environment variables of every process that talks to Kafka; spread into the service's own schema. */
export const kafkaVariables = {
  KAFKA_BROKERS: list()
    // A broker that cannot be one looks like one that is away, and a service that waits for Kafka would wait for ever.
    .refine((brokers) => brokers.every(isBroker), 'must be host:port, several separated by commas')
    .describe('brokers as host:port, separated by commas'),
  KAFKA_SSL: flag().default(false).describe('true: TLS to the brokers, their certificates checked against the system’s authorities'),
  KAFKA_SASL_MECHANISM: z
    .enum(['plain', 'scram-sha-256', 'scram-sha-512'], 'must be plain, scram-sha-256 or scram-sha-512')
    .optional()
    .describe('how to log in: plain, scram-sha-256 or scram-sha-512; no login when not set'),
  KAFKA_SASL_USERNAME: z.string().optional().describe('user to log in as'),
  KAFKA_SASL_PASSWORD: secret().optional().describe('password to log in with'),
};

const LOGIN = ['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const;

/** Given to `loadConfig` beside the schema. */
export const kafkaRules = [whenAnyOf(LOGIN, LOGIN)];

/** kafkajs takes the text up to the first colon for the host, so an address of IPv6 needs a name. */
function isBroker(text: string): boolean {
  const [, port] = /^[a-z0-9._-]+:([0-9]{1,5})$/i.exec(text) ?? [];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535;
}

export interface KafkaVariables {
  readonly KAFKA_BROKERS: readonly string[];
  readonly KAFKA_SSL: boolean;
  readonly KAFKA_SASL_MECHANISM?: 'plain' | 'scram-sha-256' | 'scram-sha-512' | undefined;
  readonly KAFKA_SASL_USERNAME?: string | undefined;
  readonly KAFKA_SASL_PASSWORD?: Secret | undefined;
}

export interface KafkaConnection {
  readonly brokers: readonly string[];
  readonly ssl: boolean;
  readonly sasl: SASLOptions | undefined;
}

/**
 * The part of `openKafkaBus`'s options that comes from the environment.
 *
 * @throws TypeError when the login is half configured: a missing password must not become an anonymous connection
 */
export function kafkaConnection(variables: KafkaVariables): KafkaConnection {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = variables;
  const base = { brokers: variables.KAFKA_BROKERS, ssl: variables.KAFKA_SSL };
  if (mechanism === undefined && username === undefined && password === undefined) return { ...base, sasl: undefined };
  if (mechanism === undefined || username === undefined || password === undefined) {
    throw new TypeError('to log in to Kafka set all of KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD');
  }
  return { ...base, sasl: { mechanism, username, password: password.reveal() } };
}
