import { describe, expect, test } from 'vitest';
import { assertBalanced, compareLedgers, describeDifference, isBalanced } from '../src/ledger.ts';

const went = [
  { id: 'a1', key: 'a', value: '1' },
  { id: 'b1', key: 'b', value: '2' },
  { id: 'a2', key: 'a', value: '3' },
];

describe('ledgers', () => {
  test('balance when the same came out, whatever the order between keys', () => {
    const came = [went[1]!, went[0]!, went[2]!];
    expect(isBalanced(compareLedgers(went, came))).toBe(true);
    assertBalanced(went, came);
  });

  test('a loss hidden behind a duplicate is seen, though the counts agree', () => {
    const difference = compareLedgers(went, [went[0]!, went[0]!, went[2]!]);
    expect(difference.lost).toEqual([went[1]]);
    expect(difference.duplicated).toEqual([{ entry: went[0], times: 2 }]);
    expect(isBalanced(difference)).toBe(false);
  });

  test('what never went in is unexpected', () => {
    const stranger = { id: 'x', key: 'a', value: '1' };
    expect(compareLedgers(went, [...went, stranger]).unexpected).toEqual([stranger]);
  });

  test('another value or another key is a change', () => {
    const came = [{ ...went[0]!, value: '9' }, { ...went[1]!, key: 'c' }, went[2]!];
    expect(compareLedgers(went, came).changed.map(({ expected }) => expected.id)).toEqual(['a1', 'b1']);
  });

  test('order is kept per key; a repeated arrival is a duplicate, not a disorder', () => {
    expect(compareLedgers(went, [went[2]!, went[0]!, went[1]!]).reordered).toEqual([{ key: 'a', early: went[2], late: went[0] }]);
    expect(compareLedgers(went, [went[0]!, went[2]!, went[0]!, went[1]!]).reordered).toEqual([]);
    expect(compareLedgers(went, [went[2]!, went[0]!, went[1]!], { order: 'any' }).reordered).toEqual([]);
  });

  test('an id that goes in twice is a mistake of the test', () => {
    expect(() => compareLedgers([went[0]!, went[0]!], [])).toThrow('names a1 twice');
  });

  test('the message names the first differences and counts the rest', () => {
    const many = Array.from({ length: 25 }, (_, i) => ({ id: `m${i}`, key: 'k' }));
    expect(() => assertBalanced(many, [{ id: 'm0', key: 'k' }])).toThrow(/25 went in, 1 came out\nlost: 24\n {2}m1 \(key k\)\n/);
    expect(describeDifference(compareLedgers(many, []), 2)).toBe('lost: 25\n  m0 (key k)\n  m1 (key k)\n  … and 23 more');
  });
});
