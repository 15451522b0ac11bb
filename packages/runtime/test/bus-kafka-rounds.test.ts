import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';
import Runner, { type FetchedBatch } from 'kafkajs/src/consumer/runner.js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { installIndependentPartitions } from '../src/bus-kafka-rounds.ts';

const runnerMethods = { fetch: Runner.prototype.fetch, handleBatch: Runner.prototype.handleBatch };
const { filterPartitionsByNode, joinAndSync, leave } = ConsumerGroup.prototype;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  installIndependentPartitions();
});
afterEach(() => {
  Object.assign(Runner.prototype, runnerMethods);
  Object.assign(ConsumerGroup.prototype, { filterPartitionsByNode, joinAndSync, leave });
  Reflect.deleteProperty(ConsumerGroup.prototype, 'maxWaitTime');
  vi.useRealTimers();
});

/** A member with two partitions on one broker, and handlers that return when they are told to. */
function member() {
  const handlers: PromiseWithResolvers<void>[] = [];
  const answers: (readonly FetchedBatch[])[] = [];
  const resolvedOffsets = { t: { 0: '5', 1: '7' } };
  const group: ConsumerGroup = Object.assign(Object.create(ConsumerGroup.prototype), {
    maxWaitTime: 250,
    offsetManager: { resolvedOffsets },
    subscriptionState: { assigned: () => [{ topic: 't', partitions: [0, 1] }] },
    cluster: { findTopicPartitionMetadata: () => [0, 1].map((partitionId) => ({ partitionId, leader: 1, offlineReplicas: [] })) },
    preferredReadReplicasPerTopicPartition: {},
    heartbeat: async () => undefined,
    fetch: async () => answers.shift() ?? [],
  });
  const logger = { debug() {}, info() {}, error() {}, namespace: () => logger };
  const runner = new Runner({
    logger,
    consumerGroup: group,
    instrumentationEmitter: { emit() {} },
    eachBatchAutoResolve: false,
    autoCommit: false,
    concurrency: 1,
    eachBatch: () => {
      const handler = Promise.withResolvers<void>();
      handlers.push(handler);
      return handler.promise;
    },
  });
  Object.assign(runner, { running: true });
  const asked = () => group.filterPartitionsByNode(1, [{ topic: 't', partitions: [0, 1] }])[0]?.partitions;
  return { group, runner, handlers, answers, asked };
}

function batch(partition: number, fetchedOffset: string, isEmpty = false): FetchedBatch {
  const rest = { messages: isEmpty ? [] : [{ offset: fetchedOffset }], highWatermark: '9' };
  const offsets = { offsetLag: () => '0', offsetLagLow: () => '0', firstOffset: () => fetchedOffset, lastOffset: () => fetchedOffset };
  return {
    topic: 't',
    partition,
    fetchedOffset,
    isEmpty: () => isEmpty,
    isEmptyDueToFiltering: () => false,
    ...rest,
    ...offsets,
  } as FetchedBatch;
}

const turns = () => new Promise((resolve) => setImmediate(resolve));

describe('partitions of a consumer', () => {
  it('are fetched for while others are at work, and not while they are themselves', async () => {
    const { runner, handlers, asked } = member();
    expect(asked()).toEqual([0, 1]);
    await runner.handleBatch(batch(0, '5'));
    expect(asked()).toEqual([1]);
    handlers[0]?.resolve();
    await turns();
    expect(asked()).toEqual([0, 1]);
  });

  it('hand on nothing that does not begin where they stand, nor a second batch beside the first', async () => {
    const { runner, handlers } = member();
    await runner.handleBatch(batch(0, '4'));
    await runner.handleBatch(batch(0, '6'));
    expect(handlers).toHaveLength(0);
    await runner.handleBatch(batch(0, '5'));
    await runner.handleBatch(batch(0, '5'));
    expect(handlers).toHaveLength(1);
  });

  it('are waited for as long as others have worked, between five milliseconds and what a fetch may take', async () => {
    const { group, runner, handlers } = member();
    expect(group.maxWaitTime).toBe(250);
    await runner.handleBatch(batch(0, '5'));
    expect(group.maxWaitTime).toBe(5);
    vi.advanceTimersByTime(80);
    expect(group.maxWaitTime).toBe(80);
    vi.advanceTimersByTime(1_000);
    expect(group.maxWaitTime).toBe(250);
    await runner.handleBatch(batch(1, '7'));
    expect(group.maxWaitTime).toBe(5);
    for (const each of handlers) each.resolve();
    await turns();
    expect(group.maxWaitTime).toBe(250);
  });

  it('are asked for as soon as one has returned where all are at work', async () => {
    const { runner, handlers, answers } = member();
    await runner.handleBatch(batch(0, '5'));
    await runner.handleBatch(batch(1, '7'));
    answers.push([batch(1, '8', true)]);
    let isAnswered = false;
    const fetched = runner.fetch(1).then((found) => {
      isAnswered = true;
      return found;
    });
    await turns();
    expect(isAnswered).toBe(false);
    handlers[1]?.resolve();
    expect(await fetched).toHaveLength(1);
  });

  it('end the fetching with the error of a handler, when all have returned', async () => {
    const { runner, handlers, answers } = member();
    await runner.handleBatch(batch(0, '5'));
    await runner.handleBatch(batch(1, '7'));
    handlers[0]?.reject(new Error('rebalancing'));
    await turns();
    const events: string[] = [];
    answers.push([]);
    const fetched = runner.fetch(1).catch((error: Error) => events.push(error.message));
    await turns();
    expect(events).toEqual([]);
    handlers[1]?.resolve();
    await fetched;
    expect(events).toEqual(['rebalancing']);
    expect(await runner.fetch(1)).toEqual([]);
  });

  it('leave their group when their handlers have returned', async () => {
    const { group, runner, handlers } = member();
    await runner.handleBatch(batch(0, '5'));
    let hasLeft = false;
    const leaving = group.leave().then(() => {
      hasLeft = true;
    });
    await turns();
    expect(hasLeft).toBe(false);
    handlers[0]?.resolve();
    await leaving;
  });
});
