import { chooseMember } from '@messtrack/snippet/page/pool-choice.ts';
import type { PlacementSettings } from '@messtrack/snippet/settings.ts';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { memberStates } from '../src/adapters/pool-state.ts';
import { chooseAccount } from '../src/domain/account-choice.ts';

const MINUTE = 60_000;

afterEach(() => {
  vi.restoreAllMocks();
});

const spans = fc.array(
  fc
    .record({ day: fc.integer({ min: 0, max: 6 }), from: fc.integer({ min: 0, max: 1_380 }), length: fc.integer({ min: 30, max: 1_440 }) })
    .map(({ day, from, length }) => ({ day, fromMinute: from, toMinute: Math.min(1_440, from + length) })),
  { minLength: 1, maxLength: 5 },
);
const member = fc.record({
  // Whole numbers: sums of fractions depend on the order, and a draw at the very border would tell.
  weight: fc.integer({ min: 1, max: 10 }),
  hours: fc.option(
    spans.map((given) => ({ timeZone: 'Asia/Kolkata', spans: given })),
    { nil: undefined },
  ),
  isPaused: fc.boolean(),
  isWell: fc.boolean(),
});

describe('a page', () => {
  it('chooses from a pool the account that the redirect would choose by the same draw at the same moment', () => {
    const [now, draw] = [vi.spyOn(Date, 'now'), vi.spyOn(Math, 'random')];
    fc.assert(
      fc.property(
        fc.array(member, { minLength: 2, maxLength: 6 }),
        fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2026, 11, 31) }),
        // A script from a cache is an hour old, say; who is well is as it was then.
        fc.integer({ min: 0, max: 60 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (members, madeAt, age, drawn) => {
          const pool = members.map((each, index) => ({ ...each, account: `a${index}` }));
          const isWell = (account: string) => pool.find((each) => each.account === account)?.isWell === true;
          const settings = memberStates(pool, isWell, madeAt).map(
            ({ open, ...state }): PlacementSettings => ({
              name: 'pool',
              to: '',
              base: '',
              values: [],
              origins: [],
              ...state,
              ...(open && { open }),
            }),
          );
          const at = madeAt + age * MINUTE;
          now.mockReturnValue(at);
          draw.mockReturnValue(drawn);
          expect(chooseMember(settings)?.account).toBe(chooseAccount(pool, isWell, at, drawn));
        },
      ),
      { numRuns: 500 },
    );
  });

  it('always gets one, at the end of rounding too, and never one that is out', () => {
    vi.spyOn(Math, 'random').mockReturnValue(1 - 2 ** -53);
    const of = (account: string, weight: number): PlacementSettings => ({
      name: 'pool',
      account,
      weight,
      to: '',
      base: '',
      values: [],
      origins: [],
    });
    expect(chooseMember([of('a', 0.1), of('b', 0.2), of('c', 0.3), of('out', 0)])?.account).not.toBe('out');
    expect(chooseMember([of('out', 0), of('a', 0.7)])?.account).toBe('a');
    expect(chooseMember([])).toBeUndefined();
  });
});
