import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PartitionProgress, type Taken } from '../src/domain/partition-progress.ts';

describe('PartitionProgress', () => {
  it('lets exactly the settled front be committed, for any gaps and any order of settling', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ gap: fc.integer({ min: 0, max: 3 }), rank: fc.integer() }), { minLength: 1, maxLength: 60 }),
        (records) => {
          const progress = new PartitionProgress('t', 0);
          let offset = 0;
          const taken: { taken: Taken; rank: number }[] = records.map(({ gap, rank }) => {
            offset += gap + 1;
            return { taken: progress.take(offset), rank };
          });
          expect(progress.committable()).toBeUndefined();
          const settled = new Set<number>();
          for (const next of [...taken].sort((a, b) => a.rank - b.rank)) {
            progress.settle(next.taken);
            settled.add(next.taken.offset);
            const firstOpen = taken.findIndex((each) => !settled.has(each.taken.offset));
            const last = firstOpen === -1 ? taken.at(-1) : taken[firstOpen - 1];
            expect(progress.committable()).toBe(last === undefined ? undefined : last.taken.offset + 1);
          }
          expect(progress.open).toBe(0);
        },
      ),
    );
  });

  it('offers an offset once, and nothing after the partition has moved', () => {
    const progress = new PartitionProgress('t', 0);
    progress.settle(progress.take(4));
    expect(progress.committable()).toBe(5);
    progress.markCommitted(5);
    expect(progress.committable()).toBeUndefined();
    progress.settle(progress.take(5));
    progress.isRevoked = true;
    expect(progress.committable()).toBeUndefined();
  });

  it('keeps its memory small over many records', () => {
    const progress = new PartitionProgress('t', 0);
    for (let offset = 0; offset < 10_000; offset++) progress.settle(progress.take(offset));
    expect(progress.open).toBe(0);
    expect(progress.committable()).toBe(10_000);
  });
});
