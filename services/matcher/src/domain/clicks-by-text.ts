import { NearCodeIndex } from '@messtrack/tracking-code/near-code-index.ts';
import { hashOf } from './hash-index.ts';
import { SMALL_NUMBERS, SmallIndex } from './small-index.ts';

/** How a click store finds its live clicks by an id, a code or a visitor; what is asked of it reads like a Map from texts to click numbers. */
export interface ClicksByText extends Iterable<readonly [text: string, click: number]> {
  readonly size: number;
  has(text: string): boolean;
  /** Number of the click. */
  get(text: string): number | undefined;
  /** By rising number of the click. */
  keys(): IterableIterator<string>;
  values(): IterableIterator<number>;
  /** Texts one slip from this one, at most `limit`, in no order. */
  near(text: string, limit: number): readonly string[];
}

/** What the index needs of its store: the texts themselves stand there. */
export interface Texts {
  /** Number of the oldest live click. */
  first(): number;
  isText(click: number, text: string): boolean;
  text(click: number): string;
}

/** Click numbers by what is left of them modulo this: a place of the index takes no larger ones, and no two live clicks are that far apart. */
const NUMBERS = SMALL_NUMBERS;

export class ClickIndex implements ClicksByText {
  private readonly numbers = new SmallIndex();
  private readonly texts: Texts;
  /** Built by the first question for near texts and kept up from then on: it takes some 60 bytes a click, and most accounts are never asked. */
  private slips: NearCodeIndex | undefined;

  constructor(texts: Texts) {
    this.texts = texts;
  }

  get size(): number {
    return this.numbers.size;
  }

  has(text: string): boolean {
    return this.placeOf(text, hashOf(text)) >= 0;
  }

  get(text: string): number | undefined {
    const place = this.placeOf(text, hashOf(text));
    return place < 0 ? undefined : this.whole(this.numbers.at(place));
  }

  set(text: string, click: number): void {
    const place = this.placeOf(text, hashOf(text));
    if (place < 0) this.add(text, click);
    else this.numbers.replace(place, click % NUMBERS);
  }

  /** The same of a text that is not there. */
  add(text: string, click: number): void {
    this.numbers.add(hashOf(text), click % NUMBERS);
    this.slips?.add(text);
  }

  delete(text: string): void {
    const place = this.placeOf(text, hashOf(text));
    if (place < 0) return;
    this.numbers.remove(place);
    this.slips?.delete(text);
  }

  near(text: string, limit: number): readonly string[] {
    if (this.slips === undefined) {
      this.slips = new NearCodeIndex();
      for (const known of this.keys()) this.slips.add(known);
    }
    return this.slips.near(text, limit);
  }

  *keys(): IterableIterator<string> {
    for (const click of this.values()) yield this.texts.text(click);
  }

  *values(): IterableIterator<number> {
    yield* [...this.numbers.numbers()].map((short) => this.whole(short)).sort((a, b) => a - b);
  }

  *[Symbol.iterator](): IterableIterator<readonly [text: string, click: number]> {
    for (const click of this.values()) yield [this.texts.text(click), click];
  }

  private placeOf(text: string, hash: number): number {
    const { numbers } = this;
    let place = numbers.first(hash);
    while (place >= 0 && !this.texts.isText(this.whole(numbers.at(place)), text)) place = numbers.next(place, hash);
    return place;
  }

  private whole(short: number): number {
    const first = this.texts.first();
    const ahead = short - (first % NUMBERS);
    return first + (ahead < 0 ? ahead + NUMBERS : ahead);
  }
}
