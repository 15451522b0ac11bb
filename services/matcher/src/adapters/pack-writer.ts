/** Above this a native call is quicker than a loop. */
const LOOP_CHARACTERS = 64;
const MORE = 0x80;
/** The longest number. */
const NUMBER_BYTES = 10;

/**
 * Writes values one after the other, without names or tags: whoever reads them knows the order. For what stays inside this service and is
 * written and read by the same version; contracts are protobuf.
 */
export class PackWriter {
  private bytes = Buffer.allocUnsafeSlow(4_096);
  private at = 0;

  /** A whole number from 0 to 2^53. */
  uint(value: number): void {
    this.reserve(NUMBER_BYTES);
    const { bytes } = this;
    let { at } = this;
    let rest = value;
    // Bit operations are for 32 bits; times have 41.
    while (rest > 0x7fff_ffff) {
      bytes[at++] = (rest % MORE) + MORE;
      rest = Math.floor(rest / MORE);
    }
    while (rest >= MORE) {
      bytes[at++] = (rest & 0x7f) | MORE;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.at = at;
  }

  /** A whole number that is safe; hardly ever below 0. */
  int(value: number): void {
    if (value >= 0) {
      this.uint(value + 1);
      return;
    }
    this.uint(0);
    this.uint(-value);
  }

  flag(value: boolean): void {
    this.uint(value ? 1 : 0);
  }

  double(value: number): void {
    this.reserve(8);
    this.at = this.bytes.writeDoubleLE(value, this.at);
  }

  /** A number that most often is a multiple of 1 / `perUnit` and then takes a byte or two; any other is kept as it is. */
  stepped(value: number, perUnit: number): void {
    // Plus 0: minus 0 is no step and is kept as it is.
    const steps = Math.round(value * perUnit) + 0;
    if (Object.is(steps / perUnit, value) && Math.abs(steps) < 2 ** 40) {
      this.uint(steps >= 0 ? 2 * steps + 2 : -2 * steps + 1);
      return;
    }
    this.uint(0);
    this.double(value);
  }

  /** Any text, exactly: a byte per character where all are below U+0100, else two. */
  text(text: string): void {
    const { length } = text;
    this.reserve(2 * length + NUMBER_BYTES);
    const start = this.at;
    this.uint(2 * length);
    const { bytes } = this;
    let { at } = this;
    if (length <= LOOP_CHARACTERS) {
      let index = 0;
      for (; index < length; index += 1) {
        const unit = text.charCodeAt(index);
        if (unit > 0xff) break;
        bytes[at++] = unit;
      }
      if (index === length) {
        this.at = at;
        return;
      }
    } else if (!WIDE.test(text)) {
      this.at = at + bytes.write(text, at, 'latin1');
      return;
    }
    this.at = start;
    this.uint(2 * length + 1);
    this.at += this.bytes.write(text, this.at, 'utf16le');
  }

  /** What was written before, in one piece. */
  packed(packed: string): void {
    const { length } = packed;
    this.reserve(length + NUMBER_BYTES);
    this.uint(length);
    this.at += this.bytes.write(packed, this.at, 'latin1');
  }

  /** All that was written, one character per byte, and an empty writer for the next. */
  takeText(): string {
    const text = this.bytes.toString('latin1', 0, this.at);
    this.at = 0;
    return text;
  }

  /** The first bytes in memory of their own; the rest stays. */
  takeFirst(count: number): Uint8Array {
    const taken = Uint8Array.prototype.slice.call(this.bytes, 0, count);
    this.bytes.copyWithin(0, count, this.at);
    this.at -= count;
    return taken;
  }

  get length(): number {
    return this.at;
  }

  private reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.at + count));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}

/** A character that takes two bytes. */
const WIDE = /[\u0100-\uffff]/;
