/**
 * Whole numbers found by a hash of what they stand for: open addressing in one typed array, eight bytes a place. A Map from texts to numbers
 * takes 65 bytes an entry and the text once more. What stands behind a number is its owner's to compare: `first` and `next` go through all
 * numbers of a hash.
 */
export class HashIndex {
  /** Hash and number + 1 by turns; 0 where there is none. */
  private cells = new Int32Array(2 * LEAST_PLACES);
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Place of a number with this hash; negative when there is none. */
  first(hash: number): number {
    return this.from(hash & this.mask(), hash);
  }

  /** The next place with the same hash. */
  next(place: number, hash: number): number {
    return this.from((place + 1) & this.mask(), hash);
  }

  at(place: number): number {
    return this.cells[2 * place + 1]! - 1;
  }

  replace(place: number, number: number): void {
    this.cells[2 * place + 1] = number + 1;
  }

  /** `number`: from 0 to 2^31 - 2. */
  add(hash: number, number: number): void {
    if (4 * (this.count + 1) > 3 * this.places()) this.resize(2 * this.places());
    this.put(hash, number);
    this.count += 1;
  }

  /** What stands behind it is moved up, so that no gap ends a search early. */
  remove(place: number): void {
    const { cells } = this;
    const mask = this.mask();
    let gap = place;
    for (let at = (gap + 1) & mask; cells[2 * at + 1] !== 0; at = (at + 1) & mask) {
      const home = cells[2 * at]! & mask;
      // It may move into the gap when its home is not between the gap and where it stands.
      if (((at - home) & mask) < ((at - gap) & mask)) continue;
      cells[2 * gap] = cells[2 * at]!;
      cells[2 * gap + 1] = cells[2 * at + 1]!;
      gap = at;
    }
    cells[2 * gap + 1] = 0;
    this.count -= 1;
    if (this.places() > LEAST_PLACES && 8 * this.count < this.places()) this.resize(this.places() / 2);
  }

  /** A number that is there. */
  removeNumber(hash: number, number: number): void {
    let place = this.first(hash);
    while (place >= 0 && this.at(place) !== number) place = this.next(place, hash);
    if (place >= 0) this.remove(place);
  }

  /** Number `n` becomes `to[n]`, or goes where that is negative. */
  renumber(to: Int32Array): void {
    const old = this.cells;
    this.cells = new Int32Array(old.length);
    this.count = 0;
    for (let at = 0; at < old.length; at += 2) {
      const number = old[at + 1] === 0 ? -1 : to[old[at + 1]! - 1]!;
      if (number < 0) continue;
      this.put(old[at]!, number);
      this.count += 1;
    }
  }

  /** In no order. */
  *numbers(): IterableIterator<number> {
    for (let place = 0; place < this.places(); place += 1) if (this.cells[2 * place + 1] !== 0) yield this.at(place);
  }

  private from(start: number, hash: number): number {
    const { cells } = this;
    const mask = this.mask();
    for (let place = start; cells[2 * place + 1] !== 0; place = (place + 1) & mask) if (cells[2 * place] === hash) return place;
    return -1;
  }

  private put(hash: number, number: number): void {
    const mask = this.mask();
    let place = hash & mask;
    while (this.cells[2 * place + 1] !== 0) place = (place + 1) & mask;
    this.cells[2 * place] = hash;
    this.cells[2 * place + 1] = number + 1;
  }

  private resize(places: number): void {
    const old = this.cells;
    this.cells = new Int32Array(2 * places);
    for (let at = 0; at < old.length; at += 2) if (old[at + 1] !== 0) this.put(old[at]!, old[at + 1]! - 1);
  }

  private places(): number {
    return this.cells.length >> 1;
  }

  private mask(): number {
    return this.places() - 1;
  }
}

/** A power of two. */
const LEAST_PLACES = 8;

/** FNV-1a over UTF-16 units, mixed at the end so that its low bits depend on all of them. */
export function hashOf(text: string, seed = 0x811c9dc5): number {
  let hash = seed | 0;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mixed(hash);
}

export function mixed(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x7feb352d);
  return h ^ (h >>> 15);
}
