/**
 * The queue of one account as a fold over its records. Nothing is sent that the fold does not know as attempted, and nothing that was attempted without
 * a certain refusal is attempted again: at most one message, whatever crashes when.
 */
import type { Content } from './outbound.ts';
import { accountFreeAt, earliest, forgetIdle, hold, newPace, type Pace, type SendLimits, shiftPace, spend } from './pace.ts';
import type { SendReason } from './send-reason.ts';

export type Phase = 'waiting' | 'attempting' | 'sent' | 'failed' | 'unconfirmed';

/** One idempotency key. */
export interface Send {
  readonly key: string;
  readonly recipient: string;
  /** Dropped once it is over: what was sent is nobody's business here any more. */
  content: Content | undefined;
  /** Tells two requests under one key apart. */
  readonly digest: string;
  askedAtMs: number;
  /** Not later than this. */
  waitUntilMs: number;
  readonly isOptedIn: boolean;
  /** The provider was refusing the account's credentials when it was asked. */
  readonly isAskedWhileRefused: boolean;
  phase: Phase;
  attempts: number;
  /** A provider or an earlier attempt said so. */
  notBeforeMs: number;
  /** When the attempt in progress was recorded, and by whom. */
  attemptedAtMs: number;
  attemptOwner: string;
  messageId: string;
  reason: SendReason | undefined;
  code: string;
  retryAtMs: number;
  endedAtMs: number;
}

export interface Book {
  readonly sends: Map<string, Send>;
  /** Keys that wait, in the order they were asked. */
  readonly waiting: Set<string>;
  /** Those of them that have been tried or planned before: they go first. */
  readonly front: Set<string>;
  readonly attempting: Set<string>;
  readonly pace: Pace;
  readonly credentials: Credentials;
}

/** Whether the provider accepts what the account sends with. */
interface Credentials {
  /** Refusals since it last took a message. */
  refusals: number;
  /** The next attempt is made then and not before; 0: nothing is held. */
  untilMs: number;
}

/** A single refusal may be about one person; so many in a row, and none taken between them, are about the account. */
const REFUSALS = 3;
const FIRST_HOLD_MS = 1_000;
/** A new token is noticed so late at most, and a queue that may wait a quarter of an hour loses 15 messages to finding out and not 72,000. */
const LONGEST_HOLD_MS = 60_000;

/** How long a key is remembered after its Send is over. */
export const REMEMBERED_MS = 3 * 86_400_000;

export function newBook(): Book {
  return {
    sends: new Map(),
    waiting: new Set(),
    front: new Set(),
    attempting: new Set(),
    pace: newPace(),
    credentials: { refusals: 0, untilMs: 0 },
  };
}

export interface Asked {
  readonly key: string;
  readonly recipient: string;
  readonly content: Content;
  readonly digest: string;
  readonly askedAtMs: number;
  readonly waitUntilMs: number;
  readonly isOptedIn: boolean;
}

/** What one who asks is told at once; undefined: wait, the end of the Send is the answer. */
export type Reply = { readonly kind: 'settled'; readonly send: Send } | { readonly kind: 'key_reused' } | undefined;

export function ask(book: Book, asked: Asked): Reply {
  const known = book.sends.get(asked.key);
  if (known !== undefined) {
    if (known.digest !== asked.digest) return { kind: 'key_reused' };
    return isOver(known) ? { kind: 'settled', send: known } : undefined;
  }
  const send: Send = {
    ...asked,
    isAskedWhileRefused: isRefused(book),
    phase: 'waiting',
    attempts: 0,
    notBeforeMs: 0,
    attemptedAtMs: 0,
    attemptOwner: '',
    messageId: '',
    reason: undefined,
    code: '',
    retryAtMs: 0,
    endedAtMs: 0,
  };
  book.sends.set(send.key, send);
  book.waiting.add(send.key);
  return undefined;
}

export function attempt(
  book: Book,
  limits: SendLimits,
  key: string,
  number: number,
  owner: string,
  notBeforeMs: number,
  atMs: number,
): void {
  const send = book.sends.get(key);
  if (send === undefined || isOver(send)) return;
  const isPlanned = send.phase === 'attempting' && send.attempts === number && send.attemptOwner === owner;
  if (!isPlanned) spend(book.pace, limits, send.recipient, notBeforeMs);
  setPhase(book, send, 'attempting');
  send.attempts = number;
  send.attemptOwner = owner;
  send.attemptedAtMs = Math.max(atMs, notBeforeMs);
}

/** An owner that leaves has not begun its attempt: it is as if it had not been planned, but for the limits. */
export function giveBack(book: Book, key: string, owner: string): void {
  const send = book.sends.get(key);
  if (send?.phase !== 'attempting' || send.attemptOwner !== owner) return;
  setPhase(book, send, 'waiting');
  book.front.add(key);
}

export type Ended =
  | { readonly result: 'sent'; readonly messageId: string }
  | { readonly result: 'failed' | 'unconfirmed'; readonly reason: SendReason; readonly code: string; readonly retryAtMs: number }
  | {
      readonly result: 'deferred';
      readonly reason: SendReason;
      readonly code: string;
      readonly retryAtMs: number;
      readonly ofAccount: boolean;
    };

/** True when this changed what is known: the first end counts, and a message id is better than any. */
export function end(book: Book, limits: SendLimits, key: string, ended: Ended, atMs: number): boolean {
  const send = book.sends.get(key);
  if (send === undefined || send.phase === 'sent') return false;
  if (ended.result === 'deferred') {
    if (isOver(send)) return false;
    hold(book.pace, limits, ended.ofAccount ? undefined : send.recipient, ended.retryAtMs);
    send.notBeforeMs = ended.retryAtMs;
    send.reason = ended.reason;
    send.code = ended.code;
    setPhase(book, send, 'waiting');
    book.front.add(key);
    return true;
  }
  // "Nobody knows" takes nothing back, and a refusal by an owner that has gone may be older than the attempt in progress.
  if (isOver(send) && ended.result !== 'sent') return false;
  setPhase(book, send, ended.result);
  send.content = undefined;
  send.endedAtMs = atMs;
  noteCredentials(book, limits, ended, atMs);
  if (ended.result === 'sent') {
    send.messageId = ended.messageId;
    send.reason = undefined;
    send.code = '';
  } else {
    send.reason = ended.reason;
    send.code = ended.code;
    send.retryAtMs = ended.retryAtMs;
  }
  return true;
}

/**
 * A token that has expired is replaced within minutes, and what waits is worth sending then: one attempt at a time finds out, further and further apart, and all else
 * waits as long as it may.
 */
function noteCredentials(book: Book, limits: SendLimits, ended: Ended, atMs: number): void {
  const { credentials } = book;
  if (ended.result === 'sent') {
    credentials.refusals = 0;
    credentials.untilMs = 0;
  } else if (ended.result === 'failed' && ended.reason === 'credentials_refused') {
    credentials.refusals += 1;
    if (!isRefused(book)) return;
    const holdMs = Math.min(FIRST_HOLD_MS * 2 ** (credentials.refusals - REFUSALS), LONGEST_HOLD_MS);
    credentials.untilMs = Math.max(credentials.untilMs, atMs + holdMs);
    hold(book.pace, limits, undefined, credentials.untilMs);
  }
}

function isRefused({ credentials }: Book): boolean {
  return credentials.refusals >= REFUSALS;
}

export function isOver({ phase }: Send): boolean {
  return phase === 'sent' || phase === 'failed' || phase === 'unconfirmed';
}

export type Plan =
  /** Call the provider, not before the time. */
  | { readonly kind: 'attempt'; readonly send: Send; readonly notBeforeMs: number }
  | { readonly kind: 'fail'; readonly send: Send; readonly reason: SendReason; readonly retryAtMs: number }
  /** Its owner is gone and nobody knows. */
  | { readonly kind: 'orphan'; readonly send: Send };

/** Whether a message may be sent as it is: decided when its turn comes, because a window may have opened or closed meanwhile. */
export type Admission =
  | { readonly kind: 'admitted' }
  /** Not known, or not asked yet: it waits, and whatever is for the same person behind it. */
  | { readonly kind: 'unclear' }
  | { readonly kind: 'refused'; readonly reason: SendReason };

export interface PlanRules {
  readonly limits: SendLimits;
  readonly nowMs: number;
  readonly owner: string;
  /** So far ahead of the call an attempt is planned. Milliseconds. */
  readonly horizonMs: number;
  /** An attempt that another owner began and that has no end so long after it is settled as unconfirmed. */
  readonly orphanedMs: number;
  /** Calls in progress at once. */
  readonly maxAttempting: number;
  /** Look through all that waits, for what may not wait any longer; else only as far as something can go. A queue of 50,000 takes 10 ms to look through. */
  readonly isThorough: boolean;
  readonly admit: (send: Send) => Admission;
}

/** Whose turn it is as far as limits and order say, in order: nobody else needs to be asked about. */
export function due(
  book: Book,
  { limits, nowMs, horizonMs }: Pick<PlanRules, 'limits' | 'nowMs' | 'horizonMs'>,
  atMost: number,
): readonly Send[] {
  const found: Send[] = [];
  const passed = recipientsOf(book, book.attempting);
  if (accountFreeAt(book.pace, limits) > nowMs + horizonMs) return found;
  for (const key of inOrder(book)) {
    if (found.length >= atMost) break;
    const send = book.sends.get(key)!;
    if (passed.has(send.recipient)) continue;
    passed.add(send.recipient);
    if (Math.max(earliest(book.pace, limits, send.recipient, nowMs), send.notBeforeMs) <= nowMs + horizonMs) found.push(send);
  }
  return found;
}

/** What is due now; what it plans counts as attempting from here on. */
export function plan(book: Book, rules: PlanRules): readonly Plan[] {
  const { limits, nowMs, owner } = rules;
  const plans: Plan[] = [];
  for (const key of book.attempting) {
    const send = book.sends.get(key)!;
    if (send.attemptOwner !== owner && nowMs >= send.attemptedAtMs + rules.orphanedMs) plans.push({ kind: 'orphan', send });
  }
  const { untilMs: refusedUntilMs } = book.credentials;
  const maxAttempting = isRefused(book) ? 1 : rules.maxAttempting;
  // Messages to one person keep their order: none goes while an earlier one is on its way or has to wait.
  const passed = recipientsOf(book, book.attempting);
  for (const key of inOrder(book)) {
    const isFull = book.attempting.size >= maxAttempting || accountFreeAt(book.pace, limits) > nowMs + rules.horizonMs;
    if (isFull && !rules.isThorough) break;
    const send = book.sends.get(key)!;
    const admission = rules.admit(send);
    if (admission.kind === 'refused') {
      plans.push({ kind: 'fail', send, reason: admission.reason, retryAtMs: 0 });
      continue;
    }
    // Whoever asks meanwhile is told at once, and can show another way.
    if (send.isAskedWhileRefused && nowMs < refusedUntilMs) {
      plans.push({ kind: 'fail', send, reason: 'credentials_refused', retryAtMs: refusedUntilMs });
      continue;
    }
    const freeMs = Math.max(earliest(book.pace, limits, send.recipient, nowMs), send.notBeforeMs);
    // Records hold whole milliseconds; a limit of 80 a second does not.
    const atMs = Math.ceil(freeMs);
    if (atMs > send.waitUntilMs) {
      plans.push({
        kind: 'fail',
        send,
        reason: send.reason ?? (isRefused(book) ? 'credentials_refused' : 'rate_limited'),
        retryAtMs: atMs,
      });
      continue;
    }
    const isBlocked = passed.has(send.recipient) || book.attempting.size >= maxAttempting;
    passed.add(send.recipient);
    if (isBlocked || admission.kind === 'unclear' || atMs > nowMs + rules.horizonMs) continue;
    spend(book.pace, limits, send.recipient, freeMs);
    setPhase(book, send, 'attempting');
    send.attempts += 1;
    send.attemptOwner = owner;
    send.attemptedAtMs = atMs;
    plans.push({ kind: 'attempt', send, notBeforeMs: atMs });
  }
  return plans;
}

/** Forgets keys that were over long ago. */
export function forget(book: Book, nowMs: number): void {
  for (const [key, send] of book.sends) if (isOver(send) && send.endedAtMs + REMEMBERED_MS <= nowMs) book.sends.delete(key);
  forgetIdle(book.pace, nowMs);
}

/** Moves every time along with a clock that was set: what was to wait for a minute more still does. */
export function shift(book: Book, byMs: number): void {
  for (const send of book.sends.values()) {
    send.askedAtMs += byMs;
    send.waitUntilMs += byMs;
    send.attemptedAtMs += byMs;
    send.endedAtMs += byMs;
    // 0: nobody has said anything.
    if (send.notBeforeMs > 0) send.notBeforeMs += byMs;
    if (send.retryAtMs > 0) send.retryAtMs += byMs;
  }
  if (book.credentials.untilMs > 0) book.credentials.untilMs += byMs;
  shiftPace(book.pace, byMs);
}

function recipientsOf({ sends }: Book, keys: Iterable<string>): Set<string> {
  return new Set([...keys].map((key) => sends.get(key)!.recipient));
}

/** Who was tried before was asked before all others. */
function* inOrder({ front, waiting }: Book): Generator<string> {
  yield* front;
  for (const key of waiting) if (!front.has(key)) yield key;
}

function setPhase(book: Book, send: Send, phase: Phase): void {
  send.phase = phase;
  if (phase === 'waiting') book.waiting.add(send.key);
  else {
    book.waiting.delete(send.key);
    book.front.delete(send.key);
  }
  if (phase === 'attempting') book.attempting.add(send.key);
  else book.attempting.delete(send.key);
}
