import { correctionAnswer } from './answer.ts';
import type { Arrival } from './arrival.ts';
import type { BatchMemory } from './batch-memory.ts';
import { admit, clickById } from './click-store.ts';
import { watchLag } from './clock-skew.ts';
import { giveBack, hold, surrenderForGood } from './commitments.ts';
import { type Contact, leadOfMessage, withAliases, withSent } from './contact.ts';
import { findContact, keepContact, newContact } from './contact-book.ts';
import { type Placed, placeMessage } from './conversation.ts';
import { goalOf, rememberAdClick } from './detected-goal.ts';
import { codeKey, sentKey } from './entries.ts';
import { finaliseDue } from './finalising.ts';
import { codeIdentifierOf, identify } from './identifier.ts';
import { findLead, reviseLead } from './lead-book.ts';
import { hasLostCodes } from './lost-codes.ts';
import { expireClicks, isStockDue, registerClick, takeStock } from './matching.ts';
import { expirePending, wait, waitingFor } from './pending-codes.ts';
import { countClick, countEffects, markOf, tellQuality } from './quality-book.ts';
import { foldReplayed } from './replayed-correction.ts';
import { type Effects, type FoldTools, type Scope, tellSkew, write } from './scope.ts';
import { passSilence } from './silence.ts';
import { accountOf, matchings, type PartitionState, rememberPlacement } from './state.ts';
import {
  type ClickTouchpoint,
  type ContactChangeTouchpoint,
  type CorrectionTouchpoint,
  type DetectedGoalTouchpoint,
  decisionTimeMs,
  type MessageTouchpoint,
  type ModelTouchpoint,
  type SentTouchpoint,
  type StatusTouchpoint,
  type TickTouchpoint,
  type Touchpoint,
} from './touchpoint.ts';
import { dropQuestion, forgetUnidentified } from './unidentified.ts';

/** What became of a record; a metric label. */
export type FoldOutcome =
  | Placed
  | 'registered'
  | 'code_taken'
  | 'bot'
  | 'internal'
  | 'ignored'
  | 'merged'
  | 'goal'
  | 'too_late'
  | 'unknown_lead'
  | 'time_passed'
  | 'settings'
  | 'model'
  | 'unknown_model';

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
  const mark = markOf(effects);
  const beforeMs = state.clockMs;
  state.clockMs = Math.max(state.clockMs, touchpoint.kind === 'tick' ? touchpoint.atMs : touchpoint.observedAtMs);
  tellQuality(state, effects, beforeMs, offset);
  if (isStockDue(state, state.clockMs)) takeStock(state, matchings(state), state.clockMs);
  finaliseDue({ state, memory, tools, effects, offset });
  const outcome = foldRecord(state, touchpoint, memory, tools, effects);
  countEffects(state, effects, mark);
  return outcome;
}

function foldRecord(state: PartitionState, touchpoint: Touchpoint, memory: BatchMemory, tools: FoldTools, effects: Effects): FoldOutcome {
  const { offset } = touchpoint;
  if (touchpoint.kind === 'tick') return 'time_passed';
  if (touchpoint.kind === 'status') return 'ignored';
  // It moves nothing: an account that is known by its goals alone needs no state.
  if (touchpoint.kind === 'detected_goal') return foldGoal(state, touchpoint, memory, effects);
  // Of no account: it must not make one of the empty name.
  if (touchpoint.kind === 'model') return foldModel(state, touchpoint, tools);

  const account = accountOf(state, touchpoint.workspace, touchpoint.account);
  const scope: Scope = { state, account, memory, tools, effects, offset };
  if (touchpoint.kind === 'click' || touchpoint.kind === 'message') passSilence(account.matching, state.clockMs);
  const outcome = foldKind(scope, touchpoint);
  // Last, so that what `needs` found in the state is still there when it is read.
  expireClicks(account.matching, state, state.clockMs);
  forgetUnidentified(scope);
  expirePending(account.pending, state.clockMs);
  return outcome;
}

function foldKind(
  scope: Scope,
  touchpoint: Exclude<Touchpoint, TickTouchpoint | StatusTouchpoint | DetectedGoalTouchpoint | ModelTouchpoint>,
): FoldOutcome {
  switch (touchpoint.kind) {
    case 'click':
      return foldClick(scope, touchpoint);
    case 'message':
      return foldMessage(scope, touchpoint);
    case 'contact_change':
      return foldContactChange(scope, touchpoint);
    case 'sent':
      return foldSent(scope, touchpoint);
    case 'correction':
      return foldCorrection(scope, touchpoint);
    case 'epoch':
      scope.account.settings = touchpoint.settings;
      rememberPlacement(scope.account, touchpoint.settings.dedicatedSource?.placement ?? '');
      return 'settings';
  }
}

/** Another model for all accounts of the partition. A version that nobody has any more leaves the one in force: better an old model than none. */
function foldModel(state: PartitionState, { modelVersion }: ModelTouchpoint, tools: FoldTools): FoldOutcome {
  const model = tools.model(modelVersion);
  if (model === undefined) return 'unknown_model';
  state.platform = model;
  return 'model';
}

function foldGoal(state: PartitionState, touchpoint: DetectedGoalTouchpoint, memory: BatchMemory, effects: Effects): FoldOutcome {
  const goal = goalOf(state, touchpoint, memory);
  if (goal === undefined) return 'unknown_lead';
  effects.goals.push(goal);
  return 'goal';
}

function foldClick(scope: Scope, { click: seen, isBot, isInternal, isSendback, eventTimeMs, observedAtMs }: ClickTouchpoint): FoldOutcome {
  const { account } = scope;
  const clickedAtMs = decisionTimeMs({ eventTimeMs, observedAtMs });
  const click = seen.clickedAtMs === clickedAtMs ? seen : { ...seen, clickedAtMs };
  const { matching } = account;
  if (!admit(matching.clicks, click, observedAtMs, !isBot && !isInternal && isSendback !== true, hasLostCodes(matching.learned)))
    return 'duplicate';
  rememberPlacement(account, click.source.placement);
  registerClick(matching, matching.clicks.next - 1, click.greetingVariant);
  countClick(account, scope.state, scope.effects, matching.clicks.next - 1);
  if (click.code !== '') {
    const expiresAtMs = click.clickedAtMs + account.settings.clickWindowMs + CODE_SLACK_MS;
    // A bot's click is no intent, yet a code that comes back in a message was seen by a person: a browser that prefetched, say.
    write(scope, codeKey(account.workspace, account.account, click.code), { kind: 'click', click }, expiresAtMs);
    answerWaiting(scope, click.code);
  }
  if (isBot) return 'bot';
  if (isInternal) return 'internal';
  const holder = matching.clicks.byCode.get(click.code);
  return holder === undefined || holder === matching.clicks.next - 1 ? 'registered' : 'code_taken';
}

/** Messages that came before this click. */
function answerWaiting(scope: Scope, code: string): void {
  const { account, memory, state } = scope;
  const waiting = waitingFor(account.pending, code, state.clockMs);
  if (waiting.length === 0) return;
  account.pending.delete(code);
  for (const { contact: key, messageId, messageTimeMs, carrier } of waiting) {
    const contact = findContact(scope, [key])?.contact;
    if (contact === undefined) continue;
    const joined = leadOfMessage(contact, messageId);
    const origin = joined ?? contact.leads.findLast((memo) => memo.startedAtMs <= messageTimeMs);
    const lead = origin === undefined ? undefined : findLead(scope, origin.leadId);
    if (lead === undefined) continue;
    const identifier = codeIdentifierOf(
      { account, platform: state, lookups: memory, messageTimeMs, person: contact.aliases, sent: undefined },
      { code, carrier, intact: true },
    );
    const first = { id: messageId, timeMs: messageTimeMs };
    const { channel, platformUserId, phone, late } = lead;
    const arrival: Arrival = { first, identifier, person: { channel, platformUserId, phone, late }, message: undefined, mayStart: true };
    keepContact(scope, contact, placeMessage(scope, contact, arrival).contact);
  }
}

function foldMessage(scope: Scope, message: MessageTouchpoint): FoldOutcome {
  const { account, memory, state } = scope;
  if (message.class === 'reaction' || message.contactKeys.length === 0) return 'ignored';
  // Own people and programs: no lead, and nothing to learn from. The record itself, with its reason, is in the log and the warehouse.
  if (message.isInternal) return 'internal';
  const found = findContact(scope, message.contactKeys);
  const known = found?.contact;
  const contact = known === undefined ? newContact(message.contactKeys) : withAliases(known, message.contactKeys);
  const id = message.editsMessageId === '' ? message.messageId : message.editsMessageId;
  const receivedTimeMs = decisionTimeMs(message);
  const original = leadOfMessage(contact, id)?.firstMessages.find((first) => first.id === id);
  // An edit is dated by the message it edits, where that is known: what it says was said then.
  const timeMs = message.editsMessageId !== '' && original !== undefined ? original.timeMs : receivedTimeMs;
  const isDated = message.eventTimeMs > 0;
  if (isDated && watchLag(account.matching.clock, message.eventTimeMs, message.observedAtMs)) tellSkew(scope);
  const { best, unknown } = identify(
    { account, platform: state, lookups: memory, messageTimeMs: timeMs, person: contact.aliases, sent: contact.sent },
    message,
  );
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
    rememberAdClick(scope, message, placed.key, leadId, account.settings.clickWindowMs + CODE_SLACK_MS);
    for (const { code, carrier } of unknown) {
      wait(account.pending, code, state.clockMs, { contact: placed.key, messageId: id, messageTimeMs: timeMs, carrier });
    }
  }
  if (known !== undefined || placed.leads.length > 0) keepContact(scope, found?.isMerged === true ? undefined : known, placed);
  return outcome;
}

/** Who has not written yet starts nothing, unless an ad or a link says where they come from. */
function mayStart(message: MessageTouchpoint, contact: Contact): boolean {
  switch (message.class) {
    case 'words':
      // An edit starts a lead only when its original has not arrived: editing an old message is no new conversation.
      return message.editsMessageId === '' || contact.leads.length === 0;
    case 'welcome':
      return message.referral !== undefined || message.codes.length > 0 || message.startPayload !== '';
    case 'join':
      return message.inviteLinkName !== '';
    case 'reaction':
      return false;
  }
}

function foldContactChange(scope: Scope, { previousKeys, keys }: ContactChangeTouchpoint): FoldOutcome {
  const all = [...previousKeys, ...keys];
  if (all.length === 0) return 'ignored';
  const known = findContact(scope, all)?.contact;
  // Also when nobody is known: a message under the old key may still be on its way.
  keepContact(scope, undefined, known === undefined ? newContact(all) : withAliases(known, all));
  return 'merged';
}

/** A message that we sent first: a reply to it, or the person's next words, say where they come from as a code would. */
function foldSent(scope: Scope, sent: SentTouchpoint): FoldOutcome {
  const { account } = scope;
  const { messageId, contactKeys, click } = sent;
  const atMs = decisionTimeMs(sent);
  const expiresAtMs = atMs + account.settings.clickWindowMs + CODE_SLACK_MS;
  write(scope, sentKey(account.workspace, account.account, messageId), { kind: 'click', click }, expiresAtMs);
  rememberPlacement(account, click.source.placement);
  const known = findContact(scope, contactKeys);
  const contact = known === undefined ? newContact(contactKeys) : withAliases(known.contact, contactKeys);
  const kept = withSent(contact, { atMs, click });
  if (kept !== known?.contact) keepContact(scope, known?.isMerged === true ? undefined : known?.contact, kept);
  return 'registered';
}

function foldCorrection(scope: Scope, correction: CorrectionTouchpoint): FoldOutcome {
  const lead = findLead(scope, correction.leadId);
  if (lead === undefined) return 'unknown_lead';
  if (correction.replayed !== undefined) return foldReplayed(scope, lead, correction.replayed, correction.correctedBy);
  const named = lead.candidates.find((candidate) => candidate.clickId === correction.clickId);
  const recent = clickById(scope.account.matching.clicks, correction.clickId);
  dropQuestion(scope, correction.leadId);
  const answer = correctionAnswer(correction, named?.clickedAtMs ?? recent?.clickedAtMs ?? 0, named?.source ?? recent?.source);
  const revised = reviseLead(scope, lead, answer);
  if (revised === undefined) return 'too_late';
  giveBack(scope, lead);
  hold(scope, revised);
  if (recent !== undefined) surrenderForGood(scope, recent.number, lead.leadId);
  return 'revised';
}
