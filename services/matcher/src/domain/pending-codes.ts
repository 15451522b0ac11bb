import type { Carrier } from './carrier.ts';

/** A redirect's spool or a platform's retries bring a click at most a week after its message. */
const PENDING_MS = 7 * 86_400_000;
const PENDING_CODES = 10_000;
/** Contacts that may wait for one code; more would be a flood, not people. */
const WAITING_PER_CODE = 8;

/** A message that showed a code nobody has registered yet. */
export interface Waiting {
  readonly contact: string;
  readonly messageId: string;
  readonly messageTimeMs: number;
  readonly carrier: Carrier;
}

interface PendingCode {
  readonly sinceMs: number;
  readonly waiting: readonly Waiting[];
}

/** Codes seen before their click, in the order of the log: a Map iterates in insertion order, and nothing is inserted twice. */
export type PendingCodes = Map<string, PendingCode>;

/** Bound to the time of the message and not of its delivery: a second delivery must not wait longer than the first. */
export function wait(pending: PendingCodes, code: string, clockMs: number, waiting: Waiting): void {
  if (!isWaiting(waiting, clockMs)) return;
  const known = pending.get(code);
  if (known === undefined) {
    pending.set(code, { sinceMs: clockMs, waiting: [waiting] });
    return;
  }
  const isKnown = known.waiting.some((other) => other.contact === waiting.contact && other.messageId === waiting.messageId);
  if (isKnown || known.waiting.length >= WAITING_PER_CODE) return;
  pending.set(code, { sinceMs: known.sinceMs, waiting: [...known.waiting, waiting] });
}

const NOBODY: readonly Waiting[] = [];

export function waitingFor(pending: PendingCodes, code: string, clockMs: number): readonly Waiting[] {
  return pending.get(code)?.waiting.filter((each) => isWaiting(each, clockMs)) ?? NOBODY;
}

function isWaiting({ messageTimeMs }: Waiting, clockMs: number): boolean {
  return messageTimeMs >= clockMs - PENDING_MS;
}

export function expirePending(pending: PendingCodes, clockMs: number): void {
  for (const [code, { sinceMs }] of pending) {
    if (pending.size <= PENDING_CODES && sinceMs >= clockMs - PENDING_MS) return;
    pending.delete(code);
  }
}
