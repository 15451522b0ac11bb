import { currentModel } from './account-matching.ts';
import { releaseContact } from './contact-book.ts';
import { leadKey } from './entries.ts';
import { hashOf } from './hash-index.ts';
import { must } from './identifier.ts';
import type { Answer, Lead } from './lead.ts';
import type { Packed } from './packing.ts';
import { type Scope, write } from './scope.ts';
import type { AccountState, PartitionState } from './state.ts';

/** A decision is final an hour of event time after the message: waiting longer buys nothing. */
export const FINAL_AFTER_MS = 3_600_000;
/** Later knowledge changes a lead for 30 days. */
export const CORRECTABLE_MS = 30 * 86_400_000;
/** Bots and CRMs ask for a lead for as long as it may change and a customer may come back to it. */
const LEAD_RETENTION_MS = 120 * 86_400_000;

export type LeadStart = Pick<
  Lead,
  'leadId' | 'channel' | 'contact' | 'platformUserId' | 'phone' | 'firstMessageId' | 'startedAtMs' | 'late'
>;

/** The newest revision of a lead, open or not; undefined when the account has no such lead. */
export function findLead(scope: Scope, leadId: string): Lead | undefined {
  const open = scope.account.open.get(leadId);
  if (open !== undefined) return open.lead;
  const entry = must(scope.memory, leadKey(scope.account.workspace, leadId));
  return entry?.kind === 'lead' && entry.lead.account === scope.account.account ? entry.lead : undefined;
}

export function startLead(scope: Scope, start: LeadStart, answer: Answer): Lead {
  const { state, account } = scope;
  const dueAtMs = start.startedAtMs + FINAL_AFTER_MS;
  const isFinal = state.clockMs >= dueAtMs;
  const lead: Lead = {
    ...answer,
    ...start,
    revision: 1,
    state: isFinal ? 'final' : 'provisional',
    workspace: account.workspace,
    account: account.account,
    ...stamp(scope),
  };
  if (!isFinal) {
    account.open.put({ lead, sequence: state.nextSequence });
    appoint(state, account, lead, state.nextSequence);
    state.nextSequence += 1;
  }
  emit(scope, lead);
  return lead;
}

/** Makes the next revision when something changed; undefined when nothing did or when the lead is past correcting. */
export function reviseLead(
  scope: Scope,
  lead: Lead,
  change: Partial<Answer & Pick<Lead, 'firstMessageId' | 'startedAtMs' | 'modelVersion'>>,
): Lead | undefined {
  const { state, account } = scope;
  if (state.clockMs > lead.startedAtMs + CORRECTABLE_MS) return undefined;
  const opened = account.open.get(lead.leadId);
  const revised: Lead = {
    ...lead,
    ...stamp(scope),
    // After the stamp: a replay's answer is of its own model and not of the one in force.
    ...change,
    revision: lead.revision + 1,
    state: opened === undefined ? 'corrected' : 'provisional',
  };
  if (opened !== undefined) {
    const { sequence } = opened;
    account.open.put({ lead: revised, sequence });
    if (lead.startedAtMs !== revised.startedAtMs) appoint(state, account, revised, sequence);
  }
  emit(scope, revised);
  return revised;
}

/** The last revision of an open lead by itself; `last` is what its open question has to say, if it has one. */
export function closeLead(scope: Scope, lead: Lead, last: Answer | undefined): void {
  emit(scope, { ...lead, ...last, revision: lead.revision + 1, state: 'final', ...stamp(scope) });
  releaseContact(scope, lead.contact);
}

function appoint(
  state: PartitionState,
  account: AccountState,
  { leadId, startedAtMs }: Pick<Lead, 'leadId' | 'startedAtMs'>,
  sequence: number,
): void {
  state.due.push(startedAtMs + FINAL_AFTER_MS, sequence, account, hashOf(leadId));
}

/** Puts back an open lead from a snapshot. */
export function restoreLead(state: PartitionState, account: AccountState, packed: Packed): void {
  const head = state.packing.glanceLead(packed);
  account.open.restore(head.leadId, head.sequence, packed);
  appoint(state, account, head, head.sequence);
}

function stamp({ state, account, offset }: Scope) {
  const { workspaceRevision } = account.settings;
  return {
    decidedAtMs: state.clockMs,
    partition: state.partition,
    offset,
    modelVersion: state.platform.version,
    workspaceRevision,
    warming: currentModel(account.matching, state).isWarming,
  };
}

function emit(scope: Scope, lead: Lead): void {
  scope.effects.leads.push(lead);
  write(scope, leadKey(lead.workspace, lead.leadId), { kind: 'lead', lead }, scope.state.clockMs + LEAD_RETENTION_MS);
}
