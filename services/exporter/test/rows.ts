import { PartitionProgress } from '../src/domain/partition-progress.ts';
import type { TableName } from '../src/domain/row.ts';
import type { PendingRow } from '../src/domain/table-batch.ts';

let offset = 0;

/** A row with an id, on a partition of its own unless one is given. */
export function pendingRow(table: TableName, id: string, progress = new PartitionProgress('t', 0)): PendingRow {
  const json = JSON.stringify({ id });
  return { row: { table, json, bytes: Buffer.byteLength(json) }, progress, taken: progress.take(offset++) };
}

export function idOf(json: string): string {
  const parsed: unknown = JSON.parse(json);
  if (typeof parsed === 'object' && parsed !== null && 'id' in parsed) return String(parsed.id);
  throw new Error('a row without id');
}
