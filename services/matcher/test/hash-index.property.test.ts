import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClickIndex } from '../src/domain/clicks-by-text.ts';
import { HashIndex, hashOf } from '../src/domain/hash-index.ts';
import { SMALL_NUMBERS, SmallIndex } from '../src/domain/small-index.ts';
import { TupleTable } from '../src/domain/tuple-table.ts';

const RUNS = { numRuns: 500 };

describe('numbers by hash', () => {
  it('are found whatever was added and removed before, also where hashes collide', () => {
    const step = fc.record({ hash: fc.constantFrom(0, 1, 7, 8, 15, 16, -1, -8, 2 ** 31 - 1), number: fc.nat(20), isAdded: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const index = new HashIndex();
        const held = new Set<string>();
        for (const { hash, number, isAdded } of steps) {
          const name = `${hash}/${number}`;
          if (isAdded && !held.has(name)) {
            index.add(hash, number);
            held.add(name);
          } else if (!isAdded && held.delete(name)) index.removeNumber(hash, number);
          expect(index.size).toBe(held.size);
          for (const at of [hash, 0, 8]) {
            const found: number[] = [];
            for (let place = index.first(at); place >= 0; place = index.next(place, at)) found.push(index.at(place));
            const expected = [...held].filter((each) => each.startsWith(`${at}/`)).map((each) => Number(each.split('/')[1]));
            expect(found.toSorted((a, b) => a - b)).toEqual(expected.toSorted((a, b) => a - b));
          }
        }
        expect([...index.numbers()].length).toBe(held.size);
      }),
      RUNS,
    );
  });

  it('are found the same in four bytes each, but for hashes that end alike: whoever asks compares what stands behind the numbers', () => {
    const step = fc.record({
      hash: fc.constantFrom(0, 1, 7, 8, 15, 16, 0x1_ffff, 0x2_0000, -1, -8, 2 ** 31 - 1),
      number: fc.oneof(fc.nat(20), fc.constantFrom(SMALL_NUMBERS - 2, SMALL_NUMBERS - 1)),
      isAdded: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const index = new SmallIndex();
        const held = new Map<string, { readonly hash: number; readonly number: number }>();
        for (const { hash, number, isAdded } of steps) {
          const name = `${hash & 0x1_ffff}/${number}`;
          if (isAdded && !held.has(name)) {
            index.add(hash, number);
            held.set(name, { hash, number });
          } else if (!isAdded && held.delete(name)) index.removeNumber(hash, number);
          expect(index.size).toBe(held.size);
          for (const at of [hash, 0, 8]) {
            const found: number[] = [];
            for (let place = index.first(at); place >= 0; place = index.next(place, at)) found.push(index.at(place));
            const alike = [...held.values()].filter((each) => ((each.hash ^ at) & 0x1_ffff) === 0);
            expect(found.toSorted((a, b) => a - b)).toEqual(alike.map((each) => each.number).toSorted((a, b) => a - b));
          }
        }
        expect([...index.numbers()].toSorted((a, b) => a - b)).toEqual(
          [...held.values()].map((each) => each.number).toSorted((a, b) => a - b),
        );
      }),
      RUNS,
    );
    expect(() => new SmallIndex().add(0, SMALL_NUMBERS)).toThrow(RangeError);
  });

  it('spread: a hundred thousand ids in a row have next to no hash in common', () => {
    const hashes = new Set(Array.from({ length: 100_000 }, (_, index) => hashOf(`click-${index}`)));
    expect(hashes.size).toBeGreaterThan(99_900);
    expect(new Set([...hashes].map((hash) => hash & 0xfff)).size).toBe(4_096);
  });
});

describe('clicks by text', () => {
  it('read like a Map, far beyond 2^31 clicks', () => {
    const step = fc.record({ text: fc.constantFrom('', 'a', 'b', 'aa', 'ab', 'é', '💥'), isSet: fc.boolean() });
    fc.assert(
      fc.property(fc.constantFrom(0, SMALL_NUMBERS - 3, 2 ** 31 - 3, 2 ** 40), fc.array(step, { maxLength: 40 }), (start, steps) => {
        const texts = new Map<number, string>();
        const expected = new Map<string, number>();
        const index = new ClickIndex({
          first: () => start,
          isText: (click, text) => texts.get(click) === text,
          text: (click) => texts.get(click)!,
        });
        let next = start;
        for (const { text, isSet } of steps) {
          if (isSet) {
            texts.set(next, text);
            index.set(text, next);
            expected.set(text, next);
            next += 1;
          } else {
            index.delete(text);
            expected.delete(text);
          }
          const rising = [...expected].toSorted((a, b) => a[1] - b[1]);
          expect([...index]).toEqual(rising);
          expect([...index.keys()]).toEqual(rising.map(([each]) => each));
          expect(index.size).toBe(expected.size);
          for (const each of ['', 'a', 'ab', 'zz', '💥']) {
            expect(index.get(each)).toBe(expected.get(each));
            expect(index.has(each)).toBe(expected.has(each));
          }
        }
      }),
      RUNS,
    );
  });
});

describe('tuples', () => {
  it('have one number while somebody holds them, told apart by every part and by where it ends', () => {
    const table = new TupleTable(2, new SmallIndex());
    const first = table.hold('a', 'bc');
    expect(table.hold('ab', 'c')).not.toBe(first);
    expect(table.hold('a', 'bc')).toBe(first);
    table.letGo(first);
    expect(table.hold('a', 'bc')).toBe(first);
    expect([table.part(first, 0), table.part(first, 1)]).toEqual(['a', 'bc']);
    table.letGo(first);
    table.letGo(first);
    expect(table.held).toBe(1);
    expect(table.hold('x', 'y')).toBe(first);
    expect(table.size).toBe(2);
  });

  it('are told apart by each of four parts, also where their hashes end alike', () => {
    // Among so many some hashes agree in all the bits that a place of the index keeps.
    const many = 3_000;
    for (const width of [1, 2, 3, 4]) {
      for (let part = 0; part < width; part += 1) {
        const table = new TupleTable(width, new SmallIndex());
        const tuple = (index: number) => Array.from({ length: width }, (_, at) => (at === part ? `x${index}` : 'same'));
        const holdAt = (index: number) => {
          const [first = '', ...rest] = tuple(index);
          return table.hold(first, ...rest);
        };
        const numbers = Array.from({ length: many }, (_, index) => holdAt(index));
        expect(new Set(numbers).size).toBe(many);
        expect(numbers.map((number) => table.part(number, part))).toEqual(numbers.map((_, index) => `x${index}`));
        for (const number of numbers) table.letGo(number);
        expect(table.held).toBe(0);
      }
    }
  });
});
