/**
 * Partitions that do not wait for one another. A consumer of kafkajs fetches from a broker for all of its partitions, hands on what came and fetches again when the last of them is done: what comes for one
 * in the meantime waits for the slowest, and while transactions wait for the broker nothing is fetched. Here the next fetch is asked for at once, for the partitions that are not at work.
 *
 * What was so before stays so. A partition has one batch at a time and is not fetched for, nor moved by a seek, before its handler has returned. The group is joined anew, left, or given up when all handlers
 * have returned; their errors end the fetching as ever, with the next answer. A batch that does not begin where its partition stands, because another broker had answered for it too, is dropped.
 */
import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';
import Runner, { type FetchedBatch } from 'kafkajs/src/consumer/runner.js';

/** Batches of so many partitions are handled side by side; more wait. */
export const CONCURRENT_PARTITIONS = 64;
/**
 * How long a fetch waits for records of partitions at rest while others are at work: as long as these have worked already, so that one that is done soon is soon asked for again and one that takes minutes does not
 * make the broker answer two hundred times a second. At least so many milliseconds.
 */
const LEAST_WAIT_MS = 5;

/** What a member has under way. */
interface Work {
  /** Partitions at work, by `placeOf`, and since when by `performance.now()`. */
  readonly since: Map<string, number>;
  readonly handling: Set<Promise<void>>;
  /** Who waits for a handler to return, whichever. Not by a race of all: one that takes hours would remember every race. */
  next: PromiseWithResolvers<void> | undefined;
  failure: { readonly error: unknown } | undefined;
}

const works = new WeakMap<ConsumerGroup, Work>();
const waits = new WeakMap<ConsumerGroup, number>();

function workOf(group: ConsumerGroup): Work {
  const found = works.get(group) ?? { since: new Map(), handling: new Set(), next: undefined, failure: undefined };
  works.set(group, found);
  return found;
}

function placeOf(topic: string, partition: number): string {
  return `${partition} ${topic}`;
}

const { fetch, handleBatch } = Runner.prototype;
const { filterPartitionsByNode, joinAndSync, leave } = ConsumerGroup.prototype;

/** From here on the consumers of this process handle their partitions independently. Safe to call again. */
export function installIndependentPartitions(): void {
  Runner.prototype.fetch = fetchForResting;
  Runner.prototype.handleBatch = handleAside;
  ConsumerGroup.prototype.filterPartitionsByNode = function (nodeId, topicPartitions) {
    const found = filterPartitionsByNode.call(this, nodeId, topicPartitions);
    const { since } = workOf(this);
    if (since.size === 0) return found;
    return found.map(({ topic, partitions }) => ({ topic, partitions: partitions.filter((each) => !since.has(placeOf(topic, each))) }));
  };
  ConsumerGroup.prototype.joinAndSync = async function () {
    await settled(workOf(this));
    await joinAndSync.call(this);
  };
  ConsumerGroup.prototype.leave = async function () {
    await settled(workOf(this));
    await leave.call(this);
  };
  Object.defineProperty(ConsumerGroup.prototype, 'maxWaitTime', {
    configurable: true,
    get(this: ConsumerGroup) {
      return waitMs(waits.get(this) ?? 0, workOf(this));
    },
    set(this: ConsumerGroup, mostMs: number) {
      waits.set(this, mostMs);
    },
  });
}

function waitMs(mostMs: number, { since }: Work): number {
  if (since.size === 0) return mostMs;
  const youngest = Math.max(...since.values());
  return Math.min(mostMs, Math.max(LEAST_WAIT_MS, Math.round(performance.now() - youngest)));
}

/** All handlers have returned. Their errors are no longer anybody's: what comes now begins anew. */
async function settled(work: Work): Promise<void> {
  while (work.handling.size > 0) await Promise.all(work.handling);
  work.failure = undefined;
}

function oneReturned(work: Work): Promise<void> {
  work.next ??= Promise.withResolvers<void>();
  return work.next.promise;
}

async function fetchForResting(this: Runner, nodeId: number): Promise<readonly FetchedBatch[]> {
  const work = workOf(this.consumerGroup);
  try {
    // Where all are at work there is nothing to ask for.
    while (this.running && work.failure === undefined && work.since.size > 0 && work.since.size >= assignedTo(this.consumerGroup))
      await oneReturned(work);
    throwFailure(work);
    const batches = await fetch.call(this, nodeId);
    throwFailure(work);
    return batches;
  } catch (error) {
    await settled(work);
    throw error;
  }
}

function throwFailure({ failure }: Work): void {
  if (failure !== undefined) throw failure.error;
}

function assignedTo(group: ConsumerGroup): number {
  return group.assigned().reduce((sum, { partitions }) => sum + partitions.length, 0);
}

/** Resolves when the handler has begun. */
async function handleAside(this: Runner, batch: FetchedBatch): Promise<void> {
  const work = workOf(this.consumerGroup);
  const { topic, partition } = batch;
  const place = placeOf(topic, partition);
  while (work.handling.size >= CONCURRENT_PARTITIONS) await oneReturned(work);
  if (work.since.has(place) || !isNext(this.consumerGroup, batch)) return;
  work.since.set(place, performance.now());
  const handled = handleBatch
    .call(this, batch)
    .catch((error: unknown) => {
      work.failure ??= { error };
    })
    .then(() => {
      work.since.delete(place);
      work.handling.delete(handled);
      work.next?.resolve();
      work.next = undefined;
    });
  work.handling.add(handled);
  // Nothing to handle takes no time: whoever fetches next may ask for this partition too.
  if (batch.isEmpty()) await handled;
}

function isNext({ offsetManager }: ConsumerGroup, { topic, partition, fetchedOffset }: FetchedBatch): boolean {
  const next = Number(offsetManager.resolvedOffsets[topic]?.[partition] ?? -1);
  // Below zero where nobody has asked yet where it stands.
  return next < 0 || next === Number(fetchedOffset);
}
