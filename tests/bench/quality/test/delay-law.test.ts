import { describe, expect, it } from 'vitest';
import { delayCdf, drawDelay, gridPosition, mixTables, tabulate } from '../delay-law.ts';
import { createRandom } from '../random.ts';
import { BASE, regimeOf } from '../regimes.ts';

const DRAWS = 40_000;
/** Five standard errors of a share of DRAWS. */
const TOLERANCE = (5 * 0.5) / Math.sqrt(DRAWS);
const POINTS_S = [2, 8, 20, 60, 300, 3600, 20_000, 90_000];

describe.each([
  ['log-normal', BASE.delay.mobile],
  ['weibull', regimeOf('weibull').delay.desktop],
])('%s delays', (_, delay) => {
  it('are drawn from the law that is tabulated', () => {
    const random = createRandom(1);
    const drawn = Array.from({ length: DRAWS }, () => drawDelay(random, delay));
    const table = tabulate(delay);
    for (const seconds of POINTS_S) {
      const share = drawn.filter((value) => value <= seconds).length / DRAWS;
      expect(Math.abs(share - delayCdf(delay, seconds))).toBeLessThan(TOLERANCE);
      expect(table.cdf(seconds)).toBeCloseTo(delayCdf(delay, seconds), 4);
    }
  });

  it('add up to the law of the sum', () => {
    const random = createRandom(2);
    const drawn = Array.from({ length: DRAWS }, () => drawDelay(random, delay) + drawDelay(random, BASE.editing));
    const table = tabulate(delay, BASE.editing);
    for (const seconds of POINTS_S) {
      const share = drawn.filter((value) => value <= seconds).length / DRAWS;
      expect(Math.abs(share - table.cdf(seconds))).toBeLessThan(TOLERANCE + 0.003);
    }
  });

  it('put all their mass into seconds, none before the click', () => {
    const table = tabulate(delay, BASE.editing);
    expect(table.massOfSecond(-1)).toBe(0);
    let sum = 0;
    for (let second = -1; second < 40_000; second += 1) sum += table.massOfSecond(second + 0.377);
    expect(sum).toBeCloseTo(table.cdf(40_000.377), 3);
  });
});

it('a mixture of tables is the mixture of their laws', () => {
  const [early, late] = [tabulate(BASE.delay.mobile), tabulate(BASE.forwardDelay)];
  const mixed = mixTables(early, late, 0.3);
  for (const seconds of POINTS_S) {
    expect(mixed.cdf(seconds)).toBeCloseTo(0.7 * early.cdf(seconds) + 0.3 * late.cdf(seconds), 10);
    expect(mixed.cdfAt(gridPosition(seconds))).toBe(mixed.cdf(seconds));
  }
});
