import type { Columns, ColumnValue, Row, TableName } from './row.ts';
import { isTimeInRange } from './row.ts';

export type RowProblem = 'missing_field' | 'timestamp_out_of_range' | 'schema_mismatch';

export type EncodedRow =
  | { readonly kind: 'ok'; readonly row: Row }
  | { readonly kind: 'problem'; readonly reason: RowProblem; readonly detail: string };

/**
 * A row, or why none can be made. Judged here and not by the warehouse, which would take an empty key (and let one row replace another), wrap a time
 * into another century, or read NaN as 0.
 */
export function encodeRow(
  table: TableName,
  required: Readonly<Record<string, string | number>>,
  times: readonly number[],
  columns: Columns,
): EncodedRow {
  for (const name in required) {
    if (required[name] === '' || required[name] === 0) return problem('missing_field', `${name} is empty`);
  }
  if (!times.every(isTimeInRange)) return problem('timestamp_out_of_range', 'a time is not between 1970 and 2100');
  const json = JSON.stringify(columns);
  // JSON has no NaN and writes null, which no column has otherwise: looking for the word first spares most rows the walk over sixty columns.
  if (json.includes('null')) {
    for (const name in columns) {
      if (hasNonFinite(columns[name])) return problem('schema_mismatch', `${name} is not a finite number`);
    }
  }
  return { kind: 'ok', row: { table, json: Buffer.from(json) } };
}

function hasNonFinite(value: ColumnValue | undefined): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  return Array.isArray(value) && value.some((each) => typeof each === 'number' && !Number.isFinite(each));
}

function problem(reason: RowProblem, detail: string): EncodedRow {
  return { kind: 'problem', reason, detail };
}
