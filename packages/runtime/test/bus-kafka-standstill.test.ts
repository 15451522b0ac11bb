import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchStandstill } from '../src/bus-kafka-standstill.ts';

const EVERY_MS = 1_000;
const LOOKS = 4;

function watched() {
  const told: Error[] = [];
  const state = { isExcused: false, answers: true, pings: 0 };
  const standstill = watchStandstill({
    isExcused: () => state.isExcused,
    ping: async () => {
      state.pings += 1;
      if (!state.answers) throw new Error('away');
    },
    onStandstill: (reason) => void told.push(reason),
    everyMs: EVERY_MS,
    looks: LOOKS,
  });
  return { standstill, state, told };
}

const pass = (looks: number) => vi.advanceTimersByTimeAsync(looks * EVERY_MS);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a consumer that stands still', () => {
  it('is told of after so many looks that found nothing moved, once', async () => {
    const { told } = watched();
    // The first look finds the start.
    await pass(LOOKS);
    expect(told).toEqual([]);
    await pass(1);
    expect(told.map(({ message }) => message)).toEqual(['the consumer has neither fetched nor joined for 4 s while Kafka answers']);
    await pass(10 * LOOKS);
    expect(told).toHaveLength(1);
  });

  it('is not one that fetches now and then, and nobody is asked while it does', async () => {
    const { standstill, state, told } = watched();
    for (let look = 0; look < 10 * LOOKS; look += 1) {
      standstill.moved();
      await pass(1);
    }
    expect([told, state.pings]).toEqual([[], 0]);
  });

  it('is not one whose handler works for long, or that has nothing to fetch', async () => {
    const { state, told } = watched();
    state.isExcused = true;
    await pass(10 * LOOKS);
    expect([told, state.pings]).toEqual([[], 0]);
    // From here on it is counted, from nothing.
    state.isExcused = false;
    await pass(LOOKS - 1);
    expect(told).toEqual([]);
    await pass(1);
    expect(told).toHaveLength(1);
  });

  it('is not one whose Kafka is away, and has all its time once Kafka is back', async () => {
    const { state, told } = watched();
    await pass(LOOKS);
    state.answers = false;
    await pass(10 * LOOKS);
    state.answers = true;
    await pass(LOOKS - 1);
    expect(told).toEqual([]);
    await pass(1);
    expect(told).toHaveLength(1);
  });

  it('is not one that moves while Kafka is asked', async () => {
    const { standstill, state, told } = watched();
    await pass(LOOKS);
    const { promise, resolve } = Promise.withResolvers<void>();
    const asking = watchStandstill({
      isExcused: () => false,
      ping: () => promise,
      onStandstill: (reason) => void told.push(reason),
      everyMs: EVERY_MS,
      looks: 1,
    });
    standstill.stop();
    await pass(2);
    asking.moved();
    resolve();
    await vi.advanceTimersByTimeAsync(0);
    expect([told, state.pings]).toEqual([[], LOOKS - 1]);
    asking.stop();
  });

  it('is not one that has been closed', async () => {
    const { standstill, told } = watched();
    await pass(LOOKS);
    standstill.stop();
    await pass(10 * LOOKS);
    expect(told).toEqual([]);
  });
});
