import type { PartitionProgress, Taken } from './partition-progress.ts';
import type { Row, TableName } from './row.ts';

/** A row with the record it came from. */
export interface PendingRow {
  readonly row: Row;
  readonly progress: PartitionProgress;
  readonly taken: Taken;
}

export interface BatchLimits {
  /** Rows per insert. */
  readonly maxRows: number;
  /** Encoded bytes per insert. */
  readonly maxBytes: number;
  /** How long a row waits for company. Milliseconds. */
  readonly maxAgeMs: number;
}

/** Rows of one table on their way into one insert. */
export class TableBatch {
  readonly table: TableName;
  readonly rows: PendingRow[] = [];
  readonly #openedAtMs: number;
  #bytes = 0;

  constructor(table: TableName, openedAtMs: number) {
    this.table = table;
    this.#openedAtMs = openedAtMs;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(row: PendingRow): void {
    this.rows.push(row);
    this.#bytes += row.row.json.length;
  }

  isFull(limits: BatchLimits): boolean {
    return this.rows.length >= limits.maxRows || this.#bytes >= limits.maxBytes;
  }

  /** Milliseconds until it must go, at most 0 when it is due. */
  dueInMs(limits: BatchLimits, nowMs: number): number {
    return this.isFull(limits) ? 0 : this.#openedAtMs + limits.maxAgeMs - nowMs;
  }
}

/** Two halves in order. Halving finds one bad row among n in log2(n) refused inserts. */
export function halves<T>(rows: readonly T[]): readonly [readonly T[], readonly T[]] {
  const middle = Math.ceil(rows.length / 2);
  return [rows.slice(0, middle), rows.slice(middle)];
}
