import type { Packed, Packing } from './packing.ts';
import { type Place, Shelves } from './shelves.ts';
import { grown, more } from './text-column.ts';

/** Something unpacked that stands under a number. */
export interface Numbered {
  number: number;
}

/**
 * What waits, under numbers that rise in the order in which it came: on a shelf the most of it, unpacked the rest. Eight bytes each. Numbers of what has gone are
 * used again once they are a quarter: then all others move up, in their order, and `moved` is told where.
 */
export class WaitingRoom<Warm extends Numbered> {
  private readonly packing: Pick<Packing, 'shelve' | 'unshelve'>;
  /** Made when the first of them is put away: most small accounts have all of theirs at hand, or none. */
  private shelves: Shelves | undefined;
  private readonly moved: (to: Int32Array) => void;
  /** Places on the shelves, or WARM or GONE. */
  private places = new Float64Array(LEAST);
  private end = 0;
  private held = 0;
  private readonly warm = new Map<number, Warm>();

  constructor(packing: Pick<Packing, 'shelve' | 'unshelve'>, moved: (to: Int32Array) => void) {
    this.packing = packing;
    this.moved = moved;
  }

  get size(): number {
    return this.held;
  }

  has(number: number): boolean {
    return this.places[number] !== GONE;
  }

  /** Unpacked, when it is. */
  warmAt(number: number): Warm | undefined {
    return this.warm.get(number);
  }

  /** Of what is on a shelf. */
  packedAt(number: number): Packed {
    return this.shelves!.get(this.places[number]!);
  }

  /** A number for what comes anew, on its shelf. */
  shelve(packed: Packed): number {
    const number = this.nextNumber();
    this.places[number] = this.putAway(packed);
    return number;
  }

  /** A number for what comes anew, unpacked. */
  enter(warm: Warm): number {
    const number = this.nextNumber();
    this.places[number] = WARM;
    this.warm.set(number, warm);
    warm.number = number;
    return number;
  }

  /** In place of what stood under this number. */
  replace(number: number, warm: Warm): void {
    this.letGo(number);
    this.places[number] = WARM;
    this.warm.set(number, warm);
    warm.number = number;
  }

  /** Puts it on a shelf, unless it was replaced or has gone meanwhile. */
  cool(warm: Warm, pack: (warm: Warm) => Packed): void {
    const { number } = warm;
    if (this.warm.get(number) !== warm) return;
    this.warm.delete(number);
    this.places[number] = this.putAway(pack(warm));
  }

  remove(number: number): void {
    this.letGo(number);
    this.places[number] = GONE;
    this.held -= 1;
  }

  /** In the order in which they came. */
  *numbers(): IterableIterator<number> {
    for (let number = 0; number < this.end; number += 1) if (this.has(number)) yield number;
  }

  private putAway(packed: Packed): Place {
    this.shelves ??= new Shelves(this.packing);
    return this.shelves.put(packed);
  }

  private letGo(number: number): void {
    if (!this.warm.delete(number)) this.shelves!.take(this.places[number]!);
  }

  private nextNumber(): number {
    if (this.end === this.places.length) {
      if (4 * this.held <= 3 * this.end) this.moveUp();
      else this.places = grown(this.places, new Float64Array(more(this.end)));
    }
    this.held += 1;
    this.end += 1;
    return this.end - 1;
  }

  private moveUp(): void {
    const to = new Int32Array(this.end).fill(-1);
    let next = 0;
    for (const number of this.numbers()) {
      to[number] = next;
      this.places[next] = this.places[number]!;
      next += 1;
    }
    this.end = next;
    if (4 * next < this.places.length) this.places = this.places.slice(0, Math.max(LEAST, 2 * next));
    const warm = [...this.warm.values()];
    this.warm.clear();
    for (const each of warm) {
      each.number = to[each.number]!;
      this.warm.set(each.number, each);
    }
    this.moved(to);
  }
}

const LEAST = 8;
const WARM = -1;
const GONE = -2;
