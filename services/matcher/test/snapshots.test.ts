import { Snapshot } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { BusRecord, OutRecord } from '@messtrack/runtime/bus.ts';
import { array, assert, asyncProperty, boolean, integer, nat } from 'fast-check';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { firstSlot, nextSlot, readSnapshot, type Slot, snapshotRecords, type Unusable } from '../src/adapters/snapshots.ts';
import type { PartitionState } from '../src/domain/state.ts';
import { foldLog, stateBytes } from './support/fold-harness.ts';
import { click, log, MINUTE, T0 } from './support/log-builder.ts';

/** Three states of one log, each of several chunks. */
let states: readonly PartitionState[];
const OFFSETS = [1_000, 2_000, 3_000] as const;
const COUNTS = [12, 16, 9];
const CHUNK_BYTES = 500;
let unusable: Unusable[] = [];

beforeEach(() => {
  unusable = [];
});

beforeAll(async () => {
  states = await Promise.all(
    COUNTS.map(async (count, which) => {
      const clicks = Array.from({ length: count }, (_, i) => click({ id: `${'x'.repeat(60)}${i}`, code: `C${which}${i}`, at: T0 + i }));
      return (await foldLog(log(...clicks, click({ id: 'last', code: 'LAST', at: T0 + MINUTE })))).state;
    }),
  );
});

function chunksOf(which: 0 | 1 | 2, slot: Slot): readonly OutRecord[] {
  return [...snapshotRecords(states[which]!, OFFSETS[which], slot, T0, CHUNK_BYTES)];
}

/** The topic as it stands after these records, with what compaction takes gone or still there. */
function topic(written: readonly OutRecord[], isCompacted: boolean) {
  const all = written.map(
    ({ key, value, headers }, offset): BusRecord => ({
      topic: TOPICS.snapshots.name,
      partition: 0,
      offset,
      key: Buffer.from(key),
      value,
      headers,
      timestampMs: T0,
    }),
  );
  const kept = isCompacted ? all.filter(({ key }, at) => !all.slice(at + 1).some((later) => String(later.key) === String(key))) : all;
  return {
    read: async function* read() {
      for (const record of kept) yield [record];
    },
  };
}

const restore = (written: readonly OutRecord[], isCompacted: boolean, committed: number) =>
  readSnapshot({
    bus: topic(written, isCompacted),
    partition: 0,
    committed,
    model: async () => undefined,
    onUnusable: (each) => void unusable.push(each),
  });

describe('the snapshot that a partition starts from', () => {
  it('is made one chunk at a time, and the last one says how many there are', () => {
    const chunks = chunksOf(0, 1);
    expect(chunks.length).toBeGreaterThan(2);
    expect(chunks.map(({ key }) => key)).toEqual(chunks.map((_, index) => `0/1/${index}`));
    const first = snapshotRecords(states[0]!, 1_000, 1, T0, CHUNK_BYTES).next();
    expect(first.value).toEqual(chunks[0]);
  });

  it('is the one before where the log says that it cannot give a piece of the newest as it was written', async () => {
    const [first, second] = [chunksOf(0, 0), chunksOf(1, 1)];
    const whole = topic([...first, ...second], false);
    const restored = await readSnapshot({
      bus: {
        async *read(partition, fromOffset, options) {
          for await (const records of whole.read()) {
            if (records[0]!.offset === first.length) options?.onDamaged?.({ ...partition, offset: fromOffset });
            else yield records;
          }
        },
      },
      partition: 0,
      committed: 5_000,
      model: async () => undefined,
      onUnusable: (each) => void unusable.push(each),
    });
    expect(restored?.nextOffset).toBe(OFFSETS[0]);
    expect(unusable).toEqual([{ nextOffset: undefined, reason: 'damaged' }]);
  });

  it('is the newest whole one, wherever the writing of the next one was cut off and whatever compaction has taken', async () => {
    const [old, mid, next] = [chunksOf(0, 0), chunksOf(1, 1), chunksOf(2, 2)];
    await assert(
      asyncProperty(integer({ min: 0, max: mid.length + next.length }), boolean(), async (cut, isCompacted) => {
        const written = [...old, ...mid.slice(0, cut), ...next.slice(0, Math.max(0, cut - mid.length))];
        const which = cut === mid.length + next.length ? 2 : cut >= mid.length ? 1 : 0;
        const restored = await restore(written, isCompacted, 5_000);
        expect(restored).toMatchObject({ nextOffset: OFFSETS[which], slot: which });
        expect(stateBytes(restored!.state).equals(stateBytes(states[which]!))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it('is never missing once there was one, although an owner that was fenced goes on writing whenever it likes', async () => {
    const before = chunksOf(0, 0);
    // It would have gone on there; it stops after some chunks, and sends the rest while the next owner writes.
    const fenced = chunksOf(1, nextSlot(0));
    const own = [chunksOf(1, firstSlot(0)), chunksOf(2, nextSlot(firstSlot(0)))];
    const mine = own.flat();
    await assert(
      asyncProperty(
        array(integer({ min: 0, max: mine.length }), { minLength: fenced.length, maxLength: fenced.length }),
        integer({ min: 0, max: mine.length }),
        boolean(),
        async (moments, cut, isCompacted) => {
          const due = moments.toSorted((a, b) => a - b);
          const written = mine.slice(0, cut).flatMap((record, at) => [...fenced.filter((_, chunk) => due[chunk] === at), record]);
          const restored = await restore([...before, ...written, ...fenced.filter((_, chunk) => due[chunk]! >= cut)], isCompacted, 5_000);
          const wholes = [before.length, own[0]!.length, mine.length].filter((needed, which) => which === 0 || cut >= needed).length - 1;
          expect(restored?.nextOffset).toBeGreaterThanOrEqual(OFFSETS[wholes as 0 | 1 | 2]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is none that stands for records nobody has committed', async () => {
    const written = [...chunksOf(0, 0), ...chunksOf(1, 1)];
    expect((await restore(written, true, OFFSETS[1] - 1))?.nextOffset).toBe(OFFSETS[0]);
    expect(await restore(written, true, OFFSETS[0] - 1)).toBeUndefined();
  });

  it('is not put together from chunks of two places', async () => {
    const [here, there] = [chunksOf(0, 0), chunksOf(0, 1)];
    expect(await restore([...here.slice(0, -1), ...there.slice(-1)], true, 5_000)).toBeUndefined();
    expect((await restore([...here, ...there.slice(0, 1)], true, 5_000))?.slot).toBe(0);
  });

  it('is an older one when any bit of the newest is another than was written, and says so', async () => {
    const [old, mid] = [chunksOf(0, 0), chunksOf(1, 1)];
    await assert(
      asyncProperty(integer({ min: 0, max: mid.length - 1 }), nat(), integer({ min: 0, max: 7 }), async (which, at, bit) => {
        unusable = [];
        const damaged = mid.map((chunk, index) => (index === which ? { ...chunk, value: flipped(chunk.value, at, bit) } : chunk));
        const restored = await restore([...old, ...damaged], true, 5_000);
        // Nothing else could be believed; a time that is off by a bit decides nothing, and a format of another number is another version's.
        const isHarmless = restored?.nextOffset === OFFSETS[1];
        expect(restored?.nextOffset).toBe(OFFSETS[isHarmless ? 1 : 0]);
        expect(stateBytes(restored!.state).equals(stateBytes(states[isHarmless ? 1 : 0]!))).toBe(true);
        if (!isHarmless && formatOf(damaged[which]!.value) === formatOf(mid[which]!.value)) {
          expect(unusable.map(({ reason }) => reason)).toEqual(['damaged']);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it.each<readonly [string, (chunks: readonly OutRecord[]) => readonly OutRecord[], boolean]>([
    ['a piece that is cut off', (chunks) => chunks.with(1, { ...chunks[1]!, value: chunks[1]!.value.subarray(0, -40) }), true],
    ['bytes of something else', (chunks) => chunks.with(0, { ...chunks[0]!, value: Buffer.from('\xff\xff{"state":1}', 'latin1') }), true],
    ['a piece under the key of another partition', (chunks) => chunks.with(0, { ...chunks[0]!, key: '7/1/0' }), true],
    ['a piece of another snapshot', (chunks) => chunks.with(1, { ...chunks[1]!, value: chunks[2]!.value }), true],
    ['a deleted piece', (chunks) => chunks.with(2, { ...chunks[2]!, value: Buffer.alloc(0) }), false],
    ['a missing piece', (chunks) => chunks.toSpliced(1, 1), false],
    ['the format of a later version', (chunks) => chunks.map((chunk) => ({ ...chunk, value: inFormat(chunk.value, 99) })), false],
  ])('is an older one after %s', async (_, damage, isSaid) => {
    expect((await restore([...chunksOf(0, 0), ...damage(chunksOf(1, 1))], true, 5_000))?.nextOffset).toBe(OFFSETS[0]);
    expect(unusable.length > 0).toBe(isSaid);
    expect(await restore(damage(chunksOf(1, 1)), true, 5_000)).toBeUndefined();
  });
});

function flipped(value: Uint8Array, at: number, bit: number): Uint8Array {
  const copy = Uint8Array.from(value);
  copy[at % copy.length]! ^= 1 << bit;
  return copy;
}

function formatOf(value: Uint8Array): number | undefined {
  try {
    return Snapshot.decode(value).format;
  } catch {
    return undefined;
  }
}

function inFormat(value: Uint8Array, format: number): Uint8Array {
  return Snapshot.encode({ ...Snapshot.decode(value), format }).finish();
}
