import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { CohortNames } from '../src/domain/cohort-names.ts';
import type { Profile } from '../src/domain/profiles.ts';

const NAMES = ['a', 'b', 'c', 'd'] as const;
type Step =
  | { readonly kind: 'hold' | 'let go'; readonly name: number }
  | { readonly kind: 'ask'; readonly index: number }
  | { readonly kind: 'replace'; readonly index: number; readonly name: number };

const step = fc.oneof(
  fc.record({ kind: fc.constantFrom('hold', 'let go'), name: fc.nat(NAMES.length - 1) }),
  fc.record({ kind: fc.constant('ask'), index: fc.nat(5) }),
  fc.record({ kind: fc.constant('replace'), index: fc.nat(5), name: fc.nat(NAMES.length - 1) }),
) as fc.Arbitrary<Step>;

it('a profile’s cohort is the one of its name however names and profiles come and go, and a number is one name’s', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const names = new CohortNames();
      const held = new Map<string, { number: number; count: number }>();
      // What stands at an index, as the table of profiles would have it: a profile that took over an index has another number.
      const profiles = Array.from({ length: 6 }, (_, index) => ({ index, number: index, name: NAMES[index % NAMES.length]! }));
      let nextNumber = profiles.length;
      for (const each of steps) {
        if (each.kind === 'ask') {
          const { index, number, name } = profiles[each.index]!;
          const found = names.remembered(index, number) ?? names.find({ index, number } as Profile, name);
          expect(found).toBe(held.get(name)?.number ?? -1);
          expect(names.remembered(index, number)).toBe(found);
        } else if (each.kind === 'replace') {
          profiles[each.index] = { index: each.index, number: nextNumber++, name: NAMES[each.name]! };
        } else if (each.kind === 'hold') {
          const name = NAMES[each.name]!;
          const known = held.get(name);
          const number = names.hold(name);
          expect(names.name(number)).toBe(name);
          if (known === undefined) expect([...held.values()].map((other) => other.number)).not.toContain(number);
          else expect(number).toBe(known.number);
          held.set(name, { number, count: (known?.count ?? 0) + 1 });
        } else {
          const name = NAMES[each.name]!;
          const known = held.get(name);
          if (known === undefined) continue;
          names.letGo(known.number);
          if (known.count === 1) held.delete(name);
          else held.set(name, { ...known, count: known.count - 1 });
        }
      }
    }),
    { numRuns: 500 },
  );
});
