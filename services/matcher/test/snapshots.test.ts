import { TOPICS } from '@messtrack/proto/topics.ts';
import type { BusRecord, OutRecord } from '@messtrack/runtime/bus.ts';
import { array, assert, asyncProperty, boolean, integer } from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { firstSlot, nextSlot, readSnapshot, type Slot, snapshotRecords } from '../src/adapters/snapshots.ts';
import type { PartitionState } from '../src/domain/state.ts';
import { foldLog, stateBytes } from './support/fold-harness.ts';
import { click, log, MINUTE, T0 } from './support/log-builder.ts';

/** Three states of one log, each of several chunks. */
let states: readonly PartitionState[];
const OFFSETS = [1_000, 2_000, 3_000] as const;
const COUNTS = [12, 16, 9];
const CHUNK_BYTES = 500;

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
  readSnapshot(topic(written, isCompacted) as unknown as Parameters<typeof readSnapshot>[0], 0, committed, async () => undefined);

describe('the snapshot that a partition starts from', () => {
  it('is made one chunk at a time, and the last one says how many there are', () => {
    const chunks = chunksOf(0, 1);
    expect(chunks.length).toBeGreaterThan(2);
    expect(chunks.map(({ key }) => key)).toEqual(chunks.map((_, index) => `0/1/${index}`));
    const first = snapshotRecords(states[0]!, 1_000, 1, T0, CHUNK_BYTES).next();
    expect(first.value).toEqual(chunks[0]);
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
});
