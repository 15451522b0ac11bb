/** Something that is kept as it is used until its turn to be packed comes. */
export interface Warm {
  /** Packs it, unless it was replaced or let go meanwhile. */
  cool(): void;
}

/**
 * What was looked at last, packed only when `size` others have been. A cache and no state: it decides what is packed, never what is known. A
 * thing stands in the ring at most once for every version of it; a version that has been replaced is passed over when its turn comes.
 */
export class WarmRing {
  private readonly ring: (Warm | undefined)[];
  private next = 0;

  constructor(size: number) {
    this.ring = new Array<Warm | undefined>(size).fill(undefined);
  }

  add(warm: Warm): void {
    const coldest = this.ring[this.next];
    this.ring[this.next] = warm;
    this.next = (this.next + 1) % this.ring.length;
    coldest?.cool();
  }
}
