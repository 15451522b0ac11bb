import type { Arrival } from './arrival.ts';
import { CANDIDATE, profileAt, release, slotOf, take } from './click-store.ts';
import { trueTimeMs, watchDelay } from './clock-skew.ts';
import { surrender } from './commitments.ts';
import type { Contact } from './contact.ts';
import { useKey } from './entries.ts';
import type { Identifier } from './identifier.ts';
import type { Lead } from './lead.ts';
import { learnForward, learnGone, learnIdentified } from './learning.ts';
import { type Marks, marksOf } from './marks.ts';
import { type Scope, tellSkew, write } from './scope.ts';
import { countResponse } from './surge.ts';
import { dropQuestion, openTest } from './unidentified.ts';

/**
 * The first contact to bring a code owns it; the click is no candidate for other messages any more, and what it taught is learned. A lead
 * with any identifier asks no question.
 */
export function claim(scope: Scope, identifier: Identifier, contact: Contact, leadId: string, arrival: Arrival): void {
  const asked = dropQuestion(scope, leadId);
  if (identifier.kind !== 'click' || identifier.code === '') return;
  const { account, state } = scope;
  const { clicks } = account.matching;
  const { first, person } = arrival;
  const number = clicks.byCode.get(identifier.code);
  if (identifier.isForward && !identifier.isHeld) {
    if (number !== undefined) learnForward(state, (first.timeMs - identifier.click.clickedAtMs) / 1_000);
    return;
  }
  if (number !== undefined) {
    if (clicks.claims.has(number)) return;
    clicks.claims.set(number, { contact: contact.key, leadId });
    const marks = marksOfArrival(scope, arrival) ?? asked;
    const writtenAtMs = marks?.timeMs ?? first.timeMs;
    take(clicks, number, writtenAtMs);
    if (!person.late && watchDelay(account.matching.clock, identifier.click.clickedAtMs, first.timeMs)) tellSkew(scope);
    if (identifier.isHeld) learnForward(state, (writtenAtMs - identifier.click.clickedAtMs) / 1_000);
    else if (marks !== undefined && !person.late) learn(scope, number, leadId, contact.key, marks);
    surrender(scope, number, leadId, writtenAtMs);
  } else if (!person.late) {
    learnGone(account.matching, state, marksOfArrival(scope, arrival)?.timeMs ?? first.timeMs, identifier.click.clickedAtMs);
  }
  const expiresAtMs = identifier.click.clickedAtMs + account.settings.clickWindowMs + USE_SLACK_MS;
  write(scope, useKey(account.workspace, account.account, identifier.code), { kind: 'use', contact: contact.key, leadId }, expiresAtMs);
}

/** The lead had claimed a click with a code that was none of its own: whoever brings that code is the first to. */
export function unclaim({ account }: Scope, { leadId, clickId }: Lead): void {
  const { clicks } = account.matching;
  const number = clickId === '' ? undefined : clicks.byId.get(clickId);
  if (number === undefined || clicks.claims.get(number)?.leadId !== leadId) return;
  clicks.claims.delete(number);
  release(clicks, number);
}

/** Undefined when only the code of the message is remembered. */
export function marksOfArrival({ account }: Scope, { first, message }: Arrival): Marks | undefined {
  if (message === undefined) return undefined;
  return marksOf(message, first.id, trueTimeMs(account.matching.clock, first.timeMs, message.observedAtMs));
}

function learn(scope: Scope, click: number, leadId: string, contact: string, marks: Marks): void {
  const { matching, open } = scope.account;
  const { clicks } = matching;
  const slot = slotOf(clicks, click);
  // No statistic counts clicks of programs and of the workspace's own people: neither may it count what came of them.
  if ((clicks.columns.flags[slot]! & CANDIDATE) === 0) return;
  learnIdentified(matching, scope.state, click, marks);
  countResponse(matching.surges, clicks.columns.clickedAtMs[slot]!, profileAt(clicks, slot));
  if (open.has(leadId)) openTest(scope, leadId, contact, click, marks);
}

/** A code may be forwarded until it expires, and a webhook may be a week late. */
const USE_SLACK_MS = 8 * 86_400_000;
