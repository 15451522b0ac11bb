/**
 * The target–decoy anchor: how many of the messages in words of their own come from clicks, told by nothing but a comparison. Likelihood hardly tells it: it is in sums of
 * many small odds, and an error of a few per cent in one mark becomes one of a quarter in the share. Against decoys that error is in both, and falls out.
 * What becomes of the sums is in model/mixing-share.ts.
 */
import { type AccountMatching, currentModel } from './account-matching.ts';
import { asked } from './asking.ts';
import { isLive, liveClicks, profileAt, slotOf } from './click-store.ts';
import { askDecoy, DECOY_SHIFT_MS, DECOYS } from './decoy.ts';
import { ownPart } from './learning.ts';
import type { Marks } from './marks.ts';
import type { Question } from './open-question.ts';
import type { Posterior } from './posterior.ts';
import type { Scope } from './scope.ts';

/**
 * So far back from a decoy's time every click must be at hand one by one. Of a busy account those of the decoys have left the store where the message's own are still
 * there: with 10,000 clicks an hour decoys had a fifth of the odds, and nearly every message seemed to come from a click. Such accounts hold nothing.
 */
const COVER_MS = 2 * 3_600_000;
/** An account younger than that has no clicks for the decoys of its first messages. */
const YOUNG_S = 86_400;

/** Whether a message is held: not one with a greeting, whose click is told by the greeting and leaves nothing open that decoys could tell. */
export function isHeld({ clicks, learned }: AccountMatching, { wording, timeMs }: Marks): boolean {
  if (wording === 'greeting' || liveClicks(clicks) === 0) return false;
  if (clicks.cells.size === 0) return learned.observedS >= YOUNG_S;
  return clicks.columns.clickedAtMs[slotOf(clicks, clicks.first)]! <= timeMs - DECOYS * DECOY_SHIFT_MS - COVER_MS;
}

/** Counts a final answer against those of its decoys. */
export function hold(scope: Scope, question: Question, answer: Posterior): void {
  const { anchor } = scope.state.statistics;
  const excess = excessOf(scope, question, question.marks, answer);
  anchor.held += 1;
  anchor.excess += excess;
  anchor.squares += excess * excess;
}

/**
 * The same of a tested message: a click did lead to it, so that it tells what one message more from a click is worth. It is asked as if its person had
 * written in words of their own, as those do whose share is looked for. It counts as much as it is the click's own person's: codes that are handed on come from people
 * elsewhere, hours later, and made each click seem to be worth less than its own message is (bench quality, `forwarded`: 26 % more leads than there were).
 */
export function holdTest(scope: Scope, question: Question): void {
  const { account, state } = scope;
  const { matching } = account;
  const { wording } = question.marks;
  const marks: Marks = wording === 'greeting' ? { ...question.marks, wording: 'other' } : question.marks;
  if (!isHeld(matching, marks) || !isLive(matching.clicks, question.truth)) return;
  const slot = slotOf(matching.clicks, question.truth);
  const delayS = (marks.timeMs - matching.clicks.columns.clickedAtMs[slot]!) / 1_000;
  const own = ownPart(currentModel(matching, state), profileAt(matching.clicks, slot), delayS);
  const { anchor } = state.statistics;
  const excess = excessOf(scope, question, marks, asked(scope, { ...question, marks }));
  anchor.tests += own;
  anchor.testExcess += own * excess;
  anchor.testSquares += own * excess * excess;
}

/** How much more probable a click is than a decoy, −1 to 1: bounded, so that no single message tells more than others. */
function excessOf(scope: Scope, question: Question, marks: Marks, answer: Posterior): number {
  let decoys = 0;
  for (let nth = 1; nth <= DECOYS; nth += 1) {
    const decoy = askDecoy(scope, question, marks, nth);
    // At the message's own rate of messages of no click: the hour's shape is not the clicks'.
    const perS = (decoy.organicPerS * decoy.burst) / (answer.organicPerS * answer.burst);
    decoys += clickedOf((decoy.total - 1) * perS);
  }
  return clickedOf(answer.total - 1) - decoys / DECOYS;
}

function clickedOf(odds: number): number {
  return odds / (1 + odds);
}
