import { crc32 } from 'node:zlib';
import type { BusRecord } from './bus.ts';

/**
 * Bytes of the embedded log. Record keys sort by partition, then offset, so that a partition is one range of the tree:
 * topic id u16 · partition u16 · offset u64, big-endian.
 *
 * Record values: timestamp f64 LE, negated (-0 for 0) · key length + 1 as varint (0: no key) · key · number of headers as varint · per header the lengths of name and
 * value in UTF-16 units as varints · byte length of the text as varint · all names and values as one UTF-8 text · the value · CRC-32 u32 LE of all
 * that stands before it. Records of data layout 1 have a timestamp that is not negated, and no checksum.
 * One text for all headers because decoding a string costs about the same whatever its length, and slicing one costs nearly nothing.
 */
export interface RecordAddress {
  readonly topicId: number;
  readonly partition: number;
  readonly offset: number;
}

export interface StoredRecord {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
  readonly timestampMs: number;
}

/** What reading a value gives; topic, partition and offset are in the key. */
export type LoadedRecord = Pick<BusRecord, 'key' | 'value' | 'headers' | 'timestampMs'>;

const HIGH = 4_294_967_296;
const ADDRESS_BYTES = 12;
const TIMESTAMP_BYTES = 8;
const CHECKSUM_BYTES = 4;

/** What is in the log is not what was written. */
export class DamagedRecordError extends Error {
  override readonly name = 'DamagedRecordError';
}

/** lmdb's key encoder for `RecordAddress`. Reading gives the offset alone: whoever iterates knows the partition. */
export const addressEncoder = {
  writeKey(address: RecordAddress, target: Buffer, start: number): number {
    const { topicId, partition, offset } = address;
    target[start] = topicId >>> 8;
    target[start + 1] = topicId;
    target[start + 2] = partition >>> 8;
    target[start + 3] = partition;
    writeUint32(target, Math.floor(offset / HIGH), start + 4);
    writeUint32(target, offset >>> 0, start + 8);
    return start + ADDRESS_BYTES;
  },
  readKey(source: Buffer, start: number): number {
    return source.readUInt32BE(start + 4) * HIGH + source.readUInt32BE(start + 8);
  },
};

function writeUint32(target: Buffer, value: number, at: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}

/**
 * lmdb's value encoder. `encode` answers with a piece of one buffer that the next call overwrites: inside a write transaction lmdb copies the bytes
 * before `put` returns, and the log writes nowhere else.
 */
export function recordEncoder() {
  let scratch = Buffer.allocUnsafeSlow(65_536);
  return {
    encode(record: StoredRecord): Uint8Array {
      const { key, value, headers, timestampMs } = record;
      let text = '';
      let count = 0;
      const sizes: number[] = [];
      for (const name in headers) {
        const content = headers[name] ?? '';
        sizes.push(name.length, content.length);
        text += name + content;
        count++;
      }
      // A UTF-16 unit takes three bytes of UTF-8 at most, a varint five.
      const bound = TIMESTAMP_BYTES + CHECKSUM_BYTES + 5 + key.length + 5 + sizes.length * 5 + 5 + text.length * 3 + value.length;
      if (scratch.length < bound) scratch = Buffer.allocUnsafeSlow(Math.max(bound, scratch.length * 2));
      scratch.writeDoubleLE(-timestampMs, 0);
      let at = writeVarint(scratch, key.length + 1, TIMESTAMP_BYTES);
      scratch.set(key, at);
      at = writeVarint(scratch, count, at + key.length);
      for (const size of sizes) at = writeVarint(scratch, size, at);
      const textBytes = text.length === 0 ? 0 : Buffer.byteLength(text);
      at = writeVarint(scratch, textBytes, at);
      if (textBytes > 0) at += scratch.write(text, at, textBytes, 'utf8');
      scratch.set(value, at);
      const end = at + value.length;
      scratch.writeUInt32LE(crc32(scratch.subarray(0, end)), end);
      return scratch.subarray(0, end + CHECKSUM_BYTES);
    },

    /**
     * lmdb hands over a buffer it uses again for the next entry, and the length that counts: everything kept is copied.
     *
     * @throws DamagedRecordError
     */
    decode(source: Buffer, options?: number | { end?: number }): LoadedRecord {
      const sourceEnd = typeof options === 'number' ? options : (options?.end ?? source.length);
      const isChecked = source[TIMESTAMP_BYTES - 1]! >= 0x80;
      const end = isChecked ? sourceEnd - CHECKSUM_BYTES : sourceEnd;
      if (isChecked && (end < TIMESTAMP_BYTES || source.readUInt32LE(end) !== crc32(source.subarray(0, end))))
        throw new DamagedRecordError('its checksum is not that of its bytes');
      const timestampMs = Math.abs(source.readDoubleLE(0));
      const cursor = { at: TIMESTAMP_BYTES };
      const keyLength = readVarint(source, cursor) - 1;
      const keyAt = cursor.at;
      cursor.at += Math.max(0, keyLength);
      const count = readVarint(source, cursor);
      const sizes: number[] = [];
      for (let index = 0; index < count * 2; index++) sizes.push(readVarint(source, cursor));
      const textBytes = readVarint(source, cursor);
      const textAt = cursor.at;
      const headers: Record<string, string> = {};
      if (count > 0) {
        const text = source.toString('utf8', textAt, textAt + textBytes);
        let unit = 0;
        for (let index = 0; index < sizes.length; index += 2) {
          const nameEnd = unit + sizes[index]!;
          const valueEnd = nameEnd + sizes[index + 1]!;
          setHeader(headers, text.slice(unit, nameEnd), text.slice(nameEnd, valueEnd));
          unit = valueEnd;
        }
      }
      return {
        timestampMs,
        key: keyLength < 0 ? null : copy(source, keyAt, keyAt + keyLength),
        value: copy(source, textAt + textBytes, end),
        headers,
      };
    },
  };
}

/** An assignment to `__proto__` is a change of prototype, which with a string does nothing: the header would be lost. Objects without prototype have no such name, but V8 reads them slower. */
function setHeader(headers: Record<string, string>, name: string, value: string): void {
  if (name === '__proto__') Object.defineProperty(headers, name, { value, enumerable: true, configurable: true, writable: true });
  else headers[name] = value;
}

/** Bytes a record counts against its topic's limit: key, value, headers. */
export function recordBytes(key: Uint8Array, value: Uint8Array, headers: Readonly<Record<string, string>>): number {
  let bytes = key.length + value.length;
  for (const name in headers) bytes += Buffer.byteLength(name) + Buffer.byteLength(headers[name] ?? '');
  return bytes;
}

function copy(source: Buffer, start: number, end: number): Buffer {
  const target = Buffer.allocUnsafe(end - start);
  source.copy(target, 0, start, end);
  return target;
}

function writeVarint(target: Buffer, value: number, at: number): number {
  let rest = value;
  while (rest >= 0x80) {
    target[at++] = (rest & 0x7f) | 0x80;
    rest >>>= 7;
  }
  target[at++] = rest;
  return at;
}

function readVarint(source: Buffer, cursor: { at: number }): number {
  let value = 0;
  let shift = 0;
  for (;;) {
    const byte = source[cursor.at++]!;
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) return value >>> 0;
    shift += 7;
  }
}
