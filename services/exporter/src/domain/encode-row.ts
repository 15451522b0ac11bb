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
  for (const [name, value] of Object.entries(required)) {
    if (value === '' || value === 0) return problem('missing_field', `${name} is empty`);
  }
  if (!times.every(isTimeInRange)) return problem('timestamp_out_of_range', 'a time is not between 1970 and 2100');
  for (const [name, value] of Object.entries(columns)) {
    if (hasNonFinite(value)) return problem('schema_mismatch', `${name} is not a finite number`);
  }
  const json = JSON.stringify(columns);
  return { kind: 'ok', row: { table, json, bytes: utf8Length(json) } };
}

function hasNonFinite(value: ColumnValue): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  return Array.isArray(value) && value.some((each) => typeof each === 'number' && !Number.isFinite(each));
}

/** UTF-8 bytes of a text; a surrogate pair is four. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}

function problem(reason: RowProblem, detail: string): EncodedRow {
  return { kind: 'problem', reason, detail };
}
