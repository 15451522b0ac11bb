import { type HashIndex, hashOf } from './hash-index.ts';
import type { SmallIndex } from './small-index.ts';

/**
 * Small numbers for tuples of texts that many share; a number is free again when nobody holds it. No number means anything by its size.
 * In columns, and without a text that joins the parts of each.
 */
export class TupleTable {
  private readonly width: number;
  /** By number, `width` each. */
  private readonly parts: string[] = [];
  /** By number: how many hold it. */
  private readonly holders: number[] = [];
  /** By number: which tuple it is, counted since the table began. */
  private readonly serials: number[] | undefined;
  private nextSerial = 0;
  private readonly free: number[] = [];
  private readonly byHash: HashIndex | SmallIndex;

  /** `byHash`: empty, and a small one where there are never more tuples than live clicks. `hasSerials`: somebody asks for them. */
  constructor(width: number, byHash: HashIndex | SmallIndex, hasSerials = false) {
    this.width = width;
    this.byHash = byHash;
    this.serials = hasSerials ? [] : undefined;
  }

  /** One more than the highest number in use so far. */
  get size(): number {
    return this.holders.length;
  }

  /** Tells a tuple from a later one that was given its number. */
  serial(number: number): number {
    return this.serials![number]!;
  }

  /** Tuples that somebody holds. */
  get held(): number {
    return this.byHash.size;
  }

  isHeld(number: number): boolean {
    return this.holders[number]! > 0;
  }

  part(number: number, index: number): string {
    return this.parts[number * this.width + index]!;
  }

  /** Number of a tuple that somebody holds; −1 for any other. */
  find(...parts: readonly string[]): number {
    return this.numberOf(parts, hashOfAll(parts));
  }

  hold(...parts: readonly string[]): number {
    const hash = hashOfAll(parts);
    const known = this.numberOf(parts, hash);
    if (known >= 0) {
      this.holders[known]! += 1;
      return known;
    }
    const number = this.free.pop() ?? this.size;
    parts.forEach((part, index) => {
      this.parts[number * this.width + index] = part;
    });
    this.holders[number] = 1;
    if (this.serials !== undefined) this.serials[number] = this.nextSerial;
    this.nextSerial = (this.nextSerial + 1) | 0;
    this.byHash.add(hash, number);
    return number;
  }

  letGo(number: number): void {
    this.holders[number]! -= 1;
    if (this.holders[number]! > 0) return;
    const from = number * this.width;
    this.byHash.removeNumber(hashOfAll(this.parts.slice(from, from + this.width)), number);
    for (let index = 0; index < this.width; index += 1) this.parts[from + index] = '';
    this.free.push(number);
  }

  private numberOf(parts: readonly string[], hash: number): number {
    for (let place = this.byHash.first(hash); place >= 0; place = this.byHash.next(place, hash)) {
      const number = this.byHash.at(place);
      if (parts.every((part, index) => this.part(number, index) === part)) return number;
    }
    return -1;
  }
}

function hashOfAll(parts: readonly string[]): number {
  let hash = 0;
  for (const part of parts) hash = hashOf(part, hash + 1);
  return hash;
}
