import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { BusUnavailableError } from '../src/bus.ts';
import { whenCoordinated } from '../src/bus-kafka-new-broker.ts';

const { createErrorFromCode } = createRequire(import.meta.url)('kafkajs/src/protocol/error.js') as {
  createErrorFromCode(code: number): Error;
};

const LOADING = 14;
const NOT_AVAILABLE = 15;
const NOT_COORDINATOR = 16;
const UNAUTHORIZED = 30;

/** Rejects by each code in turn, as the bus words it, and then answers. */
function broker(codes: readonly number[]) {
  let asked = 0;
  return {
    asked: () => asked,
    ask: async () => {
      const code = codes[asked];
      asked += 1;
      if (code !== undefined) throw new BusUnavailableError('offsets of g: Kafka does not answer', { cause: createErrorFromCode(code) });
      return 'offsets';
    },
  };
}

describe('a broker that is new', () => {
  it('is asked again until it has a coordinator for the group', async () => {
    const pauses: number[] = [];
    const { ask, asked } = broker([NOT_AVAILABLE, NOT_COORDINATOR, LOADING]);
    expect(await whenCoordinated(ask, async (ms) => pauses.push(ms))).toBe('offsets');
    expect(asked()).toBe(4);
    expect(pauses).toEqual([500, 500, 500]);
  });

  it('is given up after ten times', async () => {
    const { ask, asked } = broker(Array.from({ length: 20 }, () => NOT_COORDINATOR));
    await expect(whenCoordinated(ask, async () => undefined)).rejects.toThrow('offsets of g');
    expect(asked()).toBe(10);
  });

  it('is not asked again for any other reason', async () => {
    const { ask, asked } = broker([UNAUTHORIZED]);
    await expect(whenCoordinated(ask, async () => undefined)).rejects.toThrow('offsets of g');
    expect(asked()).toBe(1);
  });
});
