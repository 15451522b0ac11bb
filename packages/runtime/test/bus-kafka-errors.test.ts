import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { BusUnavailableError } from '../src/bus.ts';
import { DamagedBatchError } from '../src/bus-kafka-damage.ts';
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

test('a batch that stays damaged is waited for like a log that is away, and the error says which', () => {
  const damage = new DamagedBatchError({ topic: 'leads.v1', partition: 3, offset: 17 }, 20);
  const error = toBusError(new Error('gave up', { cause: damage }), 'reading leads.v1');
  expect(error).toBeInstanceOf(BusUnavailableError);
  expect(String(error)).toContain('leads.v1/3 from offset 17 on is not what was written');
});
