import { identifiedAnswer } from './answer.ts';
import type { Arrival } from './arrival.ts';
import { claim, marksOfArrival, unclaim } from './claiming.ts';
import { giveBack, settle } from './commitments.ts';
import {
  type Contact,
  type FirstMessage,
  type LeadMemo,
  leadAt,
  leadOfMessage,
  NO_MESSAGE,
  OPENING_MS,
  withLead,
  withMessage,
  withoutMessage,
} from './contact.ts';
import type { Identifier } from './identifier.ts';
import { type Answer, isCertain, type Lead } from './lead.ts';
import { FINAL_AFTER_MS, findLead, reviseLead, startLead } from './lead-book.ts';
import type { Scope } from './scope.ts';
import { answerUnidentified } from './unidentified.ts';

export type Placed = 'started' | 'revised' | 'belongs' | 'duplicate' | 'no_lead';

export interface Placement {
  readonly contact: Contact;
  readonly placed: Placed;
  /** Lead that the message belongs to or started; empty when there is none. */
  readonly leadId: string;
}

/**
 * Where a message of a contact goes: into the lead it belongs to, changing its answer when it knows better, or into a new one.
 * The rules and their reasons are in docs/decisions/0007-lead-lifecycle.md.
 */
export function placeMessage(scope: Scope, contact: Contact, arrival: Arrival): Placement {
  const { first, identifier } = arrival;
  const repeated = leadOfMessage(contact, first.id);
  const memo = repeated ?? leadAt(contact, first.timeMs, scope.account.settings.returningWindowMs);
  if (memo === undefined) {
    return arrival.mayStart ? openLead(scope, contact, arrival, undefined) : { contact, placed: 'no_lead', leadId: '' };
  }
  const joined = withMessage(memo, first);
  if (identifier !== undefined && !contact.leads.some((lead) => lead.identity === identifier.identity)) {
    const isOpening = isInOpening(joined, first, identifier);
    if (identifier.kind !== 'stale' && ((memo.identity === '' && isOpening) || wasMisread(scope, memo, first, identifier))) {
      return identify(scope, contact, memo, joined, arrival, identifier);
    }
    if (!isOpening || identifier.kind !== 'stale') {
      const opened = openAnother(scope, contact, memo, arrival);
      if (opened !== undefined) return opened;
    }
  }
  const placed = repeated === undefined ? 'belongs' : 'duplicate';
  const earlier = joined.startedAtMs < memo.startedAtMs ? revise(scope, joined, {}) : undefined;
  return { contact: withLead(contact, joined), placed: earlier === undefined ? placed : 'revised', leadId: joined.leadId };
}

/** Row 2: the first three messages or two minutes. A click or an ad tap of later than that opened a conversation of its own. */
function isInOpening(memo: LeadMemo, message: FirstMessage, identifier: Identifier): boolean {
  const openUntilMs = memo.startedAtMs + OPENING_MS;
  if (message.timeMs <= openUntilMs) return true;
  const isAmongFirst = memo.firstMessages.some((first) => first.id === message.id);
  return isAmongFirst && identifier.kind === 'click' && identifier.click.clickedAtMs <= openUntilMs;
}

/** The very code of a message that had been read as a slip of another one: its click came later, or an edit has set it right. */
function wasMisread(scope: Scope, memo: LeadMemo, first: FirstMessage, identifier: Identifier): boolean {
  if (identifier.kind !== 'click' || identifier.repaired !== undefined || memo.decidingMessage.id !== first.id) return false;
  return findLead(scope, memo.leadId)?.method === 'damaged_id';
}

/** A lead without identifier gets one; a misread one gets the right one. */
function identify(
  scope: Scope,
  contact: Contact,
  memo: LeadMemo,
  joined: LeadMemo,
  arrival: Arrival,
  identifier: Exclude<Identifier, { kind: 'stale' }>,
): Placement {
  const lead = findLead(scope, memo.leadId);
  // A correction stands whatever comes later; the identity is still remembered, so that the same code does not open another lead.
  const answer = lead === undefined || lead.method === 'correction' ? {} : identifiedAnswer(identifier, arrival.first.timeMs);
  const identified: LeadMemo = { ...joined, identity: identifier.identity, decidingMessage: arrival.first };
  const revised = revise(scope, identified, answer);
  if (revised !== undefined) {
    if (lead !== undefined) {
      giveBack(scope, lead);
      unclaim(scope, lead);
    }
    claim(scope, identifier, contact, memo.leadId, arrival);
  }
  return { contact: withLead(contact, identified), placed: revised === undefined ? 'belongs' : 'revised', leadId: memo.leadId };
}

/**
 * Another click's code opens another lead. When the message is the very one that the lead is named after (its click arrived late and a
 * later message has identified the lead meanwhile), the lead takes the click of its own first message, and the later message starts
 * the other lead with what it brought.
 */
function openAnother(scope: Scope, contact: Contact, memo: LeadMemo, arrival: Arrival): Placement | undefined {
  const { workspace, account } = scope.account;
  const { identifier } = arrival;
  const leadId = scope.tools.leadId(workspace, account, contact.key, arrival.first.id);
  if (!contact.leads.some((known) => known.leadId === leadId)) {
    const opened = openLead(scope, contact, arrival, memo);
    return { ...opened, contact: withoutOpener(scope, opened.contact, memo, arrival.first.id) };
  }
  const displaced = memo.decidingMessage;
  if (
    leadId !== memo.leadId ||
    identifier === undefined ||
    identifier.kind === 'stale' ||
    displaced.id === '' ||
    displaced.id === arrival.first.id
  ) {
    return undefined;
  }
  const lead = findLead(scope, memo.leadId);
  const otherId = scope.tools.leadId(workspace, account, contact.key, displaced.id);
  if (lead === undefined || lead.method === 'correction' || contact.leads.some((known) => known.leadId === otherId)) return undefined;
  const left = withoutMessage(withMessage(memo, arrival.first), displaced.id) ?? memo;
  const kept: LeadMemo = { ...left, identity: identifier.identity, decidingMessage: arrival.first };
  if (revise(scope, kept, identifiedAnswer(identifier, arrival.first.timeMs)) === undefined) return undefined;
  claim(scope, identifier, contact, memo.leadId, arrival);
  const { channel, platformUserId, phone, late } = lead;
  startLead(
    scope,
    {
      leadId: otherId,
      channel,
      contact: contact.key,
      platformUserId,
      phone,
      late,
      firstMessageId: displaced.id,
      startedAtMs: displaced.timeMs,
    },
    answerOf(lead),
  );
  const other = memoOf(otherId, displaced, memo.identity);
  return { contact: withLead(withLead(contact, kept), other), placed: 'started', leadId: memo.leadId };
}

/** A message that had joined a lead before its click showed that it opened another: the lead gets back the start it had without it. */
function withoutOpener(scope: Scope, contact: Contact, memo: LeadMemo, messageId: string): Contact {
  const left = withoutMessage(memo, messageId);
  if (left === undefined || left.firstMessages.length === memo.firstMessages.length) return contact;
  if (left.startedAtMs !== memo.startedAtMs) revise(scope, left, {});
  return withLead(contact, left);
}

/** `within` is the lead the message would belong to if it did not open its own. */
function openLead(scope: Scope, contact: Contact, arrival: Arrival, within: LeadMemo | undefined): Placement {
  const { account, state, tools } = scope;
  const { first, identifier, person } = arrival;
  const leadId = tools.leadId(account.workspace, account.account, contact.key, first.id);
  if (contact.leads.some((known) => known.leadId === leadId)) return { contact, placed: 'duplicate', leadId };
  const answer =
    identifier === undefined || identifier.kind === 'stale'
      ? answerUnidentified(
          scope,
          leadId,
          contact.key,
          marksOfArrival(scope, arrival),
          within === undefined ? undefined : findLead(scope, within.leadId),
          { isLate: person.late, isFinal: state.clockMs >= first.timeMs + FINAL_AFTER_MS },
        )
      : identifiedAnswer(identifier, first.timeMs);
  startLead(scope, { ...person, leadId, contact: contact.key, firstMessageId: first.id, startedAtMs: first.timeMs }, answer);
  if (!isCertain(answer.method)) settle(scope, { leadId, contact: contact.key }, '', answer);
  if (identifier !== undefined) claim(scope, identifier, contact, leadId, arrival);
  // An expired code that decides nothing must not stand in the way of a live one in the next message.
  const identity = identifier === undefined || (identifier.kind === 'stale' && within === undefined) ? '' : identifier.identity;
  return { contact: withLead(contact, memoOf(leadId, first, identity)), placed: 'started', leadId };
}

function memoOf(leadId: string, first: FirstMessage, identity: string): LeadMemo {
  return {
    leadId,
    startedAtMs: first.timeMs,
    lastMessageAtMs: first.timeMs,
    firstMessages: [first],
    identity,
    decidingMessage: identity === '' ? NO_MESSAGE : first,
  };
}

function revise(scope: Scope, memo: LeadMemo, answer: Partial<Answer>): Lead | undefined {
  const lead = findLead(scope, memo.leadId);
  if (lead === undefined) return undefined;
  const start = memo.firstMessages[0]!;
  const isSameStart = lead.startedAtMs === memo.startedAtMs;
  if (isSameStart && answer.method === undefined) return undefined;
  // An answer without identifier never replaces one with.
  if (answer.method !== undefined && !isCertain(answer.method) && isCertain(lead.method)) return undefined;
  return reviseLead(scope, lead, isSameStart ? answer : { ...answer, firstMessageId: start.id, startedAtMs: start.timeMs });
}

function answerOf(lead: Lead): Answer {
  const {
    method,
    resolvedTo,
    clickId,
    clickedAtMs,
    source,
    probability,
    pNone,
    pOther,
    candidates,
    sourceShares,
    evidence,
    candidatesScanned,
    carrier,
  } = lead;
  return {
    method,
    resolvedTo,
    clickId,
    clickedAtMs,
    source,
    probability,
    pNone,
    pOther,
    candidates,
    sourceShares,
    evidence,
    candidatesScanned,
    carrier,
  };
}
