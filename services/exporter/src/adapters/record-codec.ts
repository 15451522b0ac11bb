import { TOPICS } from '@messtrack/proto/topics.ts';
import { type DeadLetterReason, deadLetter, drop, type Outcome, ok } from '@messtrack/runtime/outcome.ts';
import { encodeRow } from '../domain/encode-row.ts';
import type { Row } from '../domain/row.ts';
import type { Decoded } from './decoded.ts';
import { decodeDelivery } from './delivery-codec.ts';
import { decodeGoal } from './goal-codec.ts';
import { decodeLead } from './lead-codec.ts';
import { decodeModel } from './model-codec.ts';
import { decodeTouchpoint } from './touchpoint-codec.ts';
import { decodeVisit } from './visit-codec.ts';

const DECODERS: Readonly<Record<string, (value: Uint8Array) => Decoded>> = {
  [TOPICS.leads.name]: decodeLead,
  [TOPICS.visits.name]: decodeVisit,
  [TOPICS.touchpoints.name]: decodeTouchpoint,
  [TOPICS.goals.name]: decodeGoal,
  [TOPICS.deliveries.name]: decodeDelivery,
  [TOPICS.model.name]: decodeModel,
};

/** Topics the exporter reads. */
export const EXPORTED_TOPICS: readonly string[] = Object.keys(DECODERS);

/** The row of a record. Never throws for what the bytes hold; an unknown topic is a defect. */
export function recordToRow(topic: string, value: Uint8Array): Outcome<Row> {
  const decode = DECODERS[topic];
  if (decode === undefined) throw new TypeError(`no codec for topic ${topic}`);
  // Compacted topics: an empty value deletes a key.
  if (value.length === 0) return drop('empty');
  const decoded = decodeSafely(decode, value);
  if (decoded.kind === 'unreadable') return deadLetter('undecodable', `the value is not a protobuf message of ${topic}`);
  if (decoded.kind === 'ignored') return drop('unknown_event');
  const encoded = encodeRow(decoded.table, decoded.required, decoded.times, decoded.columns);
  if (encoded.kind === 'ok') return ok(encoded.row);
  const reason: DeadLetterReason = encoded.reason;
  return deadLetter(reason, encoded.detail);
}

function decodeSafely(decode: (value: Uint8Array) => Decoded, value: Uint8Array): Decoded {
  try {
    return decode(value);
  } catch {
    // The error says nothing more that could be passed on: its text may quote the payload.
    return { kind: 'unreadable' };
  }
}
