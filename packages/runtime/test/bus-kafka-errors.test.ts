import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { BusUnavailableError } from '../src/bus.ts';
import { toBusError } from '../src/bus-kafka-errors.ts';

test('a broker that kafkajs has not reached yet is one that is away', () => {
  // kafkajs' own class: its words are all there is to know this error by, and another release may change them.
  const Broker = createRequire(import.meta.url)('kafkajs/src/broker/index.js') as new (
    options: unknown,
  ) => { lookupRequest(apiKey: number, definition: object): unknown };
  const broker = new Broker({ connectionPool: { host: 'kafka', port: 9092, connectionTimeout: 1_000 }, logger: { namespace: () => ({}) } });
  let error: unknown;
  try {
    broker.lookupRequest(0, {});
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(Error);
  expect(toBusError(error, 'committing')).toBeInstanceOf(BusUnavailableError);
  expect(toBusError(new Error('something else'), 'committing')).not.toBeInstanceOf(BusUnavailableError);
});
