import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AccountMatching } from '../src/domain/account-matching.ts';
import type { Marks } from '../src/domain/marks.ts';
import { newQuestion, type Question } from '../src/domain/open-question.ts';
import type { Posterior } from '../src/domain/posterior.ts';
import { posteriorAnswer } from '../src/domain/posterior-answer.ts';
import { ask, keepShare, stake, withdraw } from '../src/domain/question.ts';
import { accountWith, anyClick, anyMarks, PLAIN, PRIORS, WINDOW_MS } from './support/asked-account.ts';
import { HOUR, MINUTE, SECOND, T0 } from './support/log-builder.ts';

const RUNS = { numRuns: 200 };
/** When all of them are asked: what is known must not change under way. */
const KNOWN_MS = T0 + 10 * MINUTE;

function question(number: number, marks: Marks): Question {
  return newQuestion(`l${number}`, `p${number}`, { ...marks, messageId: `m${number}` }, -1);
}

/** Answers the question and stakes what it takes. */
function answered(account: AccountMatching, each: Question, platform = PRIORS): Posterior {
  const answer = ask(account, platform, each, WINDOW_MS, KNOWN_MS);
  stake(account, each, answer);
  return answer;
}

describe('competition between open messages', () => {
  it('is exact for two messages and one click', () => {
    const clicks = [{ at: T0 - 3 * MINUTE }];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3_000 }), fc.integer({ min: 1, max: 3_000 }), (a, b) => {
        const account = accountWith(clicks);
        const first = question(1, { ...PLAIN, timeMs: T0 - 3 * MINUTE + a * SECOND });
        const second = question(2, { ...PLAIN, timeMs: T0 - 3 * MINUTE + b * SECOND });
        const alone = [first, second].map((each) => ask(account, PRIORS, each, WINDOW_MS, KNOWN_MS).options[0]!.odds);
        answered(account, first);
        answered(account, second);
        const joint = [answered(account, first), answered(account, second)].map(({ options }) => options[0]!.probability);
        const all = 1 + alone[0]! + alone[1]!;
        expect(joint[0]).toBeCloseTo(alone[0]! / all, 9);
        expect(joint[1]).toBeCloseTo(alone[1]! / all, 9);
      }),
      RUNS,
    );
  });

  it('comes near the exact joint distribution for several messages and clicks, and gives no click away twice', () => {
    const clickTimes = fc.array(fc.integer({ min: 1, max: 1_200 }), { minLength: 1, maxLength: 3 });
    const messageTimes = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 2, maxLength: 4 });
    let worst = 0;
    fc.assert(
      fc.property(clickTimes, messageTimes, (ages, delays) => {
        const account = accountWith(ages.map((agoS) => ({ at: T0 - agoS * SECOND })));
        const questions = delays.map((afterS, index) => question(index, { ...PLAIN, timeMs: T0 + afterS * SECOND - 10 * MINUTE }));
        const odds = questions.map((each) => {
          const { options } = ask(account, PRIORS, each, WINDOW_MS, KNOWN_MS);
          return ages.map((_, number) => options.find((option) => option.click === number)?.odds ?? 0);
        });
        const exact = enumerated(odds, ages.length);
        for (let sweep = 0; sweep < 2; sweep += 1) for (const each of questions) answered(account, each);
        const joint = questions.map((each) => answered(account, each));
        ages.forEach((_, number) => {
          const given = joint.map(({ options }) => options.find((option) => option.click === number)?.probability ?? 0);
          given.forEach((probability, index) => {
            worst = Math.max(worst, Math.abs(probability - exact[index]![number]!));
          });
          expect(sum(given)).toBeLessThan(1.15);
          expect(given.filter((probability) => probability > 0.55).length).toBeLessThanOrEqual(1);
        });
      }),
      RUNS,
    );
    expect(worst).toBeLessThan(0.2);
  });

  it('leaves nothing behind when all are withdrawn', () => {
    fc.assert(
      fc.property(fc.array(anyClick, { maxLength: 20 }), fc.array(anyMarks, { maxLength: 12 }), (clicks, marks) => {
        const account = accountWith(clicks);
        const questions = marks.map((each, index) => question(index, each));
        for (const each of questions) answered(account, each);
        for (const each of questions) answered(account, each);
        for (const each of questions) withdraw(account, each);
        expect([...account.clicks.columns.openMass].every((mass) => mass === 0)).toBe(true);
      }),
      RUNS,
    );
  });

  it('leaves of a click what final leads have not taken, and never the half that would give it away twice', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2_000 }), { minLength: 2, maxLength: 6 }), (delays) => {
        const account = accountWith([{ at: T0 - HOUR }]);
        const given = delays.map((afterS, index) => {
          const answer = ask(account, PRIORS, question(index, { ...PLAIN, timeMs: T0 - HOUR + afterS * SECOND }), WINDOW_MS, KNOWN_MS);
          keepShare(account, answer);
          return posteriorAnswer(account.clicks, answer, []).candidates[0]?.probability ?? 0;
        });
        expect(given.filter((probability) => probability >= 0.5).length).toBeLessThanOrEqual(1);
        expect(sum(given)).toBeLessThanOrEqual(1 + 1e-3);
      }),
      RUNS,
    );
  });
});

/** P(message came from click), by enumeration of all assignments of clicks to messages. */
function enumerated(odds: readonly (readonly number[])[], clicks: number): readonly (readonly number[])[] {
  const sums = odds.map(() => new Array<number>(clicks).fill(0));
  let all = 0;
  const assign = (message: number, taken: ReadonlySet<number>, weight: number, chosen: readonly number[]): void => {
    if (message === odds.length) {
      all += weight;
      chosen.forEach((number, index) => {
        if (number >= 0) sums[index]![number]! += weight;
      });
      return;
    }
    assign(message + 1, taken, weight, [...chosen, -1]);
    for (let number = 0; number < clicks; number += 1) {
      const own = odds[message]![number]!;
      if (own > 0 && !taken.has(number)) assign(message + 1, new Set([...taken, number]), weight * own, [...chosen, number]);
    }
  };
  assign(0, new Set(), 1, []);
  return sums.map((row) => row.map((value) => value / all));
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}
