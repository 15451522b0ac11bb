/**
 * What becomes due, by time and then by arrival: a binary heap whose order of removal does not depend on how it was filled. Held in columns,
 * because an object per appointment takes 90 bytes, of which half say where it is.
 */
export class DueQueue<Owner> {
  private readonly times: number[] = [];
  /** Break ties; unique. */
  private readonly sequences: number[] = [];
  private readonly owners: Owner[] = [];
  private readonly ids: string[] = [];

  get size(): number {
    return this.times.length;
  }

  /** When the next is due; undefined when nothing is. Milliseconds since the Unix epoch. */
  nextAtMs(): number | undefined {
    return this.times[0];
  }

  push(atMs: number, sequence: number, owner: Owner, id: string): void {
    let index = this.times.length;
    this.times.push(atMs);
    this.sequences.push(sequence);
    this.owners.push(owner);
    this.ids.push(id);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.isDueBefore(atMs, sequence, parent)) break;
      this.move(parent, index);
      index = parent;
    }
    this.set(index, atMs, sequence, owner, id);
  }

  /** Removes and returns what is due first, when it is due at `clockMs`. */
  pop(clockMs: number): { readonly owner: Owner; readonly id: string } | undefined {
    if (this.times.length === 0 || this.times[0]! > clockMs) return undefined;
    const first = { owner: this.owners[0]!, id: this.ids[0]! };
    const atMs = this.times.pop()!;
    const sequence = this.sequences.pop()!;
    const owner = this.owners.pop()!;
    const id = this.ids.pop()!;
    if (this.times.length > 0) this.sink(atMs, sequence, owner, id);
    return first;
  }

  private sink(atMs: number, sequence: number, owner: Owner, id: string): void {
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
    this.set(index, atMs, sequence, owner, id);
  }

  private isDueBefore(atMs: number, sequence: number, other: number): boolean {
    const otherAtMs = this.times[other]!;
    return atMs === otherAtMs ? sequence < this.sequences[other]! : atMs < otherAtMs;
  }

  private move(from: number, to: number): void {
    this.set(to, this.times[from]!, this.sequences[from]!, this.owners[from]!, this.ids[from]!);
  }

  private set(index: number, atMs: number, sequence: number, owner: Owner, id: string): void {
    this.times[index] = atMs;
    this.sequences[index] = sequence;
    this.owners[index] = owner;
    this.ids[index] = id;
  }
}
