import { describe } from 'vitest';
import { consumerContract } from './bus-contract-consumer.ts';
import { crashContract } from './bus-contract-crash.ts';
import { groupContract } from './bus-contract-group.ts';
import { processorContract } from './bus-contract-processor.ts';
import { producerContract } from './bus-contract-producer.ts';
import { readerContract } from './bus-contract-reader.ts';
import type { BusHarness } from './bus-harness.ts';

/** Everything `runtime/bus.ts` promises. Run against every adapter; an adapter has no other meaning than this. */
export function busContract(name: string, harness: BusHarness): void {
  describe(`bus contract: ${name}`, { timeout: 90_000 }, () => {
    describe('producer and topics', () => producerContract(harness));
    describe('reader, offsets and lag', () => readerContract(harness));
    describe('consumer', () => consumerContract(harness));
    describe('processor', () => processorContract(harness));
    describe('several members', () => groupContract(harness));
    describe('crashes and restarts', () => crashContract(harness));
  });
}
