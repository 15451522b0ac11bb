import type { Packed, Packing, Shelf } from './packing.ts';

/** Texts of one shelf. Twice as many take 3 % less and cost twice as much to look into. */
const SHELF_TEXTS = 64;
/** Shelves that stay open: leads become final in the order in which they came, but for those that were revised meanwhile. */
const OPEN_SHELVES = 8;

/** Where a text was put. */
export type Place = number;

interface Filled {
  readonly shelf: Shelf;
  /** Texts that nobody has taken. */
  left: number;
}

/**
 * Packed texts that wait, by the shelf: 64 texts as one piece of compressed bytes outside of the garbage-collected heap. Neighbours are of one account and one
 * minute and share most of what they say: where an open lead took 892 bytes of heap and its contact 192, they take 58 and 39, and 122 and 33 outside of it; and
 * the collector leaves half of a heap again for garbage. A shelf goes when the last of its texts is taken.
 */
export class Shelves {
  private readonly packing: Pick<Packing, 'shelve' | 'unshelve'>;
  private readonly filled = new Map<number, Filled>();
  /** The shelf being filled, the texts that were taken from it meanwhile empty. */
  private filling: Packed[] = [];
  private fillingNumber = 0;
  /** By number of the shelf, the one looked into longest ago first. */
  private readonly opened = new Map<number, readonly Packed[]>();

  constructor(packing: Pick<Packing, 'shelve' | 'unshelve'>) {
    this.packing = packing;
  }

  /** Shelves that are full and have texts left. */
  get held(): number {
    return this.filled.size;
  }

  put(text: Packed): Place {
    const place = this.fillingNumber * SHELF_TEXTS + this.filling.length;
    this.filling.push(text);
    if (this.filling.length === SHELF_TEXTS) this.closeFilling();
    return place;
  }

  get(place: Place): Packed {
    const number = Math.floor(place / SHELF_TEXTS);
    const texts = number === this.fillingNumber ? this.filling : this.look(number);
    return texts[place % SHELF_TEXTS]!;
  }

  /** Nobody will ask for this place again. */
  take(place: Place): void {
    const number = Math.floor(place / SHELF_TEXTS);
    if (number === this.fillingNumber) {
      this.filling[place % SHELF_TEXTS] = '';
      return;
    }
    const filled = this.filled.get(number)!;
    filled.left -= 1;
    if (filled.left > 0) return;
    this.filled.delete(number);
    this.opened.delete(number);
  }

  private closeFilling(): void {
    const left = this.filling.reduce((count, text) => count + (text === '' ? 0 : 1), 0);
    if (left > 0) this.filled.set(this.fillingNumber, { shelf: this.packing.shelve(this.filling), left });
    this.filling = [];
    this.fillingNumber += 1;
  }

  private look(number: number): readonly Packed[] {
    const known = this.opened.get(number);
    if (known !== undefined) {
      // Taken out and put in again: the map's order is that of use.
      this.opened.delete(number);
      this.opened.set(number, known);
      return known;
    }
    const texts = this.packing.unshelve(this.filled.get(number)!.shelf);
    this.opened.set(number, texts);
    const [oldest] = this.opened.keys();
    if (this.opened.size > OPEN_SHELVES && oldest !== undefined) this.opened.delete(oldest);
    return texts;
  }
}
