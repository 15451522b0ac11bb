/** A row of a table: what the values' names say. */
export type MmdbRow = Readonly<Record<string, unknown>>;

/** Bytes of a file by their place. */
export interface Pages {
  byte(at: number): number;
  /** A copy. */
  bytes(at: number, count: number): Buffer;
  /** UTF-8. */
  text(at: number, count: number): string;
}

/** Types of the format by number, as far as tables of addresses use them; numbers from 8 on are written in a byte of their own. */
const POINTER = 1;
const TEXT = 2;
const DOUBLE = 3;
const UINT16 = 5;
const UINT32 = 6;
const MAP = 7;
const INT32 = 8;
const UINT64 = 9;
const LIST = 11;
const FLAG = 14;
const FLOAT = 15;

/** A pointer's own bits hold these many values fewer, by the number of its bytes. */
const POINTER_BASES = [0, 2_048, 526_336, 0] as const;
/** Sizes from here on take one, two or three bytes more. */
const LARGE_SIZE = 29;
const SIZE_BASES = [29, 285, 65_821] as const;
/** A row that goes deeper was made to. */
const MAX_DEPTH = 16;

/** Names of fields stand once in a file and are pointed to from every row. */
const MAX_NAMES = 64;

/** Reads the values of a table: each says its type and its size, and may stand elsewhere. */
export class MmdbValues {
  private readonly pages: Pages;
  /** Where pointers count from. */
  private readonly base: number;
  private readonly names = new Map<number, string>();
  private at = 0;

  constructor(pages: Pages, base: number) {
    this.pages = pages;
    this.base = base;
  }

  /**
   * @param fields of those that the row has; a value that nobody asks for is passed over, and a row of places has eight
   * @throws RangeError when there is no row at this place of the file
   */
  row(at: number, fields: ReadonlySet<string>): MmdbRow {
    this.at = at;
    const control = this.next();
    if (control >> 5 !== MAP) throw new RangeError('a table of addresses holds no rows');
    return this.map(this.size(control & 0x1f), 0, fields);
  }

  private value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new RangeError('a row of a table of addresses is too deep');
    const control = this.next();
    const type = this.type(control);
    if (type === POINTER) return this.pointed(control, depth);
    const size = this.size(control & 0x1f);
    switch (type) {
      case TEXT:
        return this.text(size);
      case DOUBLE:
        return this.taken(8).readDoubleBE(0);
      case FLOAT:
        return this.taken(4).readFloatBE(0);
      case UINT16:
      case UINT32:
      case INT32:
        return this.taken(size).reduce((sum, byte) => sum * 0x100 + byte, 0);
      case UINT64:
        return this.taken(size).reduce((sum, byte) => sum * 0x100n + BigInt(byte), 0n);
      case FLAG:
        return size === 1;
      case LIST:
        return Array.from({ length: size }, () => this.value(depth + 1));
      case MAP:
        return this.map(size, depth, undefined);
      default:
        throw unknownType(type);
    }
  }

  private map(size: number, depth: number, fields: ReadonlySet<string> | undefined): MmdbRow {
    const row: Record<string, unknown> = {};
    let wanted = fields?.size ?? size;
    for (let left = size; left > 0 && wanted > 0; left -= 1) {
      const name = this.name(depth);
      if (fields === undefined || fields.has(name)) {
        row[name] = this.value(depth + 1);
        wanted -= 1;
      } else this.pass(depth);
    }
    return row;
  }

  private name(depth: number): string {
    const start = this.at;
    const control = this.next();
    if (this.type(control) !== POINTER) {
      this.at = start;
      return String(this.value(depth + 1));
    }
    const target = this.target(control);
    const known = this.names.get(target);
    if (known !== undefined) return known;
    const name = String(this.valueAt(target, depth));
    if (this.names.size < MAX_NAMES) this.names.set(target, name);
    return name;
  }

  private pointed(control: number, depth: number): unknown {
    return this.valueAt(this.target(control), depth);
  }

  private valueAt(target: number, depth: number): unknown {
    const back = this.at;
    this.at = target;
    const value = this.value(depth + 1);
    this.at = back;
    return value;
  }

  /** Where a pointer points to; what follows it is next. */
  private target(control: number): number {
    const bytes = (control >> 3) & 3;
    let offset = bytes === 3 ? 0 : control & 7;
    for (let left = bytes + 1; left > 0; left -= 1) offset = offset * 0x100 + this.next();
    return this.base + offset + POINTER_BASES[bytes as 0 | 1 | 2 | 3];
  }

  /** Goes on behind the next value. */
  private pass(depth: number): void {
    const control = this.next();
    const type = this.type(control);
    if (type === POINTER) {
      this.target(control);
      return;
    }
    const size = this.size(control & 0x1f);
    if (type === MAP || type === LIST) {
      if (depth > MAX_DEPTH) throw new RangeError('a row of a table of addresses is too deep');
      for (let left = type === MAP ? 2 * size : size; left > 0; left -= 1) this.pass(depth + 1);
    } else if (type !== FLAG) this.at += size;
  }

  private type(control: number): number {
    return control >> 5 === 0 ? this.next() + 7 : control >> 5;
  }

  private size(size: number): number {
    if (size < LARGE_SIZE) return size;
    let more = 0;
    for (let left = size - LARGE_SIZE + 1; left > 0; left -= 1) more = more * 0x100 + this.next();
    return more + SIZE_BASES[(size - LARGE_SIZE) as 0 | 1 | 2];
  }

  private text(size: number): string {
    const text = this.pages.text(this.at, size);
    this.at += size;
    return text;
  }

  private taken(size: number): Buffer {
    const bytes = this.pages.bytes(this.at, size);
    this.at += size;
    return bytes;
  }

  private next(): number {
    const byte = this.pages.byte(this.at);
    this.at += 1;
    return byte;
  }
}

function unknownType(type: number): RangeError {
  return new RangeError(`a table of addresses holds a value of type ${type}`);
}
