import { PackWriter } from '../pack-writer.ts';

/** Pieces of a state, each in memory of its own. */
export type Chunks = Generator<Uint8Array, void, undefined>;

/**
 * Writes a state in chunks of one size, the last one smaller, and hands each over as soon as it is full: whoever sends them one after the other never has
 * more than one or two in memory. Whole, the state of 200,000 open leads is a hundred megabytes, three times over until its transaction ends.
 */
export class StateWriter extends PackWriter {
  private readonly chunkBytes: number;

  constructor(chunkBytes: number) {
    super();
    this.chunkBytes = chunkBytes;
  }

  /** To be asked after every item of a list that may be long; then `yield* full()`. */
  get isFull(): boolean {
    return this.length >= this.chunkBytes;
  }

  *full(): Chunks {
    while (this.isFull) yield this.takeFirst(this.chunkBytes);
  }

  /** What is left; a state has one chunk at least. */
  *rest(isFirst: boolean): Chunks {
    yield* this.full();
    if (this.length > 0 || isFirst) yield this.takeFirst(this.length);
  }
}
