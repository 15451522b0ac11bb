import { describe, expect, it } from 'vitest';
import { createDiskGuard, DiskFullError, freeBytesOf } from '../src/disk-guard.ts';
import { createHealth } from '../src/health.ts';
import { isStorageFailure } from '../src/lmdb-failure.ts';

const MIB = 1_048_576;

function open(reserveBytes = 16 * MIB) {
  const disk = { freeMiB: 100, nowMs: 0, asked: 0 };
  const guard = createDiskGuard({
    path: '/data',
    reserveBytes,
    freeBytes: () => {
      disk.asked += 1;
      return disk.freeMiB * MIB;
    },
    now: () => disk.nowMs,
  });
  return { guard, disk };
}

/** As LMDB answers. */
function enospc(): Error {
  return Object.assign(new Error('No space left on device'), { code: 28 });
}

describe('the guard of a disk', () => {
  it('refuses while less is free than has to stay free, and at once no longer when there is room', () => {
    const { guard, disk } = open();
    guard.assertWritable();
    disk.freeMiB = 15.9;
    expect(() => guard.assertWritable()).toThrow('the disk has 15.9 MiB free and 16 MiB have to stay free');
    expect(() => guard.assertWritable(32 * MIB)).toThrow(DiskFullError);
    disk.freeMiB = 16;
    guard.assertWritable();
    expect(() => guard.assertWritable(32 * MIB)).toThrow('32 MiB have to stay free');
  });

  it('does not ask the disk when nothing has to stay free', () => {
    const { guard, disk } = open(0);
    disk.freeMiB = 0;
    guard.assertWritable();
    expect(disk.asked).toBe(0);
  });

  it('spares a disk that fails the next attempts, at growing distance, with what it failed with', () => {
    const { guard, disk } = open();
    const error = enospc();
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      guard.failed(error);
      const from = disk.nowMs;
      for (;;) {
        try {
          guard.assertWritable();
          break;
        } catch (thrown) {
          expect(thrown).toBe(error);
          disk.nowMs += 500;
        }
      }
      waits.push(disk.nowMs - from);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    guard.succeeded();
    guard.failed(error);
    disk.nowMs += 1_000;
    guard.assertWritable();
  });

  it('takes a bug for no failure of the disk', () => {
    const { guard } = open();
    guard.failed(new TypeError('a bug'));
    guard.assertWritable();
  });

  it('tells stores that its refusal passes by itself, and readiness the two numbers', async () => {
    const { guard, disk } = open();
    disk.freeMiB = 3;
    let refusal: unknown;
    try {
      guard.assertWritable();
    } catch (error) {
      refusal = error;
    }
    expect(isStorageFailure(refusal)).toBe(true);
    const health = createHealth();
    health.setStarted();
    health.addCheck('log', () => Promise.reject(refusal));
    expect((await health.ready()).findings).toEqual([
      { name: 'log', isOk: false, detail: 'DiskFullError: the disk has 3 MiB free and 16 MiB have to stay free' },
    ]);
  });

  it('asks the real disk', () => {
    expect(freeBytesOf('/')).toBeGreaterThan(0);
  });
});
