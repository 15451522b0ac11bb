import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Carrier } from '../src/domain/carrier.ts';
import { admit, emptyClicks, expire, REACH_MS } from '../src/domain/click-store.ts';
import { nearCode } from '../src/domain/damaged-code.ts';
import { click, T0 } from './support/log-builder.ts';

const RUNS = { numRuns: 2_000 };

describe('a code with a slip in it', () => {
  const codes = fc.uniqueArray(fc.string({ unit: fc.constantFrom('K', 'M', 'N', 'P'), minLength: 5, maxLength: 7 }), {
    minLength: 1,
    maxLength: 12,
  });
  const read = fc.string({ unit: fc.constantFrom('K', 'M', 'N', 'P'), minLength: 3, maxLength: 8 });

  it('is the only live code that near, or none is', () => {
    fc.assert(
      fc.property(codes, read, fc.constantFrom<Carrier>('visible', 'emoji', 'invisible', 'start_payload'), (live, seen, carrier) => {
        const store = storeOf(live);
        const near = live.filter((code) => alignmentDistance(code, seen) === 1);
        const found = nearCode(store, { code: seen, carrier });
        if (carrier === 'invisible' && live.includes(seen)) expect(found).toMatchObject({ read: seen, code: seen });
        else if (seen.length < 4 || near.length !== 1) expect(found).toBeUndefined();
        else expect(found).toMatchObject({ read: seen, code: near[0] });
      }),
      RUNS,
    );
  });

  it('is looked for among the clicks that are live now, before and after the first question', () => {
    fc.assert(
      fc.property(codes, fc.array(read, { maxLength: 6 }), fc.nat(11), (live, seen, early) => {
        const store = emptyClicks();
        live.forEach((code, index) => {
          if (index === early) nearCode(store, visible('KKKKK'));
          admit(store, click({ id: `c${index}`, code, at: T0 + index }).click, T0 + index, true);
        });
        const gone = Math.min(early, live.length - 1);
        expire(store, T0 + REACH_MS + gone, { beforeLeaving: () => undefined, lossOdds: () => 0 });
        expect(store.byCode.size).toBe(live.length - gone);
        const left = live.slice(live.length - store.byCode.size);
        for (const one of seen) expect(nearCode(store, visible(one))).toEqual(nearCode(storeOf(left), visible(one)));
      }),
      RUNS,
    );
  });

  it('is used as long as hardly any text is that near to a live code by chance', () => {
    const digits = (count: number) => storeOf(Array.from({ length: count }, (_, index) => String(100_000 + index * 37)));
    // 6·9 substitutions, 7·10 insertions, 6 deletions and 5 transpositions among a million numbers, for each live one.
    expect(nearCode(digits(1), visible('100001'))?.collision).toBeCloseTo(135e-6, 9);
    expect(nearCode(digits(66), visible('955555'))).toBeUndefined();
    expect(nearCode(digits(66), visible('10000'))?.collision).toBeCloseTo(66 * 135e-6, 9);
    expect(nearCode(digits(67), visible('10000'))).toBeUndefined();
  });
});

function visible(code: string) {
  return { code, carrier: 'visible' as const };
}

function storeOf(live: readonly string[]) {
  const store = emptyClicks();
  live.forEach((code, index) => {
    expect(admit(store, click({ id: `c${index}`, code, at: T0 + index }).click, T0 + index, true)).toBe(true);
  });
  return store;
}

/** By the book, in a table. */
function alignmentDistance(a: string, b: string): number {
  const table = Array.from({ length: a.length + 1 }, (_, row) => Array.from({ length: b.length + 1 }, (_, column) => row + column));
  for (let i = 1; i <= a.length; i += 1) {
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(table[i - 1]![j]! + 1, table[i]![j - 1]! + 1, table[i - 1]![j - 1]! + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) best = Math.min(best, table[i - 2]![j - 2]! + 1);
      table[i]![j] = best;
    }
  }
  return table[a.length]![b.length]!;
}
