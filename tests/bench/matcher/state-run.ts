/**
 * Puts a partition with millions of touchpoints behind it into a log: folds them with the operator, writes the snapshot the matcher would
 * have left, and behind it the longest stretch of records that may come before the next one. One line of JSON; ends by itself.
 */
import { snapshotRecords } from '@messtrack/matcher/adapters/snapshots.ts';
import { DEFAULT_SNAPSHOT_POLICY, sizesOf } from '@messtrack/matcher/domain/snapshot-policy.ts';
import type { OutRecord, Producer } from '@messtrack/runtime/bus.ts';
import { openKafkaBus } from '@messtrack/runtime/bus-kafka.ts';
import { pino } from 'pino';
import { memoryJoins } from './memory-joins.ts';
import { createOperatorFold } from './operator-fold.ts';
import { recordOf } from './records.ts';
import { BASE, createTraffic } from './traffic.ts';

export interface StateOptions {
  readonly brokers: readonly string[];
  readonly accounts: number;
  readonly touchpoints: number;
}

export interface StateRun {
  readonly foldSeconds: number;
  readonly windowClicks: number;
  readonly openLeads: number;
  readonly snapshotBytes: number;
  /** Records behind the snapshot, all committed by the group; at the next offset there is one message more. */
  readonly tail: number;
}

const PARTITION = 0;
const BATCH = 2_000;
const HOUR_MS = 3_600_000;
const TOUCHPOINTS_PER_CLICK = 1 + BASE.writeShare * (1 + BASE.organicShare);

const { brokers, accounts, touchpoints } = JSON.parse(process.argv[2] ?? '') as StateOptions;
const hours = touchpoints / (accounts * BASE.clicksPerAccountHour * TOUCHPOINTS_PER_CLICK);
const traffic = createTraffic({ ...BASE, accounts, startMs: Date.now() - hours * HOUR_MS });
const joins = memoryJoins();
const { state, batch } = createOperatorFold(joins, PARTITION);

let foldSeconds = 0;
for (let done = 0; done < touchpoints; done += BATCH) {
  const touchpointsOfBatch = traffic.take(BATCH);
  const startedMs = performance.now();
  batch(touchpointsOfBatch);
  foldSeconds += (performance.now() - startedMs) / 1_000;
  joins.age(state.clockMs);
}
const { windowClicks, openLeads, pendingCodes } = sizesOf(state);
const { everyRecords, recordsPerItem, mostRecords } = DEFAULT_SNAPSHOT_POLICY;
const tail = Math.min(mostRecords, Math.max(everyRecords, recordsPerItem * (windowClicks + openLeads + pendingCodes)));

const bus = await openKafkaBus({ brokers, clientId: 'bench', log: pino({ level: 'warn' }, pino.destination(2)) });
const producer = await bus.producer();
// The log of this broker starts here: offset 0 is the first record behind the snapshot.
let snapshotBytes = 0;
for (const record of snapshotRecords(state, 0, 0, Date.now())) {
  await producer.send([record]);
  snapshotBytes += record.value.length;
}
for (let done = 0; done < tail; done += BATCH) await sendTail(producer, Math.min(BATCH, tail - done));
await sendMessage(producer);
await producer.close();
await bus.close();
const run: StateRun = {
  foldSeconds,
  windowClicks,
  openLeads,
  snapshotBytes,
  tail,
};
console.log(JSON.stringify(run));

async function sendTail(to: Producer, count: number): Promise<void> {
  await to.send(traffic.take(count).map((visit): OutRecord => ({ ...recordOf(visit), partition: PARTITION })));
}

async function sendMessage(to: Producer): Promise<void> {
  for (;;) {
    const message = traffic.take(1).find(({ kind }) => kind === 'message');
    if (message === undefined) continue;
    await to.send([{ ...recordOf(message), partition: PARTITION }]);
    return;
  }
}
