import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextColumn } from '../src/domain/text-column.ts';
import { text } from './support/arbitraries.ts';

describe('texts in a column', () => {
  it('are what was put there and nothing else, also after others have gone', () => {
    const step = fc.oneof(
      fc.record({ text: fc.oneof(text, fc.constantFrom('', 'a', 'ab', '\u0080', '\u00ff', '\ud83d')) }),
      fc.record({ kept: fc.infiniteStream(fc.boolean()) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), text, (steps, other) => {
        const column = new TextColumn();
        let texts: string[] = [];
        for (const each of steps) {
          if ('text' in each) {
            column.push(each.text);
            texts.push(each.text);
          } else {
            const isKept = texts.map(() => each.kept.next().value === true);
            let next = 0;
            column.renumber(Int32Array.from(isKept, (kept) => (kept ? next++ : -1)));
            texts = texts.filter((_, number) => isKept[number]);
          }
          for (const [number, known] of texts.entries()) {
            expect(column.is(number, known)).toBe(true);
            for (const asked of [other, `${known}x`, known.slice(1), known.slice(0, -1)])
              expect(column.is(number, asked)).toBe(asked === known);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
