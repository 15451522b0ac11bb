export interface Due<Owner> {
  readonly owner: Owner;
  readonly sequence: number;
  readonly hash: number;
}

/**
 * What becomes due, by time and then by arrival: a binary heap whose order of removal does not depend on how it was filled. Held in columns,
 * because an object per appointment takes 90 bytes, of which half say where it is. Whose appointment it is its sequence says, and a hash finds: an id takes 48 bytes.
 */
export class DueQueue<Owner> {
  private readonly times: number[] = [];
  /** Break ties; unique. */
  private readonly sequences: number[] = [];
  private readonly owners: Owner[] = [];
  private readonly hashes: number[] = [];

  get size(): number {
    return this.times.length;
  }

  /** When the next is due; undefined when nothing is. Milliseconds since the Unix epoch. */
  nextAtMs(): number | undefined {
    return this.times[0];
  }

  push(atMs: number, sequence: number, owner: Owner, hash: number): void {
    let index = this.times.length;
    this.times.push(atMs);
    this.sequences.push(sequence);
    this.owners.push(owner);
    this.hashes.push(hash);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.isDueBefore(atMs, sequence, parent)) break;
      this.move(parent, index);
      index = parent;
    }
    this.set(index, atMs, sequence, owner, hash);
  }

  /** Removes and returns what is due first, when it is due at `clockMs`. */
  pop(clockMs: number): Due<Owner> | undefined {
    if (this.times.length === 0 || this.times[0]! > clockMs) return undefined;
    const first = { owner: this.owners[0]!, hash: this.hashes[0]!, sequence: this.sequences[0]! };
    const atMs = this.times.pop()!;
    const sequence = this.sequences.pop()!;
    const owner = this.owners.pop()!;
    const hash = this.hashes.pop()!;
    if (this.times.length > 0) this.sink(atMs, sequence, owner, hash);
    return first;
  }

  private sink(atMs: number, sequence: number, owner: Owner, hash: number): void {
    const { length } = this.times;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= length) break;
      if (child + 1 < length && this.isDueBefore(this.times[child + 1]!, this.sequences[child + 1]!, child)) child += 1;
      if (this.isDueBefore(atMs, sequence, child)) break;
      this.move(child, index);
      index = child;
    }
    this.set(index, atMs, sequence, owner, hash);
  }

  private isDueBefore(atMs: number, sequence: number, other: number): boolean {
    const otherAtMs = this.times[other]!;
    return atMs === otherAtMs ? sequence < this.sequences[other]! : atMs < otherAtMs;
  }

  private move(from: number, to: number): void {
    this.set(to, this.times[from]!, this.sequences[from]!, this.owners[from]!, this.hashes[from]!);
  }

  private set(index: number, atMs: number, sequence: number, owner: Owner, hash: number): void {
    this.times[index] = atMs;
    this.sequences[index] = sequence;
    this.owners[index] = owner;
    this.hashes[index] = hash;
  }
}
