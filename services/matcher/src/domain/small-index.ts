/**
 * Numbers below `SMALL_NUMBERS` found by a hash of what they stand for, as `HashIndex` finds any: a place is a number and 17 bits of its hash in four bytes.
 * An account of thirty clicks an hour has ten of these, which at eight bytes were a tenth of what its clicks take. For owners who compare what stands behind
 * each number anyway, and who have no more of them than clicks can be live.
 */
export class SmallIndex {
  /** 0 where there is none. */
  private cells = new Int32Array(LEAST_PLACES);
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Place of a number with this hash, seldom of one whose hash ends alike; negative when there is none. */
  first(hash: number): number {
    return this.from(hash & TAG & this.mask(), hash);
  }

  /** The next place with the same hash. */
  next(place: number, hash: number): number {
    return this.from((place + 1) & this.mask(), hash);
  }

  at(place: number): number {
    return (this.cells[place]! & MOST) - 1;
  }

  replace(place: number, number: number): void {
    this.cells[place] = cellOf(this.cells[place]! >>> NUMBER_BITS, number);
  }

  add(hash: number, number: number): void {
    if (4 * (this.count + 1) > 3 * this.cells.length) this.resize(2 * this.cells.length);
    this.put(cellOf(hash & TAG, number));
    this.count += 1;
  }

  /** What stands behind it is moved up, so that no gap ends a search early. */
  remove(place: number): void {
    const { cells } = this;
    const mask = this.mask();
    let gap = place;
    for (let at = (gap + 1) & mask; cells[at] !== 0; at = (at + 1) & mask) {
      const home = (cells[at]! >>> NUMBER_BITS) & mask;
      // It may move into the gap when its home is not between the gap and where it stands.
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      cells[gap] = cells[at]!;
      gap = at;
    }
    cells[gap] = 0;
    this.count -= 1;
    if (cells.length > LEAST_PLACES && 8 * this.count < cells.length) this.resize(cells.length / 2);
  }

  /** A number that is there. */
  removeNumber(hash: number, number: number): void {
    let place = this.first(hash);
    while (place >= 0 && this.at(place) !== number) place = this.next(place, hash);
    if (place >= 0) this.remove(place);
  }

  /** In no order. */
  *numbers(): IterableIterator<number> {
    for (const cell of this.cells) if (cell !== 0) yield (cell & MOST) - 1;
  }

  private from(start: number, hash: number): number {
    const { cells } = this;
    const mask = this.mask();
    const tag = hash & TAG;
    for (let place = start; cells[place] !== 0; place = (place + 1) & mask) if (cells[place]! >>> NUMBER_BITS === tag) return place;
    return -1;
  }

  private put(cell: number): void {
    const { cells } = this;
    const mask = this.mask();
    let place = (cell >>> NUMBER_BITS) & mask;
    while (cells[place] !== 0) place = (place + 1) & mask;
    cells[place] = cell;
  }

  private resize(places: number): void {
    const old = this.cells;
    this.cells = new Int32Array(places);
    for (const cell of old) if (cell !== 0) this.put(cell);
  }

  private mask(): number {
    return this.cells.length - 1;
  }
}

/** One more than the number stands there, as 0 is none. */
function cellOf(tag: number, number: number): number {
  if (number >= SMALL_NUMBERS) throw new RangeError(`a small index takes no number from ${SMALL_NUMBERS} on`);
  return (tag << NUMBER_BITS) | (number + 1);
}

/** A power of two. */
const LEAST_PLACES = 8;
const NUMBER_BITS = 15;
const MOST = (1 << NUMBER_BITS) - 1;
/** Twice as many as there are live clicks in the busiest account. */
export const SMALL_NUMBERS = MOST;
/** The bits of a hash that are kept, and all that a place is chosen by. */
const TAG = (1 << (32 - NUMBER_BITS)) - 1;
