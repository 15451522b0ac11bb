/**
 * When the next message may go: the generic cell rate algorithm (ITU-T I.371), one number per limit. It never lets more than `burst` go at once and never more than
 * one per interval in the long run, and needs no timers: the answer is a time.
 */
export interface RateLimit {
  /** Milliseconds between messages in the long run. */
  readonly intervalMs: number;
  /** So many may follow each other at once after a pause, at least 1. */
  readonly burst: number;
}

/** What a provider lets an account do. */
export interface SendLimits {
  readonly account: RateLimit;
  readonly recipient: RateLimit;
}

/** Theoretical arrival times: when the account, or the conversation with a recipient, would be as if nothing had been sent. */
export interface Pace {
  accountMs: number;
  readonly recipientMs: Map<string, number>;
}

export function newPace(): Pace {
  return { accountMs: 0, recipientMs: new Map() };
}

/** Earliest time, from `nowMs` on, at which both limits allow a message to the recipient. */
export function earliest(pace: Pace, limits: SendLimits, recipient: string, nowMs: number): number {
  return Math.max(nowMs, accountFreeAt(pace, limits), freeAt(pace.recipientMs.get(recipient) ?? 0, limits.recipient));
}

/** Earliest time at which the account's limit allows a message to anybody. */
export function accountFreeAt(pace: Pace, limits: SendLimits): number {
  return freeAt(pace.accountMs, limits.account);
}

/** Counts a message that goes, or went, at `atMs`. */
export function spend(pace: Pace, limits: SendLimits, recipient: string, atMs: number): void {
  pace.accountMs = Math.max(pace.accountMs, atMs) + limits.account.intervalMs;
  pace.recipientMs.set(recipient, Math.max(pace.recipientMs.get(recipient) ?? 0, atMs) + limits.recipient.intervalMs);
}

/** The provider has said so: nothing before `untilMs`. */
export function hold(pace: Pace, limits: SendLimits, recipient: string | undefined, untilMs: number): void {
  if (recipient === undefined) pace.accountMs = Math.max(pace.accountMs, untilMs + (limits.account.burst - 1) * limits.account.intervalMs);
  else {
    const heldMs = untilMs + (limits.recipient.burst - 1) * limits.recipient.intervalMs;
    pace.recipientMs.set(recipient, Math.max(pace.recipientMs.get(recipient) ?? 0, heldMs));
  }
}

/** Moves all that is known along with a clock that was set. */
export function shiftPace(pace: Pace, byMs: number): void {
  pace.accountMs += byMs;
  for (const [recipient, atMs] of pace.recipientMs) pace.recipientMs.set(recipient, atMs + byMs);
}

/** Forgets recipients whose limit is as if nothing had been sent. */
export function forgetIdle(pace: Pace, nowMs: number): void {
  for (const [recipient, atMs] of pace.recipientMs) if (atMs <= nowMs) pace.recipientMs.delete(recipient);
}

function freeAt(arrivalMs: number, { intervalMs, burst }: RateLimit): number {
  return arrivalMs - (burst - 1) * intervalMs;
}
