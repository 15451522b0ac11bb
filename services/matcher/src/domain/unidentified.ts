import { currentModel } from './account-matching.ts';
import { hold, holdTest, reachOf } from './anchor.ts';
import { noClickAnswer, rowsBeforeSix } from './answer.ts';
import { answerOf, asked } from './asking.ts';
import { forget, forgetBefore, remember } from './burst.ts';
import { settle } from './commitments.ts';
import { askDecoy, DECOY_IN } from './decoy.ts';
import type { Answer, Lead } from './lead.ts';
import { learnUnidentified } from './learning.ts';
import type { Marks } from './marks.ts';
import { EDIT_SECONDS } from './model/delay-grid.ts';
import { trialOf } from './model-trial.ts';
import { newQuestion, type Question } from './open-question.ts';
import type { Posterior } from './posterior.ts';
import { keepShare, stake, withdraw } from './question.ts';
import type { Scope } from './scope.ts';

/** One identified lead in so many is also asked about as if it had no identifier. */
const TESTED_IN = 64;
/** How long a first message without identifier counts in the search for bursts. */
const REMEMBERED_MS = 3 * 3_600_000;

/**
 * Rows 4 to 7, for a lead that starts without identifier. The question stays open with the lead, until it is final or an identifier arrives.
 * `marks` is undefined when only the code of the message is remembered.
 */
export function answerUnidentified(
  scope: Scope,
  leadId: string,
  contact: string,
  marks: Marks | undefined,
  earlier: Lead | undefined,
  { isLate, isFinal }: { readonly isLate: boolean; readonly isFinal: boolean },
): Answer {
  const { account } = scope;
  const certain = rowsBeforeSix(account.settings, earlier);
  if (certain?.method === 'returning_contact' || marks === undefined) return certain ?? noClickAnswer();
  const question = newQuestion(leadId, contact, marks, -1);
  const { matching } = account;
  remember(matching.recent, { leadId, timeMs: marks.timeMs });
  const posterior = asked(scope, question, { isLast: isFinal, isLate });
  const answer = answerOf(scope, question, posterior, certain);
  if (isFinal) {
    conclude(scope, question, posterior, isLate);
  } else {
    matching.questions.set(leadId, question);
    stake(matching, question, posterior);
  }
  return answer;
}

/** The last word of an open lead without identifier; undefined when it has none open. */
export function finalAnswer(scope: Scope, lead: Lead): Answer | undefined {
  const question = scope.account.matching.questions.get(lead.leadId);
  if (question === undefined) return undefined;
  scope.account.matching.questions.delete(lead.leadId);
  const posterior = asked(scope, question, { isLast: true });
  if (question.truth >= 0) {
    holdTest(scope, question, posterior);
    withdraw(scope.account.matching, question);
    test(scope, question, posterior);
    return undefined;
  }
  const answer = answerOf(scope, question, posterior, rowsBeforeSix(scope.account.settings, undefined));
  conclude(scope, question, posterior, lead.late);
  settle(scope, question, lead.clickId, answer);
  return answer;
}

/** An identifier has come: nothing is asked any more. Returns the marks of the question, when one was open. */
export function dropQuestion(scope: Scope, leadId: string): Marks | undefined {
  const { matching } = scope.account;
  const question = matching.questions.get(leadId);
  if (question === undefined) return undefined;
  withdraw(matching, question);
  matching.questions.delete(leadId);
  forget(matching.recent, leadId);
  return question.marks;
}

/** A tested message: identified, and asked about as if it were not, with the time that deleting the code takes. */
export function openTest(scope: Scope, leadId: string, contact: string, click: number, marks: Marks): void {
  const hash = hashOf(marks.messageId);
  if (hash % TESTED_IN !== 0) return;
  const { edits } = scope.state.platform;
  let left = ((hash / TESTED_IN) % 1_000) / 1_000;
  let k = 0;
  while (k < edits.length - 1 && left >= edits[k]!) {
    left -= edits[k]!;
    k += 1;
  }
  const timeMs = marks.timeMs + EDIT_SECONDS[k]! * 1_000;
  scope.account.matching.questions.set(leadId, newQuestion(leadId, contact, { ...marks, timeMs }, click));
}

export function forgetUnidentified(scope: Scope): void {
  forgetBefore(scope.account.matching.recent, scope.state.clockMs - REMEMBERED_MS);
}

function conclude(scope: Scope, question: Question, posterior: Posterior, isLate: boolean): void {
  const { matching } = scope.account;
  const { marks } = question;
  // What came days late says little about how people usually write.
  const isTeaching = !isLate;
  const reach = isTeaching ? reachOf(matching, marks) : undefined;
  // Before the decoy that is asked in full: at another hour it has another rate of messages of no click, and what the answer has left to its decoys would be worked out again.
  if (reach !== undefined) hold(scope, question, posterior, reach);
  const isWatched = hashOf(marks.messageId) % DECOY_IN === 0;
  const decoy = isWatched ? askDecoy(scope, question) : undefined;
  withdraw(matching, question);
  keepShare(matching, posterior);
  if (isTeaching) learnUnidentified(matching, scope.state, currentModel(matching, scope.state), marks, posterior, reach);
  scope.effects.answered.push({
    workspace: scope.account.workspace,
    account: scope.account.account,
    atMs: marks.timeMs,
    pNone: posterior.pNone,
    pClick: posterior.options[0]?.probability ?? 0,
    pDecoy: decoy === undefined ? undefined : (decoy.options[0]?.probability ?? 0),
  });
}

function test(scope: Scope, question: Question, posterior: Posterior): void {
  const { options, pNone, pOther, scanned } = posterior;
  const { matching } = scope.account;
  const found = options.find(({ click }) => click === question.truth);
  const unlisted = pOther / Math.max(1, scanned - options.length);
  scope.effects.tested.push({
    workspace: scope.account.workspace,
    account: scope.account.account,
    atMs: question.marks.timeMs,
    pTruth: found?.probability ?? Math.max(unlisted, 1e-6),
    pTop: options[0]?.probability ?? 0,
    isTopRight: options[0]?.click === question.truth,
    pNone,
    trial: trialOf(matching, currentModel(matching, scope.state), question.marks, posterior, question.truth),
  });
}

/** FNV-1a, 32 bits: which messages are tested must not depend on anything but their ids. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193) >>> 0;
  }
  return hash;
}
