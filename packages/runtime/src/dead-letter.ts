import { createHash } from 'node:crypto';
import { DeadLetter } from '@messtrack/proto/gen/messtrack/v1/state.ts';
import { encodeHeaders } from '@messtrack/proto/headers.ts';
import type { OutRecord, RecordPosition } from './bus.ts';
import type { DeadLetterReason } from './outcome.ts';

export interface DeadLetterInput {
  /** Dead-letter topic: a name from the catalogue ending in `.dlq`. */
  readonly topic: string;
  readonly reason: DeadLetterReason;
  /** One sentence for people; no personal data, no secrets, no payload. */
  readonly detail: string;
  /** The bytes as they arrived. */
  readonly raw: Uint8Array;
  /** Where they came from: "hooks/whatsapp" or a topic. */
  readonly origin: string;
  readonly workspace?: string | undefined;
  readonly account?: string | undefined;
  /** Milliseconds since the Unix epoch, UTC. */
  readonly failedAtMs: number;
  /** The record that could not be read; leave out what came over HTTP. */
  readonly source?: RecordPosition | undefined;
  readonly traceparent?: string | undefined;
}

/** The topics take 4 MiB; the rest is room for key, headers and the other fields. Webhooks are at most 3 MB, records at most 1 MiB. */
const MAX_RAW_BYTES = 4 * 1_048_576 - 65_536;

/**
 * The record that keeps what could not be read. The event id is deterministic: the same record or the same bytes given up twice carry the same id,
 * so that a crash between the write and the commit is visible as a repetition, not as a second failure.
 */
export function deadLetterRecord(input: DeadLetterInput): OutRecord {
  const isCut = input.raw.length > MAX_RAW_BYTES;
  const letter: DeadLetter = {
    reason: input.reason,
    detail: isCut ? `${input.detail} (first ${MAX_RAW_BYTES} of ${input.raw.length} bytes kept)` : input.detail,
    raw: isCut ? input.raw.subarray(0, MAX_RAW_BYTES) : input.raw,
    origin: input.origin,
    workspace: input.workspace ?? '',
    account: input.account ?? '',
    failedAtMs: input.failedAtMs,
    sourceTopic: input.source?.topic ?? '',
    sourcePartition: input.source?.partition ?? 0,
    sourceOffset: input.source?.offset ?? 0,
  };
  return {
    topic: input.topic,
    key: input.origin,
    value: DeadLetter.encode(letter).finish(),
    headers: encodeHeaders({
      eventId: deadLetterId(input),
      type: 'DeadLetter',
      producedAtMs: input.failedAtMs,
      traceparent: input.traceparent,
    }),
  };
}

function deadLetterId(input: DeadLetterInput): string {
  if (input.source !== undefined) return `dlq/${input.source.topic}/${input.source.partition}/${input.source.offset}`;
  return `dlq/${input.origin}/${createHash('sha256').update(input.raw).digest('base64url').slice(0, 22)}`;
}
