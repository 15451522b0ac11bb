import { emptyWindow, restore, type WindowClick } from '../domain/click-window.ts';
import { pushDue } from '../domain/due-queue.ts';
import { FINAL_AFTER_MS } from '../domain/lead-book.ts';
import type { Waiting } from '../domain/pending-codes.ts';
import type { Settings } from '../domain/settings.ts';
import { type AccountState, addAccount, emptyState, type PartitionState } from '../domain/state.ts';
import type { ClickFacts } from '../domain/touchpoint.ts';
import { type ContactForm, contactForm, fromContactForm, fromSourceForm, type SourceForm, sourceForm } from './entry-codec.ts';
import { decodeLead, encodeLead } from './lead-codec.ts';

/**
 * A partition's state as bytes: JSON arrays. A structured clone (`node:v8`) would not outlive a Node version, and JSON.stringify is the
 * fastest writer at hand (tests/bench/matcher.ts prints what a snapshot costs). Another form is another format number.
 */
export const STATE_FORMAT = 3;

type ClickForm = readonly [
  clickId: string,
  code: string,
  clickedAtMs: number,
  source: SourceForm,
  greetingVariant: number,
  visitorId: string,
  country: string,
  region: string,
  device: ClickFacts['device'],
  languages: readonly string[],
  network: ClickFacts['network'],
  botScore: number,
  observedAtMs: number,
  isCandidate: boolean,
  isIndexed: boolean,
  usedBy: string,
  usedByLead: string,
];

interface AccountForm {
  readonly workspace: string;
  readonly account: string;
  readonly settings: Settings;
  readonly forgottenUpToMs: number;
  readonly clicks: readonly ClickForm[];
  readonly pending: readonly (readonly [code: string, sinceMs: number, waiting: readonly Waiting[]])[];
  readonly contacts: readonly (readonly [contact: ContactForm, isDirty: boolean])[];
  /** Leads in the form of lead-codec.ts, in base64: half the size of their JSON, and the same bytes whatever way the lead came to be. */
  readonly open: readonly (readonly [lead: string, sequence: number])[];
  readonly placements: readonly string[];
}

interface StateForm {
  readonly clockMs: number;
  readonly nextSequence: number;
  readonly accounts: readonly AccountForm[];
}

export function encodeState(state: PartitionState): Buffer {
  const form: StateForm = {
    clockMs: state.clockMs,
    nextSequence: state.nextSequence,
    accounts: [...state.accounts.values()].map(accountForm),
  };
  return Buffer.from(JSON.stringify(form));
}

/** Throws on bytes that this format did not write. */
export function decodeState(partition: number, bytes: Uint8Array): PartitionState {
  const form = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString()) as StateForm;
  const state = emptyState(partition);
  state.clockMs = form.clockMs;
  state.nextSequence = form.nextSequence;
  for (const each of form.accounts) restoreAccount(state, each);
  return state;
}

function accountForm(account: AccountState): AccountForm {
  const { window } = account;
  // Every key of a contact names the same slot; it is written once, at its first key.
  const slots = new Set(account.contacts.values());
  return {
    workspace: account.workspace,
    account: account.account,
    settings: account.settings,
    forgottenUpToMs: window.forgottenUpToMs,
    clicks: window.clicks.slice(window.head).map(clickForm),
    pending: [...account.pending].map(([code, { sinceMs, waiting }]) => [code, sinceMs, waiting]),
    contacts: [...slots].map(({ contact, isDirty }) => [contactForm(contact), isDirty]),
    open: [...account.open.values()].map(({ lead, sequence }) => [encodeLead(lead).toString('base64'), sequence]),
    placements: [...account.placements],
  };
}

function restoreAccount(state: PartitionState, form: AccountForm): void {
  const { workspace, account: name } = form;
  const account: AccountState = {
    workspace,
    account: name,
    settings: { ...form.settings, dedicatedSource: form.settings.dedicatedSource ?? undefined },
    window: { ...emptyWindow(), forgottenUpToMs: form.forgottenUpToMs },
    pending: new Map(form.pending.map(([code, sinceMs, waiting]) => [code, { sinceMs, waiting }])),
    contacts: new Map(),
    open: new Map(),
    placements: new Set(form.placements),
  };
  for (const click of form.clicks) restore(account.window, fromClickForm(click));
  for (const [contact, isDirty] of form.contacts) {
    const slot = { contact: fromContactForm(contact), isDirty };
    for (const key of slot.contact.aliases) account.contacts.set(key, slot);
  }
  for (const [encoded, sequence] of form.open) {
    const lead = decodeLead(Buffer.from(encoded, 'base64'));
    account.open.set(lead.leadId, { lead, sequence });
    pushDue(state.due, { atMs: lead.startedAtMs + FINAL_AFTER_MS, sequence, workspace, account: name, leadId: lead.leadId });
  }
  addAccount(state, account);
}

function clickForm({ facts, observedAtMs, isCandidate, isIndexed, usedBy, usedByLead }: WindowClick): ClickForm {
  return [
    facts.clickId,
    facts.code,
    facts.clickedAtMs,
    sourceForm(facts.source),
    facts.greetingVariant,
    facts.visitorId,
    facts.country,
    facts.region,
    facts.device,
    facts.languages,
    facts.network,
    facts.botScore,
    observedAtMs,
    isCandidate,
    isIndexed,
    usedBy,
    usedByLead,
  ];
}

function fromClickForm(form: ClickForm): WindowClick {
  const [clickId, code, clickedAtMs, source, greetingVariant, visitorId, country, region, device, languages, network, botScore] = form;
  return {
    facts: {
      clickId,
      code,
      clickedAtMs,
      source: fromSourceForm(source),
      greetingVariant,
      visitorId,
      country,
      region,
      device,
      languages,
      network,
      botScore,
    },
    observedAtMs: form[12],
    isCandidate: form[13],
    isIndexed: form[14],
    usedBy: form[15],
    usedByLead: form[16],
  };
}
