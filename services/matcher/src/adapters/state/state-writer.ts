import { PackWriter } from '../pack-writer.ts';

/** Writes a state in chunks of one size, the last one smaller: whole, a large state would be in memory twice while its buffer grows. */
export class StateWriter extends PackWriter {
  private readonly chunks: Uint8Array[] = [];
  private readonly chunkBytes: number;

  constructor(chunkBytes: number) {
    super();
    this.chunkBytes = chunkBytes;
  }

  /** To be called after every item of a list. */
  endItem(): void {
    while (this.length >= this.chunkBytes) this.chunks.push(this.takeFirst(this.chunkBytes));
  }

  /** All chunks, at least one. */
  finish(): readonly Uint8Array[] {
    this.endItem();
    if (this.length > 0 || this.chunks.length === 0) this.chunks.push(this.takeFirst(this.length));
    return this.chunks;
  }
}
