/**
 * The join store: code → click and contact → leads, beyond what the matcher holds in memory.
 * Every entry carries the log position that wrote it, and a reader at position p sees only entries written before p:
 * replaying a stretch of the log therefore reads exactly what it read the first time. Positions compare within one account only,
 * which lives in one partition. Two adapters (Redis, LMDB), one contract suite.
 */
export interface JoinRead {
  /** Full key, e.g. `code/acme/sales-wa/K7QM2X`; at most 512 bytes of UTF-8. */
  readonly key: string;
  /** The reader's own offset in the account's partition: entries written at or after it do not exist. */
  readonly before: number;
}

export interface JoinEntry {
  readonly value: Uint8Array;
  /** Offset of the record that wrote it. */
  readonly position: number;
}

export interface JoinWrite {
  readonly key: string;
  readonly value: Uint8Array;
  /** Offset of the record that writes it. Writing the same (key, position) again is the same write: crashes repeat writes. */
  readonly position: number;
  /** When the entry may be forgotten. Milliseconds since the Unix epoch, UTC. Never read as part of a decision: the fold checks its own windows. */
  readonly expiresAtMs: number;
  /**
   * `first`: the entry with the lowest position wins for ever (code → click).
   * `latest`: a reader sees the newest version before it (contact → leads); at most 16 versions are kept, the oldest go first.
   */
  readonly mode: 'first' | 'latest';
}

export interface JoinStore {
  /** Answers in the order of the reads, null where nothing is visible. One round trip for all. Waits, however long, while the store is away: the matcher never guesses. */
  read(reads: readonly JoinRead[]): Promise<readonly (JoinEntry | null)[]>;
  /**
   * Something was written here before, if only an empty list: a store that holds nothing has lost it, and everything waits until it is filled anew. To be called before the first write. Undefined where
   * the store is a file that is looked at before it is opened.
   */
  expectEntries?(): void;
  /** Resolves when all are stored. One round trip for all. Waits while the store is away. */
  write(writes: readonly JoinWrite[]): Promise<void>;
  /** Removes all entries whose key starts with the prefix; for rebuilds and erasure. Returns how many keys went. */
  clear(prefix: string): Promise<number>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
