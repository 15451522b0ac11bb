import { expect, it } from 'vitest';
import { longOf } from '../src/adapters/long-value.ts';

it.each<readonly [unknown, unknown]>([
  [{ low: 1_764_000_000, high: 0, unsigned: true }, 1_764_000_000],
  // Milliseconds, and seconds after January 2038: the low half is negative.
  [{ low: -1_208_235_136, high: 410, unsigned: false }, 410 * 2 ** 32 + (-1_208_235_136 >>> 0)],
  [{ low: -2_147_483_648, high: 0, unsigned: true }, 2_147_483_648],
  [{ low: '1764000000', high: '0', unsigned: true }, 1_764_000_000],
  [{ low: 7 }, 7],
  [{ low: null, high: 0 }, null],
  [1_764_000_000, 1_764_000_000],
  ['1764000000', '1764000000'],
  [undefined, undefined],
  [null, null],
])('%j is %j', (value, expected) => {
  expect(longOf(value)).toBe(expected);
});
