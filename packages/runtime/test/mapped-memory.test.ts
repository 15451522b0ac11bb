import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { boundMappedMemory } from '../src/mapped-memory.ts';

const MIB = 1_048_576;

/** A process whose file pages are what the test says, read by read; after the last it stays there. */
function watched(readings: readonly (number | undefined)[], releasePages: () => Promise<void>) {
  let at = 0;
  const done = Promise.withResolvers<void>();
  const bound = boundMappedMemory({
    stores: [{ releasePages }],
    maxGrowthBytes: 100 * MIB,
    intervalMs: 0,
    readMappedBytes: async () => {
      if (at >= readings.length - 1) done.resolve();
      const reading = readings[Math.min(at, readings.length - 1)];
      at += 1;
      return reading === undefined ? undefined : reading * MIB;
    },
  });
  return { bound, done: done.promise };
}

it('lets stores release their pages when file pages have grown by more than they may, and then looks from there on', async () => {
  const releases: number[] = [];
  let count = 0;
  // 200 at the start; grown to 310: released, 205 are left; 300 is not enough; 306 is.
  const { bound, done } = watched([200, 250, 310, 205, 300, 306, 205, 204], async () => {
    count += 1;
    releases.push(count);
  });
  await done;
  await bound.close?.();
  expect(releases).toEqual([1, 2]);
});

it('counts from the lowest it has seen: what other parts of the process unmap makes no room for the stores', async () => {
  let releases = 0;
  const { bound, done } = watched([300, 150, 251, 150], async () => {
    releases += 1;
  });
  await done;
  await bound.close?.();
  expect(releases).toBe(1);
});

it('does nothing where the system does not tell', async () => {
  const { bound, done } = watched([undefined], async () => {
    throw new Error('nobody asked for this');
  });
  await done;
  await setImmediate();
  await bound.close?.();
});

it('fails when a store cannot be opened again', async () => {
  const { bound } = watched([0, 200], async () => {
    throw new Error('no such file');
  });
  await expect(bound.failed).rejects.toThrow('no such file');
  await bound.close?.();
});
