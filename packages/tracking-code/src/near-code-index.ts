/**
 * Live codes that a damaged one may have been: those one substitution, insertion, deletion or swap of neighbours away.
 *
 * One slip cannot touch both ends of a code. Cut a code of n symbols at h = ⌊n/2⌋: a slip behind the first h leaves those h as they were, a
 * slip within them leaves the last n − h, and so the last h; only the swap across the cut touches both, and it is undone and looked up whole. So two
 * keys per code are kept, its first and its last h symbols, and a look-up reads seven chains at most, whatever the number of live codes.
 * With 10^6 codes of ten symbols a chain of five holds 0.03 of them on average. A deletion neighbourhood (all codes with one symbol left
 * out) finds the same with 20 keys per code: ten times the memory.
 *
 * Each code costs 16 bytes of numbers, 4 to 8 of tables and the reference to its text, which stands in the store of its owner. Any text is a code here: the
 * codes of others, which history files bring, have other lengths.
 */

/** Shorter codes have so many neighbours that nearness says nothing. */
export const MIN_INDEXED_LENGTH = 4;

const EMPTY = -1;
const FIRST_SLOTS = 16;

export class NearCodeIndex {
  private readonly codes: (string | undefined)[] = [];
  /** Next slot in the chain of the first and of the last symbols; in free slots `nextFirst` is the next free one. */
  private nextFirst = new Int32Array(FIRST_SLOTS).fill(EMPTY);
  private nextLast = new Int32Array(FIRST_SLOTS).fill(EMPTY);
  private firstHeads = new Int32Array(FIRST_SLOTS).fill(EMPTY);
  private lastHeads = new Int32Array(FIRST_SLOTS).fill(EMPTY);
  private free = EMPTY;
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Adding a code twice is adding it once. Shorter ones than MIN_INDEXED_LENGTH are left out. */
  add(code: string): void {
    if (code.length < MIN_INDEXED_LENGTH || this.slotOf(code) !== EMPTY) return;
    if (this.count >= this.firstHeads.length) this.grow();
    let slot = this.free;
    if (slot === EMPTY) {
      slot = this.codes.length;
      this.codes.push(code);
    } else {
      this.free = this.nextFirst[slot]!;
      this.codes[slot] = code;
    }
    this.count += 1;
    this.link(slot, code);
  }

  /** Removing a code that is not there is nothing. */
  delete(code: string): void {
    const slot = code.length < MIN_INDEXED_LENGTH ? EMPTY : this.slotOf(code);
    if (slot === EMPTY) return;
    unlink(this.firstHeads, this.nextFirst, this.firstHead(code, code.length), slot);
    unlink(this.lastHeads, this.nextLast, this.lastHead(code, code.length), slot);
    this.codes[slot] = undefined;
    this.nextFirst[slot] = this.free;
    this.free = slot;
    this.count -= 1;
  }

  has(code: string): boolean {
    return code.length >= MIN_INDEXED_LENGTH && this.slotOf(code) !== EMPTY;
  }

  /** Live codes exactly one slip from `read`, each once, in no order; at most `limit`, which ends the search. `read` itself is none. */
  near(read: string, limit = Number.POSITIVE_INFINITY): readonly string[] {
    const found: string[] = [];
    for (const length of [read.length, read.length - 1, read.length + 1]) {
      if (length < MIN_INDEXED_LENGTH) continue;
      this.collect(this.firstHeads[this.firstHead(read, length)]!, this.nextFirst, read, length, found, limit);
      this.collect(this.lastHeads[this.lastHead(read, length)]!, this.nextLast, read, length, found, limit);
    }
    if (read.length >= MIN_INDEXED_LENGTH && found.length < limit) {
      const cut = read.length >> 1;
      const swapped = read.slice(0, cut - 1) + read[cut]! + read[cut - 1]! + read.slice(cut + 1);
      if (swapped !== read && this.has(swapped) && !found.includes(swapped)) found.push(swapped);
    }
    return found;
  }

  private collect(head: number, next: Int32Array, read: string, length: number, found: string[], limit: number): void {
    for (let slot = head; slot !== EMPTY && found.length < limit; slot = next[slot]!) {
      const code = this.codes[slot]!;
      if (code.length === length && isOneSlipAway(read, code) && !found.includes(code)) found.push(code);
    }
  }

  private slotOf(code: string): number {
    let slot = this.firstHeads[this.firstHead(code, code.length)]!;
    while (slot !== EMPTY && this.codes[slot] !== code) slot = this.nextFirst[slot]!;
    return slot;
  }

  /** Chain of the codes of this length that begin as `text` does. */
  private firstHead(text: string, length: number): number {
    return hash(text, 0, length >> 1, length) & (this.firstHeads.length - 1);
  }

  private lastHead(text: string, length: number): number {
    return hash(text, text.length - (length >> 1), text.length, length) & (this.lastHeads.length - 1);
  }

  private link(slot: number, code: string): void {
    const first = this.firstHead(code, code.length);
    this.nextFirst[slot] = this.firstHeads[first]!;
    this.firstHeads[first] = slot;
    const last = this.lastHead(code, code.length);
    this.nextLast[slot] = this.lastHeads[last]!;
    this.lastHeads[last] = slot;
  }

  /** Only full tables grow, so every slot is taken. */
  private grow(): void {
    const size = this.firstHeads.length * 2;
    this.firstHeads = new Int32Array(size).fill(EMPTY);
    this.lastHeads = new Int32Array(size).fill(EMPTY);
    this.nextFirst = new Int32Array(size).fill(EMPTY);
    this.nextLast = new Int32Array(size).fill(EMPTY);
    for (let slot = 0; slot < this.codes.length; slot += 1) this.link(slot, this.codes[slot]!);
  }
}

function unlink(heads: Int32Array, next: Int32Array, head: number, slot: number): void {
  if (heads[head] === slot) {
    heads[head] = next[slot]!;
    return;
  }
  let before = heads[head]!;
  while (next[before] !== slot) before = next[before]!;
  next[before] = next[slot]!;
}

/** FNV-1a over the symbols and the length of the code, mixed once more because the table takes the low bits. */
function hash(text: string, from: number, to: number, length: number): number {
  let value = 0x811c9dc5 ^ length;
  for (let i = from; i < to; i += 1) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

/** Optimal string alignment distance of exactly one, in one pass from both ends. */
export function isOneSlipAway(a: string, b: string): boolean {
  const difference = a.length - b.length;
  if (difference > 1 || difference < -1 || a === b) return false;
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a.charCodeAt(start) === b.charCodeAt(start)) start += 1;
  if (difference === 1) return endsAlike(a, start + 1, b, start);
  if (difference === -1) return endsAlike(a, start, b, start + 1);
  if (endsAlike(a, start + 1, b, start + 1)) return true;
  return (
    start + 1 < a.length &&
    a.charCodeAt(start) === b.charCodeAt(start + 1) &&
    a.charCodeAt(start + 1) === b.charCodeAt(start) &&
    endsAlike(a, start + 2, b, start + 2)
  );
}

function endsAlike(a: string, fromA: number, b: string, fromB: number): boolean {
  for (let i = fromA, j = fromB; i < a.length; i += 1, j += 1) if (a.charCodeAt(i) !== b.charCodeAt(j)) return false;
  return true;
}
