import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRandom } from '../../quality/random.ts';
import { type DelayLaw, type Distribution, edited, eveningLaw, gamma, lawOf, logLogistic, mixture, REACH_S } from '../delay-law.ts';

const LAWS: readonly (readonly [name: string, DelayLaw])[] = [
  ['gamma', lawOf(gamma(40, 1.4))],
  ['gamma with a shape below one', lawOf(gamma(18_000, 0.7))],
  ['log-logistic', lawOf(logLogistic(2_400, 1))],
  [
    'edited',
    lawOf(
      edited(
        mixture([
          [0.7, gamma(40, 1.4)],
          [0.3, logLogistic(600, 1.2)],
        ]),
        3,
        lawOf(gamma(60, 1.2)),
      ),
    ),
  ],
  ['evening', eveningLaw(Date.UTC(2026, 1, 2, 9), 3_600_000)],
  ['evening, after it', eveningLaw(Date.UTC(2026, 1, 2, 21), 0)],
];

it.each(LAWS)('%s is drawn as it is weighed', (_, law) => {
  const random = createRandom(5);
  const count = 20_000;
  const drawn = Array.from({ length: count }, () => law.draw(random)).sort((a, b) => a - b);
  // Kolmogorov–Smirnov: 1.95 / √n is passed by chance once in a thousand; the seed is fixed.
  const distance = Math.max(...drawn.map((seconds, at) => Math.abs(law.below(seconds) - (at + 0.5) / count)));
  expect(distance).toBeLessThan(1.95 / Math.sqrt(count));
});

it.each(LAWS)('%s never falls, from 0 to 1', (_, law) => {
  expect(law.below(0)).toBe(0);
  expect(law.below(REACH_S * 2)).toBeCloseTo(1, 9);
  fc.assert(
    fc.property(fc.double({ min: 0, max: REACH_S, noNaN: true }), fc.double({ min: 0, max: 1_000, noNaN: true }), (from, more) => {
      expect(law.below(from + more)).toBeGreaterThanOrEqual(law.below(from) - 1e-12);
    }),
  );
});

it.each([
  ['exponential', gamma(50, 1), 80, 1 - Math.exp(-80 / 50)],
  // Erlang of two: 1 − e^−x (1 + x) at x = 3.
  ['Erlang', gamma(2, 2), 3, 1 - Math.exp(-3) * 4],
  ['log-logistic at its median', logLogistic(77, 2.3), 77, 0.5],
] as readonly (readonly [string, Distribution, number, number])[])('%s is the textbook one', (_, distribution, seconds, expected) => {
  expect(distribution(seconds)).toBeCloseTo(expected, 9);
});
