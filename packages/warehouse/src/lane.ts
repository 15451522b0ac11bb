/** The lane is full: come back later. */
export class LaneFullError extends Error {
  override readonly name = 'LaneFullError';

  constructor(maxWaiting: number) {
    super(`${maxWaiting} statements are waiting already`);
  }
}

/**
 * One task at a time, a bounded number waiting, first come first served.
 * An in-process engine has no server to queue at: without a bound every impatient client's query would sit in this process's memory.
 */
export class Lane {
  readonly #maxWaiting: number;
  #waiting = 0;
  #tail: Promise<unknown> = Promise.resolve();

  /** `maxWaiting`: tasks that may wait behind the running one. */
  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /** Tasks running or waiting. */
  get size(): number {
    return this.#waiting;
  }

  /** @throws LaneFullError, or what the task throws */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#waiting > this.#maxWaiting) throw new LaneFullError(this.#maxWaiting);
    this.#waiting++;
    const result = this.#tail.then(task);
    this.#tail = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      this.#waiting--;
    }
  }

  /** Resolves when what runs and waits now is done. */
  async idle(): Promise<void> {
    await this.#tail;
  }
}
