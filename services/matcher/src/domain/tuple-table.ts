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

  /** `width`: four at most. `byHash`: empty, and a small one where there are never more tuples than live clicks. `hasSerials`: somebody asks for them. */
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

  /** Number of a tuple that somebody holds; −1 for any other. The parts that the table's width leaves out are empty. */
  find(first: string, second = '', third = '', fourth = ''): number {
    return this.numberOf(hashOfAll(first, second, third, fourth), first, second, third, fourth);
  }

  /** Parts one by one and not as a list: each click of a new profile holds five tuples, and their lists were most of what that took. */
  hold(first: string, second = '', third = '', fourth = ''): number {
    const hash = hashOfAll(first, second, third, fourth);
    const known = this.numberOf(hash, first, second, third, fourth);
    if (known >= 0) {
      this.holders[known]! += 1;
      return known;
    }
    const number = this.free.pop() ?? this.size;
    this.setParts(number, first, second, third, fourth);
    this.holders[number] = 1;
    if (this.serials !== undefined) this.serials[number] = this.nextSerial;
    this.nextSerial = (this.nextSerial + 1) | 0;
    this.byHash.add(hash, number);
    return number;
  }

  letGo(number: number): void {
    this.holders[number]! -= 1;
    if (this.holders[number]! > 0) return;
    const { width } = this;
    const hash = hashOfAll(
      this.part(number, 0),
      width > 1 ? this.part(number, 1) : '',
      width > 2 ? this.part(number, 2) : '',
      width > 3 ? this.part(number, 3) : '',
    );
    this.byHash.removeNumber(hash, number);
    this.setParts(number, '', '', '', '');
    this.free.push(number);
  }

  private setParts(number: number, first: string, second: string, third: string, fourth: string): void {
    const { parts, width } = this;
    const from = number * width;
    parts[from] = first;
    if (width > 1) parts[from + 1] = second;
    if (width > 2) parts[from + 2] = third;
    if (width > 3) parts[from + 3] = fourth;
  }

  private numberOf(hash: number, first: string, second: string, third: string, fourth: string): number {
    const { byHash, parts, width } = this;
    for (let place = byHash.first(hash); place >= 0; place = byHash.next(place, hash)) {
      const number = byHash.at(place);
      const from = number * width;
      if (parts[from] !== first) continue;
      if (width > 1 && parts[from + 1] !== second) continue;
      if (width > 2 && parts[from + 2] !== third) continue;
      if (width > 3 && parts[from + 3] !== fourth) continue;
      return number;
    }
    return -1;
  }
}

function hashOfAll(first: string, second: string, third: string, fourth: string): number {
  return hashOf(fourth, hashOf(third, hashOf(second, hashOf(first, 1) + 1) + 1) + 1);
}
