import { type Contact, mergeContacts, withAliases } from './contact.ts';
import { contactKeyOf } from './entries.ts';
import { contactEntry } from './identifier.ts';
import { type Scope, write } from './scope.ts';
import type { Settings } from './settings.ts';

const DAY_MS = 86_400_000;
/** Corrections are taken for 30 days and webhooks come for a week more: so long a contact must be known even when its window is short. */
const MIN_RETENTION_MS = 37 * DAY_MS;
const MAX_REFRESH_MS = 6 * 3_600_000;

export interface FoundContact {
  readonly contact: Contact;
  /** True when the keys belonged to several persons until now: nobody has stored them as one yet. */
  readonly isMerged: boolean;
}

/** The person behind the keys; several known persons turn out to be one. Undefined when nobody is known. */
export function findContact(scope: Scope, keys: readonly string[]): FoundContact | undefined {
  let contact: Contact | undefined;
  let isMerged = false;
  for (const key of keys) {
    if (contact?.aliases.includes(key)) continue;
    const known = contactUnder(scope, key);
    if (known === undefined || known.key === contact?.key) continue;
    isMerged ||= contact !== undefined;
    contact = contact === undefined ? known : mergeContacts(contact, known);
  }
  return contact === undefined ? undefined : { contact, isMerged };
}

function contactUnder(scope: Scope, key: string): Contact | undefined {
  return scope.account.contacts.get(key) ?? contactEntry(scope.account, scope.memory, key) ?? undefined;
}

/**
 * Keeps a contact that a message has changed; `before` is what the store or memory had, undefined when it had nothing of the kind. With an open lead it lives in memory and is written when its lead starts, when its keys
 * change and when its last lead becomes final; without one it lives in the join store alone.
 */
export function keepContact(scope: Scope, before: Contact | undefined, after: Contact): void {
  const { account } = scope;
  const isOpen = after.leads.some((memo) => account.open.has(memo.leadId));
  const mustWrite = before === undefined || isMaterial(before, after) || (!isOpen && isStaleInStore(before, after, account.settings));
  if (isOpen) {
    const wasDirty = account.contacts.open(after.key)?.isDirty === true;
    account.contacts.put({ contact: after, isDirty: !mustWrite && (wasDirty || before !== after) });
  }
  if (mustWrite) writeContact(scope, after);
}

/** The last open lead of a contact has become final: the join store gets what it does not have, and memory lets go. */
export function releaseContact(scope: Scope, key: string): void {
  const { account, memory } = scope;
  const open = account.contacts.open(key);
  if (open === undefined || open.contact.leads.some((memo) => account.open.has(memo.leadId))) return;
  const { contact } = open;
  account.contacts.delete(contact);
  for (const alias of contact.aliases) {
    if (alias !== contact.key) memory.learn(entryKey(scope, alias), { kind: 'alias', canonical: contact.key });
  }
  if (open.isDirty) writeContact(scope, contact);
  else memory.learn(entryKey(scope, contact.key), { kind: 'contact', contact });
}

/** Aliases are written again with the contact, or they would expire before it. */
function writeContact(scope: Scope, contact: Contact): void {
  const expiresAtMs = scope.state.clockMs + Math.max(scope.account.settings.returningWindowMs, MIN_RETENTION_MS) + 7 * DAY_MS;
  write(scope, entryKey(scope, contact.key), { kind: 'contact', contact }, expiresAtMs);
  for (const alias of contact.aliases) {
    if (alias !== contact.key) write(scope, entryKey(scope, alias), { kind: 'alias', canonical: contact.key }, expiresAtMs);
  }
}

/** Anything but the time of the last message. */
function isMaterial(before: Contact, after: Contact): boolean {
  if (before === after) return false;
  if (before.key !== after.key || before.aliases.length !== after.aliases.length || before.leads.length !== after.leads.length) return true;
  if (before.sent !== after.sent) return true;
  return after.leads.some((memo, index) => {
    const known = before.leads[index]!;
    return (
      memo.leadId !== known.leadId ||
      memo.identity !== known.identity ||
      memo.startedAtMs !== known.startedAtMs ||
      memo.decidingMessage.id !== known.decidingMessage.id ||
      memo.firstMessages.some(
        (message, at) => message.id !== known.firstMessages[at]?.id || message.timeMs !== known.firstMessages[at]?.timeMs,
      )
    );
  });
}

/**
 * A chatty contact would write a version per message, and the join store keeps 16: a replay further back would find none. So the time of
 * the last message is refreshed at most every 1/64 of the returning window and every 6 hours: it is behind by no more than that.
 */
function isStaleInStore(before: Contact, after: Contact, settings: Settings): boolean {
  const refreshMs = Math.min(settings.returningWindowMs / 64, MAX_REFRESH_MS);
  return after.leads.some((memo, index) => memo.lastMessageAtMs - before.leads[index]!.lastMessageAtMs >= refreshMs);
}

export function newContact(keys: readonly string[]): Contact {
  return withAliases({ key: keys[0]!, aliases: [keys[0]!], leads: [] }, keys);
}

function entryKey(scope: Scope, contact: string): string {
  return contactKeyOf(scope.account.workspace, scope.account.account, contact);
}
