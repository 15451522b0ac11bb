import { crc32 } from 'node:zlib';
import type { OutRecord } from '@messtrack/runtime/bus.ts';

/**
 * Frame of one record in a spool file: length and CRC-32 of the payload (4 bytes each, big endian), then the payload: length of the
 * meta data (4 bytes), meta data as JSON, value. A crash may leave the last frame short or half written; length and checksum show it.
 */
const HEADER_BYTES = 8;
const META_LENGTH_BYTES = 4;
/** Above every topic's maxRecordBytes that ingest writes (1 MiB): a longer length is damage, not a record. */
const MAX_PAYLOAD_BYTES = 4 * 1_048_576;

/** A record whose key is text, which all of ingest's are. */
export type SpooledRecord = OutRecord & { readonly key: string };

export function encodeFrame(record: SpooledRecord): Buffer {
  const meta = Buffer.from(JSON.stringify([record.topic, record.key, record.headers]), 'utf8');
  const payloadBytes = META_LENGTH_BYTES + meta.length + record.value.length;
  if (payloadBytes > MAX_PAYLOAD_BYTES)
    throw new RangeError(`a spooled record holds at most ${MAX_PAYLOAD_BYTES} bytes, this one ${payloadBytes}`);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payloadBytes);
  frame.writeUInt32BE(payloadBytes, 0);
  frame.writeUInt32BE(meta.length, HEADER_BYTES);
  meta.copy(frame, HEADER_BYTES + META_LENGTH_BYTES);
  frame.set(record.value, HEADER_BYTES + META_LENGTH_BYTES + meta.length);
  frame.writeUInt32BE(crc32(frame.subarray(HEADER_BYTES)), 4);
  return frame;
}

export interface DecodedFrames {
  readonly records: readonly SpooledRecord[];
  /** Bytes up to the end of the last whole frame; less than the file when its tail is torn or damaged. */
  readonly wholeBytes: number;
}

/** Reads frames up to the first one that is not whole. Never throws. */
export function decodeFrames(bytes: Buffer): DecodedFrames {
  const records: SpooledRecord[] = [];
  let offset = 0;
  while (offset + HEADER_BYTES <= bytes.length) {
    const payloadBytes = bytes.readUInt32BE(offset);
    const end = offset + HEADER_BYTES + payloadBytes;
    if (payloadBytes < META_LENGTH_BYTES || payloadBytes > MAX_PAYLOAD_BYTES || end > bytes.length) break;
    const payload = bytes.subarray(offset + HEADER_BYTES, end);
    if (crc32(payload) !== bytes.readUInt32BE(offset + 4)) break;
    const record = decodePayload(payload);
    if (record === undefined) break;
    records.push(record);
    offset = end;
  }
  return { records, wholeBytes: offset };
}

function decodePayload(payload: Buffer): SpooledRecord | undefined {
  const metaBytes = payload.readUInt32BE(0);
  const valueAt = META_LENGTH_BYTES + metaBytes;
  if (valueAt > payload.length) return undefined;
  let meta: unknown;
  try {
    meta = JSON.parse(payload.toString('utf8', META_LENGTH_BYTES, valueAt));
  } catch {
    return undefined;
  }
  if (!Array.isArray(meta)) return undefined;
  const [topic, key, headers]: unknown[] = meta;
  if (typeof topic !== 'string' || typeof key !== 'string' || !isTextMap(headers)) return undefined;
  return { topic, key, headers, value: payload.subarray(valueAt) };
}

function isTextMap(value: unknown): value is Record<string, string> {
  return typeof value === 'object' && value !== null && Object.values(value).every((member) => typeof member === 'string');
}
