const CONTINUES = 0x80;
const COMMON_TEXTS = 2_048;

/**
 * Reads the well-formed part of protobuf without objects of its own: whatever is unusual (a varint beyond 2^53, a group, a length that
 * runs over its end) makes it `isOdd`, and the caller turns to the generated decoder, which is the law. One reader serves all records;
 * the generated one takes six times as long for a click, most of it for fields that no decision looks at.
 */
export class WireReader {
  /** True once something was read that this reader leaves to the generated decoder; what it has returned since means nothing. */
  isOdd = false;
  private bytes: Buffer = Buffer.alloc(0);
  private at = 0;
  private end = 0;
  private readonly utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  /** Texts that many records share: handing out the same string saves its memory in the state and its hash at every lookup. */
  private readonly texts: (string | undefined)[] = new Array(COMMON_TEXTS).fill(undefined);

  open(bytes: Uint8Array): void {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
    this.end = bytes.length;
    this.isOdd = false;
  }

  /** Next tag (field number times 8 plus wire type) of the message that is open; 0 at its end. */
  tag(): number {
    if (this.at >= this.end) return 0;
    const tag = this.small();
    if (tag >= 8) return tag;
    this.giveUp();
    return 0;
  }

  hasMore(): boolean {
    return this.at < this.end;
  }

  position(): number {
    return this.at;
  }

  /** Goes back to a place in the outermost message. */
  seek(position: number): void {
    this.at = position;
    this.end = this.bytes.length;
  }

  /** Enters an embedded message and returns what `leave` needs. */
  enter(): number {
    const length = this.uint();
    const outer = this.end;
    if (length > outer - this.at) {
      this.giveUp();
      return outer;
    }
    this.end = this.at + length;
    return outer;
  }

  leave(outer: number): void {
    if (!this.isOdd) this.end = outer;
  }

  /** A varint as a number; exact, or the reader is odd. */
  uint(): number {
    const { bytes, end } = this;
    let { at } = this;
    let value = 0;
    let factor = 1;
    while (at < end) {
      const byte = bytes[at]!;
      at += 1;
      if (byte < CONTINUES) {
        value += byte * factor;
        if (value > Number.MAX_SAFE_INTEGER) break;
        this.at = at;
        return value;
      }
      value += (byte - CONTINUES) * factor;
      factor *= 128;
      if (factor > 2 ** 49) break;
    }
    this.giveUp();
    return 0;
  }

  /** A varint of at most 31 bits: what is larger would wrap around in a 32-bit field. */
  small(): number {
    const value = this.uint();
    if (value > 0x7fff_ffff) this.giveUp();
    return value;
  }

  double(): number {
    const start = this.at;
    this.pass(8);
    return this.isOdd ? 0 : this.bytes.readDoubleLE(start);
  }

  text(): string {
    const start = this.skipBytes();
    const { bytes, at } = this;
    for (let index = start; index < at; index += 1) {
      if (bytes[index]! >= CONTINUES) return this.utf8.decode(bytes.subarray(start, at));
    }
    return bytes.toString('latin1', start, at);
  }

  /** A text that is likely to come again. */
  commonText(): string {
    const start = this.skipBytes();
    const { bytes, at } = this;
    let hash = at - start;
    for (let index = start; index < at; index += 1) {
      const byte = bytes[index]!;
      if (byte >= CONTINUES) return this.utf8.decode(bytes.subarray(start, at));
      hash = (Math.imul(hash, 31) + byte) | 0;
    }
    const slot = (hash ^ (hash >>> 15)) & (COMMON_TEXTS - 1);
    const known = this.texts[slot];
    if (known !== undefined && this.isSame(known, start)) return known;
    const text = bytes.toString('latin1', start, at);
    this.texts[slot] = text;
    return text;
  }

  /** Passes over a field that nobody needs. */
  skip(tag: number): void {
    switch (tag & 7) {
      case 0:
        this.uint();
        return;
      case 1:
        this.pass(8);
        return;
      case 2:
        this.pass(this.uint());
        return;
      case 5:
        this.pass(4);
        return;
      default:
        this.giveUp();
    }
  }

  giveUp(): void {
    this.isOdd = true;
    this.at = 0;
    this.end = 0;
  }

  private skipBytes(): number {
    const length = this.uint();
    const start = this.at;
    this.pass(length);
    return this.isOdd ? this.at : start;
  }

  private pass(count: number): void {
    if (count > this.end - this.at) this.giveUp();
    else this.at += count;
  }

  private isSame(text: string, start: number): boolean {
    const { bytes, at } = this;
    if (text.length !== at - start) return false;
    for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) !== bytes[start + index]) return false;
    return true;
  }
}
