import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountMatching } from '../src/domain/account-matching.ts';
import { currentModel } from '../src/domain/account-matching.ts';
import type { Marks } from '../src/domain/marks.ts';
import { evidenceOf } from '../src/domain/matching.ts';
import { oddsOf } from '../src/domain/posterior.ts';
import { accountWith, anyClick, anyMarks, asking, PLAIN, PRIORS, register, WINDOW_MS } from './support/asked-account.ts';
import { T0 } from './support/log-builder.ts';

const RUNS = { numRuns: 150 };

/** Of all clicks together: what is kept of one question for the next must not show in it. */
function odds(account: AccountMatching, marks: Marks, perS: number): number {
  return oddsOf(evidenceOf(account, currentModel(account, PRIORS), WINDOW_MS), { ...asking(marks), isLast: true }, perS).odds;
}

/** Another account's question: nothing that was kept before it is any longer. */
function askAnother(): void {
  odds(accountWith([{ at: T0 - 60_000 }]), PLAIN, 1);
}

const FIELDS = ['country', 'region', 'language', 'device', 'greetingPlacement'] as const;

/** One, and others that differ from it in a single mark or in the rate of messages of no click: what is forgotten of a question shows there. */
const questions = fc.tuple(anyMarks, anyMarks).map(([marks, other]) => [
  ...FIELDS.flatMap((field) => [
    { marks, perS: 100 },
    { marks: { ...marks, [field]: other[field] }, perS: 100 },
  ]),
  { marks, perS: 100 },
  { marks, perS: 1_800 },
]);

describe('profiles looked at for one question after the other', () => {
  it('are those of each question, whatever was asked before it', () => {
    fc.assert(
      fc.property(fc.array(anyClick, { minLength: 1, maxLength: 12 }), questions, (clicks, asked) => {
        const account = accountWith(clicks);
        const alone = asked.map(({ marks, perS }) => {
          askAnother();
          return odds(account, marks, perS);
        });
        expect(asked.map(({ marks, perS }) => odds(account, marks, perS))).toEqual(alone);
      }),
      RUNS,
    );
  });

  it('know a click that came since', () => {
    fc.assert(
      fc.property(fc.array(anyClick, { minLength: 1, maxLength: 8 }), anyClick, anyMarks, (clicks, late, marks) => {
        const account = accountWith(clicks);
        odds(account, marks, 100);
        register(account, late, clicks.length);
        const known = odds(account, marks, 100);
        askAnother();
        expect(known).toBe(odds(account, marks, 100));
      }),
      RUNS,
    );
  });
});
