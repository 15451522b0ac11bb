import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inArrivalOrder, mergeByArrival } from '../match/arrival-order.ts';

interface Item {
  readonly name: string;
  readonly arrivedAtMs: number;
}

function items(prefix: string, times: readonly number[]): readonly Item[] {
  return times.map((arrivedAtMs, index) => ({ name: `${prefix}${index}`, arrivedAtMs }));
}

function names(each: Iterable<Item>): readonly string[] {
  return [...each].map(({ name }) => name);
}

describe('lines out of order', () => {
  it('are put right within the window, equal times keep their order, and each that stands behind a later one is counted', () => {
    let disorder = 0;
    const onDisorder = () => {
      disorder += 1;
    };
    const sorted = inArrivalOrder(items('x', [10, 30, 20, 20, 40, 5]), onDisorder, 10);
    expect(names(sorted)).toEqual(['x5', 'x0', 'x2', 'x3', 'x1', 'x4']);
    expect(disorder).toBe(2);
  });

  it('from the far future are held back until the end and delay nothing', () => {
    const times = [1, 2, 1_000_000, 3, 4, 5, 6, 7, 8];
    expect(names(inArrivalOrder(items('x', times), () => undefined, 2)).at(-1)).toBe('x2');
  });

  it('from long ago stay where they stand when they are alone, and go to their time when they are not', () => {
    const day = 86_400_000;
    const times = [10 * day, 10 * day + 1, 10 * day + 2, 0, 10 * day + 3];
    expect(names(inArrivalOrder(items('x', times), () => undefined))).toEqual(['x0', 'x1', 'x3', 'x2', 'x4']);
    const newestFirst = [9 * day, 6 * day, 3 * day, 0];
    expect(names(inArrivalOrder(items('x', newestFirst), () => undefined))).toEqual(['x3', 'x2', 'x1', 'x0']);
    const twoParts = [10 * day, 11 * day, day, 2 * day];
    expect(names(inArrivalOrder(items('x', twoParts), () => undefined))).toEqual(['x2', 'x3', 'x0', 'x1']);
    const future = [10 * day, 10 * day + 1, 900 * day, 10 * day + 2, 10 * day + 3];
    expect(names(inArrivalOrder(items('x', future), () => undefined))).toEqual(['x0', 'x1', 'x3', 'x4', 'x2']);
  });

  it('are told apart by whether they stand too far behind to be put right', () => {
    const leftOf = (times: readonly number[]) => {
      let left = 0;
      const onLeft = () => {
        left += 1;
      };
      names(inArrivalOrder(items('x', times), () => undefined, 3, onLeft));
      return left;
    };
    expect(leftOf([1, 2, 4, 3, 6, 5, 8, 7])).toBe(0);
    expect(leftOf([10, 11, 12, 13, 14, 15, 1, 16])).toBe(1);
    // Newest first: all but those that the window put right.
    expect(leftOf([20, 18, 16, 14, 12, 10, 8, 6])).toBe(4);
    // A line from long ago that stands alone keeps its place.
    const day = 86_400_000;
    expect(leftOf([10 * day, 10 * day + 1, 10 * day + 2, 10 * day + 3, 10 * day + 4, 0, 10 * day + 5])).toBe(0);
  });

  it('come out whole and sorted when none is further away than the window', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 }), (times) => {
        const all = items('x', times);
        const expected = all.toSorted((a, b) => a.arrivedAtMs - b.arrivedAtMs);
        expect([...inArrivalOrder(all, () => undefined, 40)]).toEqual(expected);
      }),
    );
  });

  it('come out whole whatever the window is', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50)), fc.integer({ min: 1, max: 5 }), (times, window) => {
        const all = items('x', times);
        expect(new Set(inArrivalOrder(all, () => undefined, window))).toEqual(new Set(all));
      }),
    );
  });

  it('are read no further ahead than the window', () => {
    let read = 0;
    function* counted() {
      for (const item of items('x', [1, 2, 3, 4, 5, 6])) {
        read += 1;
        yield item;
      }
    }
    inArrivalOrder(counted(), () => undefined, 2).next();
    // One more than the window holds: what follows a line tells whether it stands alone.
    expect(read).toBe(4);
  });
});

describe('two files as one', () => {
  it('go by arrival, the first file first at equal times', () => {
    const merged = mergeByArrival(items('click', [10, 20, 30]), items('message', [5, 20, 20, 40]));
    expect(names(merged)).toEqual(['message0', 'click0', 'click1', 'message1', 'message2', 'click2', 'message3']);
  });

  it('may be empty, either of them or both', () => {
    expect(names(mergeByArrival(items('a', [1, 2]), []))).toEqual(['a0', 'a1']);
    expect(names(mergeByArrival([], items('b', [1])))).toEqual(['b0']);
    expect(names(mergeByArrival([], []))).toEqual([]);
  });
});
