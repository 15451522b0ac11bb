/**
 * A contender for throughput in a process of its own, warm from one run to the next: the matcher, or the raw loop, whose kafkajs must be as it comes, without what the bus changes in it. Reads runs from stdin, one as
 * JSON per line, and prints what each took. It ends with its stdin.
 */
import { createInterface } from 'node:readline';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { openRedisJoinStore } from '@messtrack/sessions/join-store-redis.ts';
import { pino } from 'pino';
import { runMatcher } from './matcher-run.ts';
import { runRawLoop } from './raw-loop.ts';
import type { Run } from './run.ts';

export interface ContenderOptions {
  readonly contender: 'matcher' | 'raw';
  readonly brokers: readonly string[];
  readonly redisUrl: string;
}

export interface RunOptions {
  /** Of the consumer group, and before the keys of the join store. */
  readonly groupId: string;
  readonly records: number;
  readonly batchRecords: number;
  /** What the raw loop writes. */
  readonly output: { readonly perRecord: number; readonly bytes: number };
}

const { contender, brokers, redisUrl } = JSON.parse(process.argv[2] ?? '') as ContenderOptions;
// To stderr: stdout is what the benchmark reads.
const log = pino({ level: 'warn' }, pino.destination(2));

for await (const line of createInterface({ input: process.stdin })) {
  const run = JSON.parse(line) as RunOptions;
  console.log(JSON.stringify(await (contender === 'raw' ? raw(run) : matcher(run))));
}
process.exit(0);

function raw({ groupId, records, batchRecords, output }: RunOptions): Promise<Run> {
  return runRawLoop(brokers, groupId, records, batchRecords, output);
}

async function matcher({ groupId, records, batchRecords }: RunOptions): Promise<Run> {
  const bus = await openKafkaBus({ brokers, clientId: 'matcher', log });
  const joins = await openRedisJoinStore({ url: redisUrl, prefix: `${groupId}:`, log });
  const found = await runMatcher(bus, joins, groupId, records, batchRecords);
  await joins.clear('');
  await joins.close();
  await bus.close();
  return found;
}
