import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packing } from '../src/adapters/packing.ts';
import { type Place, Shelves } from '../src/domain/shelves.ts';

/** Any bytes as text, as packing gives them; never empty. */
const packed = fc.uint8Array({ minLength: 1, maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1'));

describe('texts on shelves', () => {
  it('are what was put there, until they are taken, in whatever order they are asked for', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(packed, fc.nat()), { minLength: 1, maxLength: 400 }), (steps) => {
        const shelves = new Shelves(packing);
        const expected = new Map<Place, string>();
        for (const [text, pick] of steps) {
          const place = shelves.put(text);
          expect(expected.has(place)).toBe(false);
          expected.set(place, text);
          const places = [...expected.keys()];
          const other = places[pick % places.length]!;
          expect(shelves.get(other)).toBe(expected.get(other));
          if (pick % 3 === 0) {
            shelves.take(other);
            expected.delete(other);
          }
        }
        for (const [place, text] of expected) expect(shelves.get(place)).toBe(text);
      }),
      { numRuns: 100 },
    );
  });

  it('leave nothing behind when all of them are taken', () => {
    let held = 0;
    const shelves = new Shelves({
      shelve(texts) {
        held += 1;
        return packing.shelve(texts);
      },
      unshelve: packing.unshelve,
    });
    const places = Array.from({ length: 640 }, (_, index) => shelves.put(`text ${index}`));
    expect(held).toBe(10);
    expect(shelves.held).toBe(10);
    for (const place of places) shelves.take(place);
    expect(shelves.held).toBe(0);
    // What was taken before its shelf was full is never put away.
    for (let index = 0; index < 63; index += 1) shelves.take(shelves.put('gone at once'));
    expect(shelves.held).toBe(0);
    expect(held).toBe(10);
  });

  it('take a third of their size when they are alike', () => {
    const texts = Array.from(
      { length: 64 },
      (_, index) => `lead 4zhz99kckmp71ejyvj7sfwyrtk${index} of demo sales-wa by US.1202000${index}, bench c6 site-button`,
    );
    const bytes = texts.reduce((sum, { length }) => sum + length, 0);
    expect(packing.shelve(texts).length).toBeLessThan(bytes / 3);
    expect(packing.unshelve(packing.shelve(texts))).toEqual(texts);
  });
});
