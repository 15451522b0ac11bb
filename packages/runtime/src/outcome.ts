/**
 * What came of one record or one request. An expected outcome is a value; an exception is a surprise and ends the process.
 */
export type Outcome<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** Nothing to do, on purpose; counted. */
  | { readonly kind: 'drop'; readonly reason: DropReason }
  /** Unreadable for good; goes to the dead-letter topic with its bytes. */
  | { readonly kind: 'dead-letter'; readonly reason: DeadLetterReason; readonly detail: string }
  /** Not now; the same input may succeed later. */
  | { readonly kind: 'retry'; readonly reason: RetryReason };

/** Closed lists: each code is at once a metric label, a dead-letter reason and a row of docs/operations.md. */
export const DROP_REASONS = [
  'duplicate',
  'echo',
  'status_update',
  'not_a_message',
  'unknown_event',
  'other_account',
  'group_chat',
  'bot_author',
  'outgoing',
  'wrong_object',
  'unsupported_channel',
  'empty',
] as const;
export type DropReason = (typeof DROP_REASONS)[number];

export const DEAD_LETTER_REASONS = [
  'undecodable',
  'schema_mismatch',
  'missing_field',
  'too_large',
  'timestamp_out_of_range',
  'unknown_workspace',
  'rejected_by_warehouse',
] as const;
export type DeadLetterReason = (typeof DEAD_LETTER_REASONS)[number];

export const RETRY_REASONS = ['bus_unavailable', 'store_unavailable', 'warehouse_unavailable', 'rate_limited', 'timeout'] as const;
export type RetryReason = (typeof RETRY_REASONS)[number];

export function ok<T>(value: T): Outcome<T> {
  return { kind: 'ok', value };
}

export function drop(reason: DropReason): Outcome<never> {
  return { kind: 'drop', reason };
}

/** `detail` is one sentence for people: no personal data, no secrets, no payload. */
export function deadLetter(reason: DeadLetterReason, detail: string): Outcome<never> {
  return { kind: 'dead-letter', reason, detail };
}

export function retry(reason: RetryReason): Outcome<never> {
  return { kind: 'retry', reason };
}
