import ConsumerGroup from 'kafkajs/src/consumer/consumerGroup.js';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { installMonotonicHeartbeat } from '../src/bus-kafka-heartbeat.ts';

const HOUR_MS = 3_600_000;

afterEach(() => {
  Reflect.deleteProperty(ConsumerGroup.prototype, 'lastRequest');
  vi.useRealTimers();
});

/** A member of a group of kafkajs's own making, whose coordinator counts. */
async function member() {
  let beats = 0;
  const group = new ConsumerGroup({
    topics: [],
    topicConfigurations: {},
    cluster: { findGroupCoordinator: async () => ({}), addMultipleTargetTopics: async () => undefined },
    logger: { namespace: () => ({}) },
    instrumentationEmitter: { emit: () => undefined },
  });
  Object.assign(group, {
    memberId: 'm',
    generationId: 1,
    coordinator: {
      heartbeat: async () => {
        beats += 1;
      },
    },
  });
  return { group, beats: () => beats };
}

async function beatsAfterClock(stepMs: number): Promise<number> {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: Date.UTC(2026, 10, 25) });
  const { group, beats } = await member();
  vi.advanceTimersByTime(10_000);
  await group.heartbeat({ interval: 3_000 });
  vi.setSystemTime(Date.now() + stepMs);
  // Five minutes pass.
  for (let i = 0; i < 100; i++) {
    vi.advanceTimersByTime(3_000);
    await group.heartbeat({ interval: 3_000 });
    // Too soon for another.
    await group.heartbeat({ interval: 3_000 });
  }
  return beats();
}

describe('heartbeats of kafkajs', () => {
  it('keep their rhythm however the clock on the wall is set', async () => {
    installMonotonicHeartbeat();
    for (const stepMs of [0, -HOUR_MS, HOUR_MS, -24 * HOUR_MS, 24 * HOUR_MS]) {
      expect(await beatsAfterClock(stepMs)).toBe(101);
      vi.useRealTimers();
    }
  });

  it('of kafkajs alone stop for as long as the clock was set back: what this is for', async () => {
    expect(await beatsAfterClock(-HOUR_MS)).toBe(1);
  });
});
