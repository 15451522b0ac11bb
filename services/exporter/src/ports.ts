import type { BusRecord } from '@messtrack/runtime/bus.ts';
import type { DeadLetterReason } from '@messtrack/runtime/outcome.ts';
import type { Row, TableName } from './domain/row.ts';

/** What came of one insert. */
export type InsertOutcome =
  | { readonly kind: 'confirmed' }
  /** The rows themselves are refused; sent again they would be refused again. `detail` holds no values of theirs. */
  | { readonly kind: 'rejected'; readonly detail: string }
  /** Not now. */
  | { readonly kind: 'unavailable'; readonly error: unknown };

/** Where rows go. */
export interface RowSink {
  /** Confirmed means durable in the warehouse. The same rows in the same order carry the same deduplication token. Never rejects. */
  insert(table: TableName, rows: readonly Row[]): Promise<InsertOutcome>;
}

export interface DeadLetter {
  readonly record: BusRecord;
  readonly reason: DeadLetterReason;
  /** One sentence; no personal data. */
  readonly detail: string;
}

/** Where records go that cannot become rows. */
export interface DeadLetterSink {
  /** Resolves when they are durable; waits while the bus is away. */
  send(letters: readonly DeadLetter[]): Promise<void>;
}
