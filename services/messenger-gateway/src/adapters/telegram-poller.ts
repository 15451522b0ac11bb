/**
 * Asks Telegram for the updates of one bot, for machines that Telegram cannot call. An offset is sent only after everything before it is in the log: Telegram
 * forgets an update when a later offset is asked for, so a crash at any time makes it come again, and its event id makes the second one vanish. For the
 * same reason several pollers of one bot lose nothing, whoever of them Telegram lets ask.
 * Source: core.telegram.org/bots/api#getupdates.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { delayBound } from '@messtrack/runtime/retry.ts';
import { isObject, stringAt } from './json-value.ts';
import { ALLOWED_UPDATES } from './telegram.ts';
import type { ApiAnswer, TelegramApi } from './telegram-api.ts';

/** What came of one question; each is a label of the metric of polls. */
export type PollResult =
  | 'updates'
  | 'empty'
  /** The log takes nothing now: asked again from the same place. */
  | 'not_stored'
  /** A webhook is set, so Telegram answers nobody who asks. */
  | 'webhook_set'
  /** Somebody else asks for the same bot. */
  | 'other_poller'
  | 'unauthorized'
  | 'rate_limited'
  | 'unavailable';

export interface PollTimings {
  /** How long Telegram may hold a question open. Whole seconds. */
  readonly pollTimeoutS: number;
  /** On top of that, until a question counts as lost. Milliseconds. */
  readonly graceMs: number;
  /** First and largest bound of the wait after a failure. Milliseconds. */
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  /** Telegram holds an empty answer back; whoever does not is asked no faster than this. Milliseconds. */
  readonly minEmptyMs: number;
  /** Wait after a conflict or a refused token, which last until a person does something. Milliseconds. */
  readonly conflictDelayMs: number;
}

export const DEFAULT_POLL_TIMINGS: PollTimings = {
  pollTimeoutS: 25,
  graceMs: 10_000,
  baseDelayMs: 500,
  maxDelayMs: 30_000,
  minEmptyMs: 1_000,
  conflictDelayMs: 30_000,
};

/** Longest wait that Telegram can ask for; more than an hour is a mistake of somebody in between. */
const MAX_RETRY_AFTER_MS = 3_600_000;

export interface PollerOptions {
  readonly api: TelegramApi;
  readonly timings: PollTimings;
  /** Makes updates durable. `gone`: the account is no more. A rejection ends the poller and is the surprise of `failed`. */
  readonly take: (updates: readonly unknown[]) => Promise<'durable' | 'unavailable' | 'gone'>;
  /** Told of every question's outcome; `detail` is for people and empty where there is nothing to add. */
  readonly onResult: (result: PollResult, detail: string) => void;
  /** Uniform in [0, 1). */
  readonly random?: (() => number) | undefined;
}

export interface Poller {
  /** Resolves when nothing is asked and nothing is written any more. What was taken and not acknowledged comes again. */
  stop(): Promise<void>;
  /** Rejects with an error nobody expected; never resolves. */
  readonly failed: Promise<never>;
}

export function startPoller(options: PollerOptions): Poller {
  const stopping = new AbortController();
  const surprise = Promise.withResolvers<never>();
  surprise.promise.catch(() => undefined);
  const ended = poll(options, stopping.signal).catch((error: unknown) => surprise.reject(error));
  return {
    failed: surprise.promise,
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

/** What one question means for the next: from where to ask, and how long to wait before. */
interface Step {
  readonly result: PollResult;
  readonly detail: string;
  readonly offset: number | undefined;
  /** Milliseconds; `backoff` grows with the failures in a row. */
  readonly wait: number | 'backoff';
}

async function poll(options: PollerOptions, signal: AbortSignal): Promise<void> {
  const { timings, onResult } = options;
  const random = options.random ?? Math.random;
  let offset: number | undefined;
  let failures = 0;
  while (!signal.aborted) {
    const step = await ask(options, offset, signal);
    if (step === 'ended') return;
    onResult(step.result, step.detail);
    offset = step.offset;
    failures = step.wait === 'backoff' ? failures + 1 : 0;
    // Half of the bound is certain: bots that failed together must not come back together, nor at once.
    const waitMs =
      step.wait === 'backoff' ? delayBound(failures, timings.baseDelayMs, timings.maxDelayMs) * (0.5 + random() / 2) : step.wait;
    if (waitMs > 0) await pause(waitMs, signal);
  }
}

async function ask(options: PollerOptions, offset: number | undefined, signal: AbortSignal): Promise<Step | 'ended'> {
  const { api, timings, take } = options;
  const askedAt = performance.now();
  const answer = await api.call(
    'getUpdates',
    { ...(offset === undefined ? {} : { offset }), limit: 100, timeout: timings.pollTimeoutS, allowed_updates: ALLOWED_UPDATES },
    { timeoutMs: timings.pollTimeoutS * 1000 + timings.graceMs, signal },
  );
  if (answer.kind !== 'ok') return afterFailure(answer, offset, options, signal);
  const updates = answer.result;
  const next = Array.isArray(updates) ? nextOffset(updates) : undefined;
  if (!Array.isArray(updates) || (updates.length > 0 && next === undefined))
    return { result: 'unavailable', detail: 'the answer holds no updates', offset, wait: 'backoff' };
  // An answer confirms the offset that was asked for. From here on the place is Telegram's: ids start anywhere after a quiet week, also below the old ones.
  if (updates.length === 0)
    return { result: 'empty', detail: '', offset: undefined, wait: Math.max(0, timings.minEmptyMs - (performance.now() - askedAt)) };
  switch (await take(updates)) {
    case 'durable':
      return { result: 'updates', detail: '', offset: next, wait: 0 };
    case 'unavailable':
      return { result: 'not_stored', detail: 'the log takes nothing now', offset, wait: 'backoff' };
    case 'gone':
      return 'ended';
  }
}

async function afterFailure(
  answer: Exclude<ApiAnswer, { kind: 'ok' }>,
  offset: number | undefined,
  { api, timings }: PollerOptions,
  signal: AbortSignal,
): Promise<Step | 'ended'> {
  if (answer.kind === 'unreachable')
    return answer.reason === 'stopped' ? 'ended' : { result: 'unavailable', detail: answer.reason, offset, wait: 'backoff' };
  const { code, description, retryAfterMs } = answer;
  switch (code) {
    case 409: {
      // One code for both; which it is stands in the bot's own state.
      const info = await api.call('getWebhookInfo', {}, { timeoutMs: timings.graceMs, signal });
      const url = info.kind === 'ok' && isObject(info.result) ? stringAt(info.result, 'url', 2048) : '';
      return url === ''
        ? { result: 'other_poller', detail: description, offset, wait: timings.conflictDelayMs }
        : { result: 'webhook_set', detail: hostOf(url), offset, wait: timings.conflictDelayMs };
    }
    case 401:
    case 404:
      return { result: 'unauthorized', detail: description, offset, wait: timings.conflictDelayMs };
    case 429:
      return {
        result: 'rate_limited',
        detail: description,
        offset,
        wait: Math.min(retryAfterMs ?? timings.conflictDelayMs, MAX_RETRY_AFTER_MS),
      };
    default:
      return { result: 'unavailable', detail: `status ${code}`, offset, wait: 'backoff' };
  }
}

/** One past the highest id; undefined when none has one. */
function nextOffset(updates: readonly unknown[]): number | undefined {
  const ids = updates.map((update) => (isObject(update) ? update['update_id'] : undefined)).filter((id) => Number.isSafeInteger(id));
  return ids.length === 0 ? undefined : Math.max(...(ids as number[])) + 1;
}

/** The path of a webhook is often its secret. */
function hostOf(url: string): string {
  return URL.parse(url)?.host ?? 'an address that cannot be read';
}

async function pause(waitMs: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(waitMs, undefined, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
