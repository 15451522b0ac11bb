import { copied } from './block.ts';

/** Above this a native call is quicker than a loop. Below 128, so that the length is one byte. */
const LOOP_CHARACTERS = 64;
const TWO_BYTES = 0x80;
/** Tag, length and value of anything but a text. */
const FIELD_BYTES = 32;

/**
 * Writes protobuf fields into one buffer that serves all records, and leaves out what has its default value, as proto3 does. Tags are given
 * with their wire type.
 */
export class WireWriter {
  private bytes = Buffer.allocUnsafeSlow(4_096);
  private at = 0;

  text(tag: number, text: string): void {
    const { length } = text;
    if (length === 0) return;
    // A UTF-16 code unit takes three bytes at most.
    this.reserve(3 * length + FIELD_BYTES);
    this.varint(tag);
    const { bytes, at } = this;
    if (length <= LOOP_CHARACTERS) {
      let index = 0;
      for (; index < length; index += 1) {
        const unit = text.charCodeAt(index);
        if (unit >= TWO_BYTES) break;
        bytes[at + 1 + index] = unit;
      }
      if (index === length) {
        bytes[at] = length;
        this.at = at + 1 + length;
        return;
      }
    }
    this.varint(Buffer.byteLength(text));
    this.at += bytes.write(text, this.at, 'utf8');
  }

  /** An integer of up to 53 bits, an enum or a boolean as 0 or 1. */
  number(tag: number, value: number): void {
    if (value === 0) return;
    this.reserve(FIELD_BYTES);
    this.varint(tag);
    if (value > 0) this.varint(value);
    else this.negative(value);
  }

  double(tag: number, value: number): void {
    if (value === 0) return;
    this.reserve(FIELD_BYTES);
    this.varint(tag);
    this.at = this.bytes.writeDoubleLE(value, this.at);
  }

  /** Opens an embedded message; `leave` wants what this returns. */
  enter(tag: number): number {
    this.reserve(FIELD_BYTES);
    this.varint(tag);
    this.at += 1;
    return this.at;
  }

  /** Closes the message and returns where its content stands now: one byte was kept for its length, and more make it move. */
  leave(start: number): number {
    const length = this.at - start;
    if (length < TWO_BYTES) {
      this.bytes[start - 1] = length;
      return start;
    }
    this.reserve(FIELD_BYTES);
    const end = this.at;
    this.at = start - 1;
    const moved = varintBytes(length) - 1;
    this.bytes.copyWithin(start + moved, start, end);
    this.varint(length);
    this.at = end + moved;
    return start + moved;
  }

  position(): number {
    return this.at;
  }

  /** Writes an embedded message whose content was written before. */
  repeat(tag: number, from: number, to: number): void {
    this.reserve(to - from + FIELD_BYTES);
    this.varint(tag);
    this.varint(to - from);
    this.bytes.copyWithin(this.at, from, to);
    this.at += to - from;
  }

  /** The record, and an empty writer for the next. */
  finish(): Buffer {
    const record = copied(this.bytes, this.at);
    this.at = 0;
    return record;
  }

  private varint(value: number): void {
    const { bytes } = this;
    let { at } = this;
    let rest = value;
    // Bit operations are for 32 bits; times have 41.
    while (rest > 0x7fff_ffff) {
      bytes[at] = (rest % TWO_BYTES) + TWO_BYTES;
      rest = Math.floor(rest / TWO_BYTES);
      at += 1;
    }
    while (rest >= TWO_BYTES) {
      bytes[at] = (rest & 0x7f) | TWO_BYTES;
      rest >>>= 7;
      at += 1;
    }
    bytes[at] = rest;
    this.at = at + 1;
  }

  /** Ten bytes of two's complement; only times before 1970 come here. */
  private negative(value: number): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    for (; rest >= 128n; rest >>= 7n) {
      this.bytes[this.at] = Number(rest & 0x7fn) | TWO_BYTES;
      this.at += 1;
    }
    this.bytes[this.at] = Number(rest);
    this.at += 1;
  }

  private reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.at + count));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}

function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest >= TWO_BYTES; rest = Math.floor(rest / TWO_BYTES)) count += 1;
  return count;
}
