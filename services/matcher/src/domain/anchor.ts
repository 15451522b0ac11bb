/**
 * The target–decoy anchor: how many of the messages in words of their own come from clicks, told by nothing but a comparison. Likelihood hardly tells it: it is in sums of
 * many small odds, and an error of a few per cent in one mark becomes one of a quarter in the share. Against decoys that error is in both, and falls out.
 * What becomes of the sums is in model/mixing-share.ts.
 */
import type { AccountMatching } from './account-matching.ts';
import { asked } from './asking.ts';
import { isLive, liveClicks, profileAt, slotOf } from './click-store.ts';
import { DECOY_SHIFT_MS, DECOYS, decoyOdds } from './decoy.ts';
import { ownPart } from './learning.ts';
import type { Marks } from './marks.ts';
import { DELAY_GROUPS } from './model/delay-grid.ts';
import { addHeld, type Reach } from './model/mixing-share.ts';
import type { Question } from './open-question.ts';
import type { Odds, Posterior } from './posterior.ts';
import type { Scope } from './scope.ts';

/** An account younger than that has no clicks for the decoys of its first messages. */
const YOUNG_S = 86_400;
/**
 * Accounts whose clicks leave the store before three days are over. The decoys of an hour before would lack clicks that the message's own still has (with 10,000 clicks an hour they had
 * a fifth of the odds, and nearly every message seemed to come from a click), and where hundreds of clicks stand for a message, what their rate does within that hour no longer falls out over the
 * day (bench strangers, `large`: twice as many leads as there were). So theirs are of 5 and of 10 minutes before, and of all clicks those of the last four minutes count: a quarter of an hour
 * that has to be at hand.
 */
const NEAR_SHIFT_MS = 5 * 60_000;
/** Groups of delays up to 234 s. */
const NEAR_GROUPS = 5;
const NEAR_COVER_MS = 4 * 60_000;

/** Decoys that a message is held against. Undefined for one with a greeting: its click is told by the greeting, which leaves nothing open that decoys could tell. */
export function reachOf({ clicks, learned }: AccountMatching, { wording, timeMs }: Marks): Reach | undefined {
  if (wording === 'greeting' || liveClicks(clicks) === 0) return undefined;
  if (clicks.cells.size === 0) return learned.observedS >= YOUNG_S ? 'far' : undefined;
  const backMs = timeMs - clicks.columns.clickedAtMs[slotOf(clicks, clicks.first)]!;
  return backMs >= DECOYS * NEAR_SHIFT_MS + NEAR_COVER_MS ? 'near' : undefined;
}

/** Counts a final answer against those of its decoys. */
export function hold(scope: Scope, question: Question, answer: Posterior, reach: Reach): void {
  const { account, state } = scope;
  const { marks } = question;
  addHeld(state.statistics.anchor[reach], account.matching.stretch, marks.timeMs, excessOf(scope, question, marks, answer, reach));
}

/**
 * The same of a tested message: a click did lead to it, so that it tells what one message more from a click is worth. It is asked as if its person had
 * written in words of their own, as those do whose share is looked for. It counts as much as it is the click's own person's: codes that are handed on come from people
 * elsewhere, hours later, and made each click seem to be worth less than its own message is (bench quality, `forwarded`: 26 % more leads than there were).
 * `answer`: the question's last one.
 */
export function holdTest(scope: Scope, question: Question, answer: Posterior): void {
  const { account, state } = scope;
  const { matching } = account;
  const { wording } = question.marks;
  const isGreeting = wording === 'greeting';
  const marks: Marks = isGreeting ? { ...question.marks, wording: 'other' } : question.marks;
  const reach = reachOf(matching, marks);
  if (reach === undefined || !isLive(matching.clicks, question.truth)) return;
  const slot = slotOf(matching.clicks, question.truth);
  const delayS = (marks.timeMs - matching.clicks.columns.clickedAtMs[slot]!) / 1_000;
  const own = ownPart(matching, state, profileAt(matching.clicks, slot), delayS);
  const sums = state.statistics.anchor[reach];
  const inOwnWords = isGreeting ? asked(scope, { ...question, marks }, { isLast: true }) : answer;
  const excess = excessOf(scope, question, marks, inOwnWords, reach);
  sums.tests += own;
  sums.testExcess += own * excess;
  sums.testSquares += own * excess * excess;
}

/** How much more probable a click is than a decoy, −1 to 1: bounded, so that no single message tells more than others. */
function excessOf(scope: Scope, question: Question, marks: Marks, answer: Posterior, reach: Reach): number {
  const perS = 1 / (answer.organicPerS * answer.burst);
  const { shiftMs, ...within } = DECOYS_OF[reach];
  let decoys = 0;
  for (let nth = 1; nth <= DECOYS; nth += 1) {
    decoys += clickedOf(decoyOdds(scope, question, marks, { shiftMs: nth * shiftMs, perS, ...within }), reach);
  }
  return clickedOf({ odds: answer.total - 1, byDelay: answer.byDelay }, reach) - decoys / DECOYS;
}

const DECOYS_OF = { far: { shiftMs: DECOY_SHIFT_MS }, near: { shiftMs: NEAR_SHIFT_MS, withinMs: NEAR_COVER_MS } } as const;

/** Probability that it was one of the clicks that count, if "no click" were all else. */
function clickedOf({ odds: all, byDelay }: Odds, reach: Reach): number {
  const odds = reach === 'far' ? all : nearOf(byDelay);
  return odds / (1 + odds);
}

function nearOf(byDelay: Float64Array): number {
  let odds = 0;
  for (let at = 0; at < byDelay.length; at += 1) if (at % DELAY_GROUPS < NEAR_GROUPS) odds += byDelay[at]!;
  return odds;
}
