import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CLICK_ID, CODE, factOf, isFact, packFacts, sourceWith, VISITOR } from '../src/domain/packed-facts.ts';
import { EMPTY_SOURCE } from '../src/domain/source.ts';
import { text } from './support/arbitraries.ts';

/** Texts at the border of what one character counts, and beyond what two do. */
const any = fc.oneof(
  { weight: 8, arbitrary: text },
  { weight: 1, arbitrary: fc.constantFrom(253, 254, 255, 256, 70_000).map((length) => 'x'.repeat(length)) },
);

describe('what belongs to one click alone', () => {
  it('comes back out of one text as it went in', () => {
    fc.assert(
      fc.property(
        any,
        any,
        any,
        any,
        fc.array(fc.tuple(any, any), { maxLength: 3 }),
        (clickId, code, visitorId, referrerHost, clickIds) => {
          const shared = { ...EMPTY_SOURCE, utmCampaign: 'spring' };
          const packed = packFacts({ clickId, code, visitorId, source: { ...shared, referrerHost, clickIds } });
          expect(factOf(packed, CLICK_ID)).toBe(clickId);
          expect(factOf(packed, CODE)).toBe(code);
          expect(factOf(packed, VISITOR)).toBe(visitorId);
          expect(sourceWith(packed, shared)).toEqual({ ...shared, referrerHost, clickIds });
          expect(isFact(packed, CODE, code)).toBe(true);
          expect(isFact(packed, CODE, `${code}x`)).toBe(false);
          expect(isFact(packed, CLICK_ID, clickId.slice(1))).toBe(clickId === '');
        },
      ),
      { numRuns: 500 },
    );
  });
});
