import type { ClicksByText } from './clicks-by-text.ts';
import { type Contact, leadAt, leadOfMessage } from './contact.ts';
import { nearCode } from './damaged-code.ts';
import { adClickKey, codeKey, contactKeyOf, type Entry, type Lookups, leadKey, sentKey, useKey } from './entries.ts';
import { waitingFor } from './pending-codes.ts';
import { type AccountState, findAccount, type PartitionState } from './state.ts';
import { type CodeSeen, decisionTimeMs, type MessageTouchpoint, type Touchpoint } from './touchpoint.ts';

/**
 * Entries of the join store that folding this record reads and `lookups` does not have yet. Some keys only show after others are known
 * (an alias names its canonical key, a contact its leads): ask again until it answers none, at most three times.
 */
export function needs(state: PartitionState, touchpoint: Touchpoint, lookups: Lookups): readonly string[] {
  const account = findAccount(state, touchpoint.workspace, touchpoint.account) ?? unseen(touchpoint);
  switch (touchpoint.kind) {
    case 'message':
      return messageNeeds(account, touchpoint, lookups);
    case 'click':
      return touchpoint.click.code === '' ? NOTHING : clickNeeds(account, touchpoint.click.code, lookups, state.clockMs);
    case 'contact_change': {
      const missing: string[] = [];
      for (const key of touchpoint.previousKeys) knownContact(account, key, lookups, missing);
      for (const key of touchpoint.keys) knownContact(account, key, lookups, missing);
      return missing;
    }
    case 'sent': {
      const missing: string[] = [];
      for (const key of touchpoint.contactKeys) knownContact(account, key, lookups, missing);
      return missing;
    }
    case 'correction': {
      const missing: string[] = [];
      needLead(account, touchpoint.leadId, lookups, missing);
      needHolder(account, account.matching.clicks.byId.get(touchpoint.clickId), lookups, missing);
      return missing;
    }
    case 'detected_goal': {
      const missing: string[] = [];
      const key = adClickKey(touchpoint.workspace, touchpoint.account, touchpoint.ctwaClid);
      if (key !== undefined) need(key, lookups, missing);
      for (const each of touchpoint.contactKeys) knownContact(account, each, lookups, missing);
      return missing;
    }
    case 'tick':
    case 'epoch':
    case 'status':
    case 'model':
      return NOTHING;
  }
}

const NOTHING: readonly string[] = [];

/** What asking takes of an account. */
export type PartOfAccount = Pick<AccountState, 'workspace' | 'account' | 'pending'> & {
  readonly contacts: Pick<AccountState['contacts'], 'get'>;
  readonly open: Pick<AccountState['open'], 'has'>;
  readonly matching: {
    readonly clicks: {
      readonly byCode: Pick<ClicksByText, 'get' | 'has' | 'near' | 'size'>;
      readonly byId: Pick<ClicksByText, 'get' | 'has'>;
      readonly commits: AccountState['matching']['clicks']['commits'];
    };
  };
  readonly settings: Pick<AccountState['settings'], 'returningWindowMs'>;
};

/** An account that the state has not met: everything about it is in the store or nowhere. */
function unseen({ workspace, account }: Touchpoint): PartOfAccount {
  return {
    workspace,
    account,
    contacts: new Map(),
    open: new Map(),
    pending: new Map(),
    matching: {
      clicks: { byCode: { size: 0, get: () => undefined, has: () => false, near: () => NOTHING }, byId: new Map(), commits: new Map() },
    },
    settings: { returningWindowMs: Number.POSITIVE_INFINITY },
  };
}

function messageNeeds(account: PartOfAccount, message: MessageTouchpoint, lookups: Lookups): readonly string[] {
  const missing: string[] = [];
  if (message.class === 'reaction') return missing;
  const contacts: Contact[] = [];
  for (const key of message.contactKeys) {
    const contact = knownContact(account, key, lookups, missing);
    if (contact !== undefined && contacts.every((other) => other.key !== contact.key)) contacts.push(contact);
  }
  for (const seen of message.codes) {
    const { code, intact } = seen;
    const click = account.matching.clicks.byCode.get(code);
    const entry = intact && click === undefined ? needCode(account, code, lookups, missing) : null;
    if (intact && click !== undefined) needHolder(account, click, lookups, missing);
    else if (entry === null) needHolder(account, nearClick(account, seen), lookups, missing);
  }
  if (message.replyToMessageId !== '') need(sentKey(account.workspace, account.account, message.replyToMessageId), lookups, missing);
  const id = message.editsMessageId === '' ? message.messageId : message.editsMessageId;
  const timeMs = decisionTimeMs(message);
  const saysMore = message.codes.length > 0 || message.referral !== undefined || message.replyToMessageId !== '';
  for (const contact of contacts) {
    const memo = leadOfMessage(contact, id) ?? leadAt(contact, timeMs, account.settings.returningWindowMs);
    // What we sent first says as much as a code, also of a message that is delivered again.
    const isIdentified = saysMore || contact.sent !== undefined || message.inviteLinkName !== '' || message.startPayload !== '';
    const mayRevise = isIdentified || (memo !== undefined && timeMs < memo.startedAtMs);
    if (memo !== undefined && mayRevise) needLead(account, memo.leadId, lookups, missing);
    // Persons that turn out to be one may share a lead that neither alone would name.
    if (contacts.length > 1) for (const { leadId } of contact.leads) needLead(account, leadId, lookups, missing);
  }
  return missing;
}

function clickNeeds(account: PartOfAccount, code: string, lookups: Lookups, clockMs: number): readonly string[] {
  const waiting = waitingFor(account.pending, code, clockMs);
  if (waiting.length === 0) return NOTHING;
  const missing: string[] = [];
  needCode(account, code, lookups, missing);
  for (const { contact: key } of waiting) {
    const contact = knownContact(account, key, lookups, missing);
    for (const { leadId } of contact?.leads ?? []) needLead(account, leadId, lookups, missing);
  }
  return missing;
}

/** What the store knows of the code's click; null when nothing, undefined when it has yet to be asked. */
function needCode(account: PartOfAccount, code: string, lookups: Lookups, missing: string[]): Entry | null | undefined {
  const key = codeKey(account.workspace, account.account, code);
  need(key, lookups, missing);
  need(useKey(account.workspace, account.account, code), lookups, missing);
  return lookups.get(key);
}

/** A lead that was given this click by probability, and may be final by now, has to let go of it. */
function needHolder({ matching, ...account }: PartOfAccount, click: number | undefined, lookups: Lookups, missing: string[]): void {
  const holder = click === undefined ? undefined : matching.clicks.commits.get(click);
  if (holder !== undefined) needLead({ matching, ...account }, holder.leadId, lookups, missing);
}

/** A code with a slip in it is read as the one that it is near to. */
function nearClick({ matching }: PartOfAccount, seen: CodeSeen): number | undefined {
  // Most accounts have given nothing away by probability: then nobody has to let go of anything.
  if (matching.clicks.commits.size === 0) return undefined;
  const near = nearCode(matching.clicks, seen);
  return near === undefined ? undefined : matching.clicks.byCode.get(near.code);
}

function needLead(account: PartOfAccount, leadId: string, lookups: Lookups, missing: string[]): void {
  if (!account.open.has(leadId)) need(leadKey(account.workspace, leadId), lookups, missing);
}

/** The person of a key, in memory or in the store; keys that have yet to be asked for are added to `missing`. */
export function knownContact(account: PartOfAccount, key: string, lookups: Lookups, missing: string[]): Contact | undefined {
  const open = account.contacts.get(key);
  if (open !== undefined) return open;
  const entry = need(contactKeyOf(account.workspace, account.account, key), lookups, missing);
  if (entry?.kind === 'contact') return entry.contact;
  if (entry?.kind !== 'alias') return undefined;
  const canonicalOpen = account.contacts.get(entry.canonical);
  if (canonicalOpen !== undefined) return canonicalOpen;
  const canonical = need(contactKeyOf(account.workspace, account.account, entry.canonical), lookups, missing);
  return canonical?.kind === 'contact' ? canonical.contact : undefined;
}

function need(key: string, lookups: Lookups, missing: string[]): Entry | undefined {
  const entry = lookups.get(key);
  if (entry === undefined) missing.push(key);
  return entry ?? undefined;
}
