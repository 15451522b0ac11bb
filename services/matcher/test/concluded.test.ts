import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Concluded, put, RESERVOIR } from '../src/domain/concluded.ts';
import { concludedAt } from './support/concluded-answers.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;

const weightOf = (answers: readonly Concluded[]): number => answers.reduce((sum, { weight }) => sum + weight, 0);

describe('final answers kept for the expectation step', () => {
  it('stand for every message of four weeks, in order, however few of them there is place for', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: RESERVOIR, maxLength: 4 * RESERVOIR }), (gapsS) => {
        const kept: Concluded[] = [];
        let atMs = 0;
        let retired = 0;
        for (const gapS of gapsS) {
          atMs += gapS * 1_000;
          for (const gone of put(kept, concludedAt(atMs))) {
            expect(gone.timeMs).toBeLessThan(atMs - 28 * DAY_MS);
            retired += gone.weight;
          }
          expect(kept.length).toBeLessThanOrEqual(RESERVOIR);
        }
        expect(weightOf(kept) + retired).toBe(gapsS.length);
        for (let at = 1; at < kept.length; at += 1) expect(kept[at]!.timeMs).toBeGreaterThanOrEqual(kept[at - 1]!.timeMs);
      }),
      { numRuns: 20 },
    );
  });

  it('are all kept while there is place', () => {
    const kept: Concluded[] = [];
    for (let at = 0; at < RESERVOIR; at += 1) put(kept, concludedAt(at * HOUR_MS));
    expect(kept.map(({ weight }) => weight)).toEqual(new Array(RESERVOIR).fill(1));
  });

  it('lean to none: who stays of two neighbours is chance', () => {
    // Every second message is of one sort, so that a rule that keeps the older or the newer of two would keep one sort alone.
    let [marked, all] = [0, 0];
    for (let history = 0; history < 20; history += 1) {
      const kept: Concluded[] = [];
      const count = 6 * RESERVOIR;
      for (let at = 0; at < count; at += 1) put(kept, concludedAt(history * 977_000 + at * 61_000, { burst: at % 2 }));
      marked += weightOf(kept.filter(({ burst }) => burst === 1));
      all += count;
    }
    // 20 × 512 draws: the standard error is half a percent.
    expect(marked / all).toBeGreaterThan(0.48);
    expect(marked / all).toBeLessThan(0.52);
  });

  it('go one by one when they are older than four weeks', () => {
    const kept: Concluded[] = [];
    put(kept, concludedAt(0));
    put(kept, concludedAt(10 * DAY_MS));
    expect(put(kept, concludedAt(30 * DAY_MS)).map(({ timeMs }) => timeMs)).toEqual([0]);
    expect(kept.map(({ timeMs }) => timeMs)).toEqual([10 * DAY_MS, 30 * DAY_MS]);
  });
});
