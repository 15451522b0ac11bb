import { randomBytes } from 'node:crypto';
import {
  type Batch,
  type Bus,
  type BusRecord,
  BusUnavailableError,
  type OutRecord,
  type PartitionWorker,
  type TopicDefinition,
} from '@messtrack/runtime/bus.ts';
import type { OnPhase } from '@messtrack/runtime/bus-phase.ts';
import { onTestFinished } from 'vitest';

/** What an adapter's test file gives to `busContract`. */
export interface BusHarness {
  /** A new client of the same log. The suite closes what it opens before it opens another or starts a child, unless `sharedLog`. */
  open(): Promise<Bus>;
  /** True when several processes may use the log at once. */
  readonly sharedLog: boolean;
  /**
   * True when a member that stands still loses its partition to another one (Kafka). False when members live and die together in
   * one process: then a newcomer waits for the handler in progress, and there is no stalled owner to fence.
   */
  readonly stalledOwnerLosesPartition: boolean;
  readonly child: {
    /** URL of a module that exports `openChildBus: OpenChildBus`. */
    readonly module: string;
    /** Handed to it; JSON. */
    settings(): unknown;
  };
  /** A bus on a log of its own, for the test that takes the log away. Default: `open`. */
  openRestartable?(): Promise<Bus>;
  /**
   * Takes the log away and brings it back with its data. Kafka restarts the broker and returns the same bus, which has to live through it;
   * an embedded log closes the bus and opens it anew.
   */
  restart(bus: Bus): Promise<Bus>;
}

export type OpenChildBus = (settings: unknown, onPhase: OnPhase) => Promise<Bus>;

/** Opened for one test and closed with it. */
export async function openForTest(harness: Pick<BusHarness, 'open'>): Promise<Bus> {
  const bus = await harness.open();
  onTestFinished(() => bus.close());
  return bus;
}

export function uniqueName(noun: string): string {
  return `${noun}-${randomBytes(6).toString('hex')}`;
}

export async function newTopic(bus: Bus, partitions: number, more: Partial<TopicDefinition> = {}): Promise<string> {
  const name = more.name ?? uniqueName('topic');
  await bus.ensureTopics([{ name, partitions, cleanup: 'delete', retentionMs: 86_400_000, maxRecordBytes: 1_048_576, ...more }]);
  return name;
}

/** Sends and closes. */
export async function sendAll(bus: Bus, records: readonly OutRecord[]): Promise<void> {
  const producer = await bus.producer();
  for (let at = 0; at < records.length; at += 1_000) await producer.send(records.slice(at, at + 1_000));
  await producer.close();
}

export function record(topic: string, value: string, partition?: number, key = value): OutRecord {
  return { topic, key, value: Buffer.from(value), headers: {}, ...(partition === undefined ? {} : { partition }) };
}

/** `count` records of one partition with values `{partition}:0`, `{partition}:1` and so on. */
export function numbered(topic: string, partition: number, count: number, from = 0): OutRecord[] {
  return Array.from({ length: count }, (_, index) => record(topic, `${partition}:${from + index}`, partition));
}

export function text(bytes: Uint8Array | null): string {
  return bytes === null ? '' : Buffer.from(bytes).toString('utf8');
}

/** Everything committed in a topic, partition after partition, in order. */
export async function readTopic(bus: Bus, topic: string): Promise<BusRecord[]> {
  const all: BusRecord[] = [];
  for (const { partition } of await bus.offsets(topic)) {
    for await (const records of bus.read({ topic, partition }, 0)) all.push(...records);
  }
  return all;
}

export async function readValues(bus: Bus, topic: string): Promise<string[]> {
  return (await readTopic(bus, topic)).map((each) => text(each.value));
}

export interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

export function gate(): Gate {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

/** Polls; the test's own time limit is the bound. For state that has no event. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Rejects as soon as a member dies, so that a test fails with the reason instead of its time limit. */
export function alive<T>(work: Promise<T>, ...members: readonly { readonly crashed: Promise<never> }[]): Promise<T> {
  return Promise.race([work, ...members.map((member) => member.crashed)]);
}

/** Closed with the test, whether it still lives or not. */
export function closing<T extends { close(): Promise<void>; readonly crashed: Promise<never> }>(member: T): T {
  // A member that dies on purpose, or while it is being closed, must not count as an unhandled rejection.
  member.crashed.catch(() => undefined);
  onTestFinished(() => member.close());
  return member;
}

/** Writes one output per input, with the input's position in the header `origin`: the ledger of the transactional tests. */
export function copyWorker(output: string, startOffset: number, more: Partial<PartitionWorker> = {}): PartitionWorker {
  return { startOffset, process: async (batch) => copies(output, batch), ...more };
}

export function copies(output: string, batch: Batch): OutRecord[] {
  return batch.records.map((each) => ({
    topic: output,
    key: each.key ?? '',
    value: each.value,
    headers: { origin: `${each.partition}:${each.offset}` },
    partition: each.partition,
  }));
}

/** Resolves when the group has committed everything there is. A log that is away is asked again. */
export async function caughtUp(
  bus: Bus,
  groupId: string,
  topic: string,
  ...members: readonly { readonly crashed: Promise<never> }[]
): Promise<void> {
  const done = async () => {
    try {
      const ends = new Map((await bus.offsets(topic)).map((each) => [each.partition, each.next]));
      return (await bus.committed(groupId, topic)).every((each) => each.offset >= (ends.get(each.partition) ?? 0));
    } catch (error) {
      if (error instanceof BusUnavailableError) return false;
      throw error;
    }
  };
  await alive(eventually(done), ...members);
}
