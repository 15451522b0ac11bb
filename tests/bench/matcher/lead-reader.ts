/**
 * Whoever waits for leads, in a process of its own: reads leads.v1 as it is written and notes when the first revision of each lead is in hand.
 * Prints "ready" when it reads; told a number on stdin, it prints what it has noted as soon as it has noted so many. It ends with its stdin.
 */
import { createInterface } from 'node:readline';
import { decodeWireLead } from '@messtrack/matcher/adapters/lead-codec.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { pino } from 'pino';

export interface LeadReaderOptions {
  readonly brokers: readonly string[];
}

/** Place of the message in touchpoints.v1, and when its lead was in hand: milliseconds since the Unix epoch. */
export type SeenLead = readonly [partition: number, offset: number, atMs: number];

const { brokers } = JSON.parse(process.argv[2] ?? '') as LeadReaderOptions;
const bus = await openKafkaBus({ brokers, clientId: 'lead-reader', log: pino({ level: 'warn' }, pino.destination(2)) });
const seen: SeenLead[] = [];
let wanted = Number.POSITIVE_INFINITY;
let assigned = 0;

await bus.consume({
  groupId: `lead-reader-${process.pid}`,
  topics: [TOPICS.leads.name],
  async onBatch({ records }) {
    const atMs = performance.timeOrigin + performance.now();
    for (const { value } of records) {
      const { revision, logPosition } = decodeWireLead(value);
      if (revision === 1 && logPosition !== undefined) seen.push([logPosition.partition, logPosition.offset, atMs]);
    }
    answer();
  },
  onAssigned(partitions) {
    assigned += partitions.length;
    if (assigned === TOPICS.leads.partitions) console.log('ready');
  },
});
const orders = createInterface({ input: process.stdin });
orders.on('line', (line) => {
  wanted = Number(line);
  answer();
});
orders.on('close', () => process.exit(0));

function answer(): void {
  if (seen.length < wanted) return;
  wanted = Number.POSITIVE_INFINITY;
  console.log(JSON.stringify(seen));
}
