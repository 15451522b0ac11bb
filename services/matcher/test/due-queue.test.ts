import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Due, DueQueue } from '../src/domain/due-queue.ts';

describe('the due queue', () => {
  it('gives what is due by time and then by sequence, whatever the order it came in', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 200 }), fc.nat(25), (times, clockMs) => {
        const queue = new DueQueue<number>();
        const pushed = times.map((atMs, sequence) => ({ atMs, sequence }));
        for (const { atMs, sequence } of pushed.toSorted((a, b) => ((a.sequence * 7919) % 211) - ((b.sequence * 7919) % 211))) {
          queue.push(atMs, sequence, sequence, 3 * sequence);
        }
        const popped: Due<number>[] = [];
        for (let due = queue.pop(clockMs); due !== undefined; due = queue.pop(clockMs)) popped.push(due);
        const ordered = pushed.toSorted((a, b) => a.atMs - b.atMs || a.sequence - b.sequence);
        const due = ordered.filter(({ atMs }) => atMs <= clockMs);
        expect(popped).toEqual(due.map(({ sequence }) => ({ owner: sequence, sequence, hash: 3 * sequence })));
        expect(queue.size).toBe(pushed.length - due.length);
        expect(queue.nextAtMs()).toBe(ordered[due.length]?.atMs);
      }),
    );
  });

  it('keeps its order when pushes and pops alternate', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(50), fc.boolean()), { maxLength: 200 }), (steps) => {
        const queue = new DueQueue<undefined>();
        let waiting: { atMs: number; sequence: number }[] = [];
        steps.forEach(([atMs, isPush], sequence) => {
          if (isPush) {
            queue.push(atMs, sequence, undefined, -sequence);
            waiting.push({ atMs, sequence });
            waiting = waiting.toSorted((a, b) => a.atMs - b.atMs || a.sequence - b.sequence);
          } else {
            const expected = waiting[0] !== undefined && waiting[0].atMs <= atMs ? waiting.shift() : undefined;
            expect(queue.pop(atMs)).toEqual(
              expected === undefined ? undefined : { owner: undefined, sequence: expected.sequence, hash: -expected.sequence },
            );
          }
        });
      }),
    );
  });
});
