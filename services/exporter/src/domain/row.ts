/** Tables the exporter writes; what people read are the views of the migrations. */
export const TABLES = [
  'visit_records',
  'click_records',
  'message_records',
  'message_status_records',
  'sent_message_records',
  'contact_state_records',
  'automatic_event_records',
  'account_check_records',
  'lead_revisions',
  'goal_records',
  'delivery_records',
  'model_quality_records',
] as const;
export type TableName = (typeof TABLES)[number];

/** One row as ClickHouse's JSONEachRow reads it; times are integers in the column's unit, milliseconds. */
export interface Row {
  readonly table: TableName;
  /** One JSON object without line break, UTF-8. Encoded once: its length is what the memory bound counts, and retries send the same bytes. */
  readonly json: Uint8Array;
}

export type ColumnValue = string | number | boolean | readonly (string | number | boolean)[] | Readonly<Record<string, string>>;
export type Columns = Readonly<Record<string, ColumnValue>>;

/** 2100-01-01. DateTime64 takes more, but a time beyond it is a mistake of unit (microseconds, seconds times a million), and partitions are months. */
const LATEST_MS = 4_102_444_800_000;

export function isTimeInRange(ms: number): boolean {
  return Number.isSafeInteger(ms) && ms >= 0 && ms <= LATEST_MS;
}
