/**
 * Headers of every record on every topic. Header names are contract: platform teams filter on them without decoding the value.
 */
export interface RecordHeaders {
  /** Deterministic event id; the same event always carries the same one. */
  readonly eventId: string;
  /** Protobuf message of the value, with the oneof case where there is one: `Touchpoint.click`, `Lead`. */
  readonly type: string;
  /** When the producer handed it to the broker. Milliseconds since the Unix epoch, UTC. */
  readonly producedAtMs: number;
  /** W3C trace context of the request that caused it; absent when not sampled. */
  readonly traceparent?: string | undefined;
}

export function encodeHeaders(headers: RecordHeaders): Record<string, string> {
  const encoded: Record<string, string> = {
    'event-id': headers.eventId,
    type: headers.type,
    'produced-at': String(headers.producedAtMs),
  };
  if (headers.traceparent !== undefined) encoded['traceparent'] = headers.traceparent;
  return encoded;
}

/** Foreign producers may leave headers out; the reader gets empty strings and 0, never an exception. */
export function decodeHeaders(raw: Readonly<Record<string, string>>): RecordHeaders {
  const producedAtMs = Number(raw['produced-at'] ?? 0);
  return {
    eventId: raw['event-id'] ?? '',
    type: raw['type'] ?? '',
    producedAtMs: Number.isFinite(producedAtMs) ? producedAtMs : 0,
    traceparent: raw['traceparent'],
  };
}
