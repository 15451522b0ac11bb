import { emptyWindow, restore, type WindowClick } from '../domain/click-window.ts';
import { restoreLead } from '../domain/lead-book.ts';
import { OpenContacts } from '../domain/open-contacts.ts';
import type { Packed } from '../domain/packing.ts';
import type { Waiting } from '../domain/pending-codes.ts';
import type { Settings } from '../domain/settings.ts';
import { type AccountState, addAccount, emptyState, type PartitionState } from '../domain/state.ts';
import type { ClickFacts } from '../domain/touchpoint.ts';
import { fromSourceForm, type SourceForm, sourceForm } from './entry-codec.ts';
import { packing } from './packing.ts';

/**
 * A partition's state as bytes: JSON arrays. A structured clone (`node:v8`) would not outlive a Node version, and JSON.stringify is the
 * fastest writer at hand (tests/bench/matcher.ts prints what a snapshot costs). Another form is another format number.
 */
export const STATE_FORMAT = 4;

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
  readonly contacts: readonly Packed[];
  readonly open: readonly Packed[];
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
  const state = emptyState(partition, packing);
  state.clockMs = form.clockMs;
  state.nextSequence = form.nextSequence;
  for (const each of form.accounts) restoreAccount(state, each);
  return state;
}

function accountForm(account: AccountState): AccountForm {
  const { window } = account;
  return {
    workspace: account.workspace,
    account: account.account,
    settings: account.settings,
    forgottenUpToMs: window.forgottenUpToMs,
    clicks: window.clicks.slice(window.head).map(clickForm),
    pending: [...account.pending].map(([code, { sinceMs, waiting }]) => [code, sinceMs, waiting]),
    contacts: [...account.contacts.packed()],
    open: [...account.open.values()],
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
    contacts: new OpenContacts(state.packing, state.warm),
    open: new Map(),
    placements: new Set(form.placements),
  };
  for (const click of form.clicks) restore(account.window, fromClickForm(click));
  for (const packed of form.contacts) account.contacts.restore(packed);
  for (const packed of form.open) restoreLead(state, account, packed);
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
