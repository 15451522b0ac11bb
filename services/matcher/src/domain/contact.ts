import type { KnownClick } from './known-click.ts';

/**
 * A person as the fold knows them: every key they were seen under, and their leads with what later messages need to find theirs.
 * Held in memory while a lead is open; otherwise in the join store.
 */
export interface Contact {
  /** Canonical key: the first key of the first message. It never changes, except that a merge keeps the contact with the oldest lead. */
  readonly key: string;
  /** All keys, the canonical one first. */
  readonly aliases: readonly string[];
  /** By start time; at most `MAX_LEADS`, the oldest go first. */
  readonly leads: readonly LeadMemo[];
  /** The newest message that we sent first, and the click that made us; undefined when we never did. */
  readonly sent?: SentMemo | undefined;
}

/** A message that we sent first. */
export interface SentMemo {
  /** When the provider took it. Milliseconds since the Unix epoch, UTC. */
  readonly atMs: number;
  readonly click: KnownClick;
}

export interface FirstMessage {
  readonly id: string;
  readonly timeMs: number;
}

/** What a contact remembers of a lead. The lead itself is in memory while open and under `lead/…` in the join store always. */
export interface LeadMemo {
  readonly leadId: string;
  /** Time of the earliest of `firstMessages`. */
  readonly startedAtMs: number;
  /** Exact while the lead is open; afterwards behind by at most `refreshMs`. */
  readonly lastMessageAtMs: number;
  /** The earliest three by (time, id). They are the row 0 memory: a message known here never starts a lead again. */
  readonly firstMessages: readonly FirstMessage[];
  /** What identified it (`click/…`, `ctwa/…`, `ad/…`, `invite/…`); empty when nothing did. */
  readonly identity: string;
  /** Message that brought the identity; empty when nothing did. */
  readonly decidingMessage: FirstMessage;
}

export const NO_MESSAGE: FirstMessage = { id: '', timeMs: 0 };

/** Somebody who opens a ninth lead within the retention of contacts is served as if the first had been forgotten. */
const MAX_LEADS = 8;

/** Row 2: a code counts in the first three messages … */
export const OPENING_MESSAGES = 3;
/** … or within two minutes of the first. */
export const OPENING_MS = 120_000;

/** A platform redelivers for a week: a message from before its lead's first one joins it when it is at most that much earlier. */
const EARLIER_MESSAGE_MS = 7 * 86_400_000;

/**
 * The lead a message of this time belongs to: the newest that had started and whose returning window is not over, else the earliest
 * that starts soon after (its true first message comes late).
 */
export function leadAt(contact: Contact, timeMs: number, returningWindowMs: number): LeadMemo | undefined {
  let covering: LeadMemo | undefined;
  let following: LeadMemo | undefined;
  for (const memo of contact.leads) {
    if (memo.startedAtMs <= timeMs) {
      if (timeMs <= memo.lastMessageAtMs + returningWindowMs) covering = memo;
    } else if (following === undefined && memo.startedAtMs - timeMs <= Math.min(EARLIER_MESSAGE_MS, returningWindowMs)) {
      following = memo;
    }
  }
  return covering ?? following;
}

export function leadOfMessage(contact: Contact, messageId: string): LeadMemo | undefined {
  return contact.leads.find((memo) => memo.firstMessages.some((message) => message.id === messageId));
}

export function withLead(contact: Contact, memo: LeadMemo): Contact {
  const others = contact.leads.filter((known) => known.leadId !== memo.leadId);
  return { ...contact, leads: newest([...others, memo]) };
}

export function withAliases(contact: Contact, keys: readonly string[]): Contact {
  const added = keys.filter((key, index) => !contact.aliases.includes(key) && keys.indexOf(key) === index);
  return added.length === 0 ? contact : { ...contact, aliases: [...contact.aliases, ...added] };
}

/** The newest counts: who is written to twice answers the second. */
export function withSent(contact: Contact, sent: SentMemo | undefined): Contact {
  return sent === undefined || (contact.sent !== undefined && contact.sent.atMs > sent.atMs) ? contact : { ...contact, sent };
}

/** One person after all: the contact with the oldest lead stays, a contact without leads gives way, ties go to the smaller key. */
export function mergeContacts(a: Contact, b: Contact): Contact {
  const [stays, goes] = isOlder(a, b) ? [a, b] : [b, a];
  const leads = newest([...stays.leads, ...goes.leads]);
  return withSent(withAliases({ ...stays, leads }, goes.aliases), goes.sent);
}

/** The memo after one more message of its lead. */
export function withMessage(memo: LeadMemo, message: FirstMessage): LeadMemo {
  const others = memo.firstMessages.filter((known) => known.id !== message.id);
  const known = memo.firstMessages.find((first) => first.id === message.id);
  const timeMs = known === undefined ? message.timeMs : Math.min(known.timeMs, message.timeMs);
  const firstMessages = [...others, { id: message.id, timeMs }].sort(byTimeAndId).slice(0, OPENING_MESSAGES);
  return {
    ...memo,
    firstMessages,
    startedAtMs: firstMessages[0]!.timeMs,
    lastMessageAtMs: Math.max(memo.lastMessageAtMs, timeMs),
  };
}

/** The memo after a message has turned out to open a lead of its own; undefined when that leaves no message. */
export function withoutMessage(memo: LeadMemo, messageId: string): LeadMemo | undefined {
  const firstMessages = memo.firstMessages.filter((message) => message.id !== messageId);
  const first = firstMessages[0];
  return first === undefined ? undefined : { ...memo, firstMessages, startedAtMs: first.timeMs };
}

function isOlder(a: Contact, b: Contact): boolean {
  const startA = a.leads[0]?.startedAtMs ?? Number.POSITIVE_INFINITY;
  const startB = b.leads[0]?.startedAtMs ?? Number.POSITIVE_INFINITY;
  return startA === startB ? a.key <= b.key : startA < startB;
}

function newest(leads: readonly LeadMemo[]): readonly LeadMemo[] {
  return leads.toSorted((a, b) => a.startedAtMs - b.startedAtMs || compareText(a.leadId, b.leadId)).slice(-MAX_LEADS);
}

function byTimeAndId(a: FirstMessage, b: FirstMessage): number {
  return a.timeMs - b.timeMs || compareText(a.id, b.id);
}

/** By code units: the same on every machine, whatever its locale. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
