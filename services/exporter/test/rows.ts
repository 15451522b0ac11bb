import { PartitionProgress } from '../src/domain/partition-progress.ts';
import type { Row, TableName } from '../src/domain/row.ts';
import type { PendingRow } from '../src/domain/table-batch.ts';

let offset = 0;

/** A row with an id, on a partition of its own unless one is given. */
export function pendingRow(table: TableName, id: string, progress = new PartitionProgress('t', 0)): PendingRow {
  return { row: { table, json: Buffer.from(JSON.stringify({ id })) }, progress, taken: progress.take(offset++) };
}

export function idOf(row: Row): string {
  const parsed: unknown = JSON.parse(Buffer.from(row.json).toString());
  if (typeof parsed === 'object' && parsed !== null && 'id' in parsed) return String(parsed.id);
  throw new Error('a row without id');
}
