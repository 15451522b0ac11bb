import { setTimeout as delay } from 'node:timers/promises';

export interface SilenceOptions {
  /** Resolves when the other side answers. What it rejects with is no answer either. */
  readonly ping: () => Promise<void>;
  /** Ends the asking. */
  readonly over: AbortSignal;
  /** How long an answer may take. Half of it passes before each question: what ends at once is never asked about. Milliseconds. */
  readonly patienceMs?: number | undefined;
  /** Unanswered in a row before it counts as silent: who is busy or has just been started is worth waiting for. */
  readonly questions?: number | undefined;
}

const PATIENCE_MS = 1_000;
const QUESTIONS = 3;

/**
 * True when the other side has become silent, 4.5 s after it has by the defaults; false when `over` was aborted before. No question is under way any more when it resolves, except one that has had its patience: whoever closes the
 * client that asks closes it for good. A question asked meanwhile would connect it again, and nobody closes that connection.
 */
export async function becameSilent({ ping, over, patienceMs = PATIENCE_MS, questions = QUESTIONS }: SilenceOptions): Promise<boolean> {
  for (let unanswered = 0; ; ) {
    await delay(patienceMs / 2, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) return false;
    unanswered = (await answersWithin(ping, patienceMs)) ? 0 : unanswered + 1;
    if (unanswered >= questions) return !over.aborted;
  }
}

async function answersWithin(ping: () => Promise<void>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = delay(ms, false, { signal: timer.signal }).catch(() => false);
  const answer = ping().then(
    () => true,
    () => false,
  );
  const isAnswered = await Promise.race([answer, late]);
  timer.abort();
  return isAnswered;
}
