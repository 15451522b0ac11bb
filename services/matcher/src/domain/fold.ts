import { correctionAnswer } from './answer.ts';
import type { BatchMemory } from './batch-memory.ts';
import { admit, expire } from './click-window.ts';
import { type Contact, leadOfMessage, mergeContacts, withAliases } from './contact.ts';
import { findContact, keepContact, newContact } from './contact-book.ts';
import { type Arrival, type Placed, placeMessage } from './conversation.ts';
import { codeKey, useKey } from './entries.ts';
import { codeIdentifierOf, identify } from './identifier.ts';
import { finaliseDue, findLead, reviseLead } from './lead-book.ts';
import { expirePending, wait, waitingFor } from './pending-codes.ts';
import { type Effects, type FoldTools, type Scope, write } from './scope.ts';
import { accountOf, type PartitionState, rememberPlacement } from './state.ts';
import {
  type ClickTouchpoint,
  type ContactChangeTouchpoint,
  type CorrectionTouchpoint,
  decisionTimeMs,
  type MessageTouchpoint,
  type Touchpoint,
} from './touchpoint.ts';

/** What became of a record; a metric label. */
export type FoldOutcome = Placed | 'registered' | 'bot' | 'ignored' | 'merged' | 'too_late' | 'unknown_lead' | 'time_passed' | 'settings';

/** A webhook more than a day late is marked: live statistics do not learn from it. */
const LATE_MS = 86_400_000;
/** A code may be asked for until it expires; a webhook may bring it a week later still. */
const CODE_SLACK_MS = 8 * 86_400_000;

/**
 * Folds one record into the state. Every entry of the join store that `needs` names must be in `memory`.
 * Deterministic: the same log gives the same effects, wherever its batches are cut.
 */
export function fold(state: PartitionState, touchpoint: Touchpoint, memory: BatchMemory, tools: FoldTools, effects: Effects): FoldOutcome {
  const { offset } = touchpoint;
  state.clockMs = Math.max(state.clockMs, touchpoint.kind === 'tick' ? touchpoint.atMs : touchpoint.observedAtMs);
  finaliseDue({ state, memory, tools, effects, offset });
  if (touchpoint.kind === 'tick') return 'time_passed';

  const account = accountOf(state, touchpoint.workspace, touchpoint.account);
  const scope: Scope = { state, account, memory, tools, effects, offset };
  forget(scope);
  switch (touchpoint.kind) {
    case 'click':
      return foldClick(scope, touchpoint);
    case 'message':
      return foldMessage(scope, touchpoint);
    case 'contact_change':
      return foldContactChange(scope, touchpoint);
    case 'correction':
      return foldCorrection(scope, touchpoint);
    case 'epoch':
      account.settings = touchpoint.settings;
      rememberPlacement(account, touchpoint.settings.dedicatedSource?.placement ?? '');
      return 'settings';
  }
}

/** Lets old clicks and old waiting codes go; what leaves is remembered until the end of the batch, because the store may not be asked again. */
function forget({ state, account, memory }: Scope): void {
  expire(account.window, state.clockMs, ({ facts, isIndexed, usedBy, usedByLead }) => {
    if (!isIndexed) return;
    memory.learn(codeKey(account.workspace, account.account, facts.code), { kind: 'click', click: facts });
    memory.learn(
      useKey(account.workspace, account.account, facts.code),
      usedBy === '' ? null : { kind: 'use', contact: usedBy, leadId: usedByLead },
    );
  });
  expirePending(account.pending, state.clockMs);
}

function foldClick(scope: Scope, { click: seen, isBot, eventTimeMs, observedAtMs }: ClickTouchpoint): FoldOutcome {
  const { account } = scope;
  const click = { ...seen, clickedAtMs: decisionTimeMs({ eventTimeMs, observedAtMs }) };
  if (!admit(account.window, click, observedAtMs, isBot)) return 'duplicate';
  rememberPlacement(account, click.source.placement);
  if (click.code !== '') {
    const expiresAtMs = click.clickedAtMs + account.settings.clickWindowMs + CODE_SLACK_MS;
    // A bot's click is no intent, yet a code that comes back in a message was seen by a person: a browser that prefetched, say.
    write(scope, codeKey(account.workspace, account.account, click.code), { kind: 'click', click }, expiresAtMs);
    answerWaiting(scope, click.code);
  }
  // A click far older than the window leaves at once.
  forget(scope);
  return isBot ? 'bot' : 'registered';
}

/** Messages that came before this click. */
function answerWaiting(scope: Scope, code: string): void {
  const { account, memory } = scope;
  const waiting = waitingFor(account.pending, code);
  if (waiting.length === 0) return;
  account.pending.delete(code);
  for (const { contact: key, messageId, messageTimeMs, carrier } of waiting) {
    const contact = findContact(scope, [key]);
    if (contact === undefined) continue;
    const joined = leadOfMessage(contact, messageId);
    const origin = joined ?? contact.leads.findLast((memo) => memo.startedAtMs <= messageTimeMs);
    const lead = origin === undefined ? undefined : findLead(scope, origin.leadId);
    if (lead === undefined) continue;
    const identifier = codeIdentifierOf(account, memory, { code, carrier, intact: true }, messageTimeMs, contact.aliases);
    const first = { id: messageId, timeMs: messageTimeMs };
    const { channel, platformUserId, phone, late } = lead;
    const arrival: Arrival = { first, identifier, person: { channel, platformUserId, phone, late }, message: undefined, mayStart: true };
    keepContact(scope, contact, placeMessage(scope, contact, arrival).contact);
  }
}

function foldMessage(scope: Scope, message: MessageTouchpoint): FoldOutcome {
  const { account, memory, state } = scope;
  if (message.class === 'reaction' || message.contactKeys.length === 0) return 'ignored';
  const known = findContact(scope, message.contactKeys);
  const contact = known === undefined ? newContact(message.contactKeys) : withAliases(known, message.contactKeys);
  const id = message.editsMessageId === '' ? message.messageId : message.editsMessageId;
  const receivedTimeMs = decisionTimeMs(message);
  const original = leadOfMessage(contact, id)?.firstMessages.find((first) => first.id === id);
  // An edit is dated by the message it edits, where that is known: what it says was said then.
  const timeMs = message.editsMessageId !== '' && original !== undefined ? original.timeMs : receivedTimeMs;
  const { best, unknown } = identify(account, memory, message, timeMs, contact.aliases);
  const arrival: Arrival = {
    first: { id, timeMs },
    identifier: best,
    person: {
      channel: message.channel,
      platformUserId: message.platformUserId,
      phone: message.phone,
      late: message.observedAtMs - message.eventTimeMs > LATE_MS,
    },
    message,
    mayStart: mayStart(message, contact),
  };
  const { contact: placed, placed: outcome, leadId } = placeMessage(scope, contact, arrival);
  if (leadId !== '') {
    for (const { code, carrier } of unknown) {
      wait(account.pending, code, state.clockMs, { contact: placed.key, messageId: id, messageTimeMs: timeMs, carrier });
    }
  }
  if (known !== undefined || placed.leads.length > 0) keepContact(scope, known, placed);
  return outcome;
}

/** Who has not written yet starts nothing, unless an ad or a link says where they come from. */
function mayStart(message: MessageTouchpoint, contact: Contact): boolean {
  switch (message.class) {
    case 'words':
      // An edit starts a lead only when its original has not arrived: editing an old message is no new conversation.
      return message.editsMessageId === '' || contact.leads.length === 0;
    case 'welcome':
      return message.referral !== undefined;
    case 'join':
      return message.inviteLinkName !== '';
    case 'reaction':
      return false;
  }
}

function foldContactChange(scope: Scope, { previousKeys, keys }: ContactChangeTouchpoint): FoldOutcome {
  const all = [...previousKeys, ...keys];
  if (all.length === 0) return 'ignored';
  const before = findContact(scope, previousKeys);
  const after = findContact(scope, keys);
  const merged = before === undefined ? after : after === undefined || after.key === before.key ? before : mergeContacts(before, after);
  // A message under the old key may still be on its way.
  const contact = merged === undefined ? newContact(all) : withAliases(merged, all);
  keepContact(scope, merged === before ? before : undefined, contact);
  return 'merged';
}

function foldCorrection(scope: Scope, correction: CorrectionTouchpoint): FoldOutcome {
  const lead = findLead(scope, correction.leadId);
  if (lead === undefined) return 'unknown_lead';
  const named = lead.candidates.find((candidate) => candidate.clickId === correction.clickId);
  const recent = scope.account.window.byId.get(correction.clickId)?.facts;
  const answer = correctionAnswer(correction, named?.clickedAtMs ?? recent?.clickedAtMs ?? 0, named?.source ?? recent?.source);
  return reviseLead(scope, lead, answer) === undefined ? 'too_late' : 'revised';
}
