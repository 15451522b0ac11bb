import { expect, it } from 'vitest';
import { minorUnits } from '../src/minor-units.ts';

it.each([
  [150, 'USD', 15_000],
  [150.5, 'usd', 15_050],
  ['19.99', 'EUR', 1_999],
  [0.1 + 0.2, 'EUR', 30],
  [1_000, 'JPY', 1_000],
  [1.234, 'KWD', 1_234],
  [-5, 'EUR', -500],
])('%j %s is %i of its smallest units', (value, currency, valueMinor) => {
  expect(minorUnits({ value, currency })).toEqual({ valueMinor, currency: currency.toUpperCase() });
});

it.each([
  [150, undefined],
  [150, 'dollars'],
  [150, 840],
  [undefined, 'USD'],
  ['a lot', 'USD'],
  [Number.NaN, 'USD'],
  [Number.POSITIVE_INFINITY, 'USD'],
  [1e300, 'USD'],
  [{}, 'USD'],
  [0, 'USD'],
])('%j %j is no amount of money', (value, currency) => {
  expect(minorUnits({ value, currency })).toEqual({ valueMinor: 0, currency: '' });
});
