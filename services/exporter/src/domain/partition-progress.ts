/** One record that was taken and is not settled yet. */
export interface Taken {
  readonly offset: number;
  isSettled: boolean;
}

/**
 * How far one partition has come. Records are taken in order and settled in any order (tables are flushed independently); what may be committed is the
 * end of the settled run at the front, so that a crash never skips a record that is only in memory.
 */
export class PartitionProgress {
  readonly topic: string;
  readonly partition: number;
  /** Once the partition has moved away nothing is committed for it: its new owner reads again from the last commit. */
  isRevoked = false;
  #taken: Taken[] = [];
  #head = 0;
  #settledUpTo: number | undefined;
  #committed: number | undefined;

  constructor(topic: string, partition: number) {
    this.topic = topic;
    this.partition = partition;
  }

  take(offset: number): Taken {
    const taken = { offset, isSettled: false };
    this.#taken.push(taken);
    return taken;
  }

  /** The row is confirmed, the dead letter is durable, or there was nothing to do. */
  settle(taken: Taken): void {
    taken.isSettled = true;
    for (let front = this.#taken[this.#head]; front?.isSettled === true; front = this.#taken[this.#head]) {
      this.#settledUpTo = front.offset + 1;
      this.#head++;
    }
    // Shifting an array one by one is quadratic; dropping the settled half now and then is not.
    if (this.#head > 1_024 && this.#head * 2 > this.#taken.length) {
      this.#taken = this.#taken.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Next offset to read after a restart, when that has moved since the last `markCommitted`. */
  committable(): number | undefined {
    return this.isRevoked || this.#settledUpTo === this.#committed ? undefined : this.#settledUpTo;
  }

  markCommitted(offset: number): void {
    this.#committed = offset;
  }

  /** Records taken and not settled, with settled ones behind them. */
  get open(): number {
    return this.#taken.length - this.#head;
  }
}
