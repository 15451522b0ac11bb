import { describe, expect, it } from 'vitest';
import { createRequestWindows } from '../src/adapters/request-windows.ts';

describe('request windows', () => {
  it('begin with the first request of a key, say how long one has to wait, and end', () => {
    const windows = createRequestWindows(2, 1_000);
    expect([0, 10, 400, 999, 1_000, 1_001, 1_999, 2_000].map((now) => windows.excess('a', now))).toEqual([0, 0, 600, 1, 0, 0, 1, 0]);
  });

  it('are of one key each', () => {
    const windows = createRequestWindows(1, 1_000);
    expect([windows.excess('a', 0), windows.excess('b', 900), windows.excess('a', 950), windows.excess('b', 950)]).toEqual([0, 0, 50, 950]);
  });

  it('are remembered for those seen last: 5,000 others push a key out, and one that goes on coming stays', () => {
    const windows = createRequestWindows(1, 1_000);
    windows.excess('stays', 0);
    windows.excess('goes', 0);
    for (let i = 0; i < 5_000; i += 1) {
      windows.excess(`other ${i}`, 1);
      if (i % 1_000 === 0) windows.excess('stays', 1);
    }
    expect([windows.excess('goes', 2), windows.excess('stays', 2)]).toEqual([0, 998]);
  });
});
