/**
 * Puts a partition with millions of touchpoints behind it into a log: folds them with the operator, writes the model and the snapshot the matcher would
 * have left, and behind it the longest stretch of records that may come before the next one: what a partition that is behind has. Told to on
 * stdin, it writes the snapshot that a partition in step has, with the fewest records behind it. A line of JSON after each; ends with its stdin.
 */
import { createInterface } from 'node:readline';
import { modelRecord } from '@messtrack/matcher/adapters/model-records.ts';
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
  readonly modelVersion: number;
  readonly snapshotBytes: number;
  /** Offset of the one message that the group has not committed; all before it are behind the first snapshot. */
  readonly tail: number;
  /** Offset that the second snapshot stands for. */
  readonly inStepFrom: number;
}

const PARTITION = 0;
const BATCH = 2_000;
const HOUR_MS = 3_600_000;
const TOUCHPOINTS_PER_CLICK = 1 + BASE.writeShare * (1 + BASE.organicShare);

const { brokers, accounts, touchpoints } = JSON.parse(process.argv[2] ?? '') as StateOptions;
const { everyRecords, mostRecords } = DEFAULT_SNAPSHOT_POLICY;
// All of it is past when it is appended: a record of the day after tomorrow is a dead letter.
const hours = (touchpoints + mostRecords) / (accounts * BASE.clicksPerAccountHour * TOUCHPOINTS_PER_CLICK) + 24;
const traffic = createTraffic({ ...BASE, accounts, startMs: Date.now() - hours * HOUR_MS });
const joins = memoryJoins();
const operator = createOperatorFold(joins, PARTITION);
const { state } = operator;
const orders = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

let foldSeconds = 0;
let trainedAtMs = 0;
for (let done = 0; done < touchpoints; done += BATCH) foldNext(BATCH);
const { windowClicks, openLeads } = sizesOf(state);

const bus = await openKafkaBus({ brokers, clientId: 'bench', log: pino({ level: 'warn' }, pino.destination(2)) });
const producer = await bus.producer();
await producer.send([modelRecord({ model: state.platform, learnedAtMs: state.clockMs }, Date.now())]);
const modelVersion = state.platform.version;
// The log of this broker starts here: offset 0 is the first record behind the snapshot.
let snapshotBytes = 0;
for (const record of snapshotRecords(state, 0, 0, Date.now())) {
  await producer.send([record]);
  snapshotBytes += record.value.length;
}
const tail = mostRecords;
const inStepFrom = tail - everyRecords;
let inStep: readonly OutRecord[] = [];
for (let done = 0; done < tail; done += BATCH) {
  if (done === inStepFrom) inStep = [...snapshotRecords(state, done, 1, Date.now())];
  // No other model: the epoch that names it would be a record of the log.
  const visits = traffic.take(BATCH);
  operator.batch(visits);
  joins.age(state.clockMs);
  await producer.send(visits.map((visit): OutRecord => ({ ...recordOf(visit), partition: PARTITION })));
}
await sendMessage(producer);
const run: StateRun = { foldSeconds, windowClicks, openLeads, modelVersion, snapshotBytes, tail, inStepFrom };
console.log(JSON.stringify(run));

await orders.next();
for (const record of inStep) await producer.send([record]);
console.log('{}');
await orders.next();
await producer.close();
await bus.close();
process.exit(0);

function foldNext(count: number): void {
  const visits = traffic.take(count);
  const startedMs = performance.now();
  operator.batch(visits);
  foldSeconds += (performance.now() - startedMs) / 1_000;
  joins.age(state.clockMs);
  if (state.clockMs - trainedAtMs < HOUR_MS) return;
  operator.train();
  trainedAtMs = state.clockMs;
}

async function sendMessage(to: Producer): Promise<void> {
  for (;;) {
    const message = traffic.take(1).find(({ kind }) => kind === 'message');
    if (message === undefined) continue;
    await to.send([{ ...recordOf(message), partition: PARTITION }]);
    return;
  }
}
