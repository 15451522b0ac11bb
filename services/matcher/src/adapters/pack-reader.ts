const MORE = 0x80;
const COMMON_TEXTS = 2_048;
/** Longer texts are rarely the same twice. */
const COMMON_CHARACTERS = 64;

/** Reads what PackWriter wrote, in the same order. Throws a RangeError on bytes that end too early: they are our own, so that is a defect. */
export class PackReader {
  private bytes: Buffer = Buffer.alloc(0);
  private scratch = Buffer.allocUnsafeSlow(4_096);
  private at = 0;
  private end = 0;
  /** Texts that many values share: handing out the same string saves its memory and the call that makes it. */
  private readonly texts: (string | undefined)[] = new Array<string | undefined>(COMMON_TEXTS).fill(undefined);

  /** Reads from these bytes until the next `open`; they must not change meanwhile. */
  open(bytes: Uint8Array): void {
    this.bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = 0;
    this.end = bytes.length;
  }

  /** Reads from a copy: strings cut from a packed text would keep all of it in memory. */
  openText(packed: string): void {
    const { length } = packed;
    if (length > this.scratch.length) this.scratch = Buffer.allocUnsafeSlow(2 * length);
    this.scratch.write(packed, 0, 'latin1');
    this.bytes = this.scratch;
    this.at = 0;
    this.end = length;
  }

  hasMore(): boolean {
    return this.at < this.end;
  }

  uint(): number {
    const { bytes } = this;
    let { at } = this;
    let byte = bytes[at++]!;
    let value = byte & 0x7f;
    for (let factor = MORE; byte >= MORE && at < this.end; factor *= MORE) {
      byte = bytes[at++]!;
      value += (byte & 0x7f) * factor;
    }
    if (at > this.end || byte >= MORE) throw tooShort();
    this.at = at;
    return value;
  }

  int(): number {
    const value = this.uint();
    return value === 0 ? -this.uint() : value - 1;
  }

  flag(): boolean {
    return this.uint() !== 0;
  }

  double(): number {
    return this.bytes.readDoubleLE(this.pass(8));
  }

  stepped(perUnit: number): number {
    const code = this.uint();
    if (code === 0) return this.double();
    return (code % 2 === 0 ? code / 2 - 1 : -(code - 1) / 2) / perUnit;
  }

  text(): string {
    const header = this.uint();
    if (header === 0) return '';
    return header % 2 === 0 ? this.latin1(header / 2) : this.wide(header);
  }

  /** A text that is likely to come again. */
  commonText(): string {
    const header = this.uint();
    if (header === 0) return '';
    if (header % 2 === 1) return this.wide(header);
    const length = header / 2;
    if (length > COMMON_CHARACTERS) return this.latin1(length);
    const { bytes } = this;
    const start = this.pass(length);
    let hash = length;
    for (let index = start; index < start + length; index += 1) hash = (Math.imul(hash, 31) + bytes[index]!) | 0;
    const slot = (hash ^ (hash >>> 15)) & (COMMON_TEXTS - 1);
    const known = this.texts[slot];
    if (known !== undefined && this.isSame(known, start, length)) return known;
    const text = bytes.toString('latin1', start, start + length);
    this.texts[slot] = text;
    return text;
  }

  packed(): string {
    return this.latin1(this.uint());
  }

  private latin1(length: number): string {
    const start = this.pass(length);
    return this.bytes.toString('latin1', start, start + length);
  }

  private wide(header: number): string {
    const start = this.pass(header - 1);
    return this.bytes.toString('utf16le', start, this.at);
  }

  private pass(count: number): number {
    const start = this.at;
    if (count > this.end - start) throw tooShort();
    this.at = start + count;
    return start;
  }

  private isSame(text: string, start: number, length: number): boolean {
    const { bytes } = this;
    if (text.length !== length) return false;
    for (let index = 0; index < length; index += 1) if (text.charCodeAt(index) !== bytes[start + index]) return false;
    return true;
  }
}

function tooShort(): RangeError {
  return new RangeError('a packed value ends before its last field: it was not written by this version');
}
