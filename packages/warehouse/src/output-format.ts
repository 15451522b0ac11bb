/** Format named at the end of a statement; undefined when it names none. */
export function formatClause(sql: string): string | undefined {
  const tail = sql.replace(/(?:--[^\n]*|\/\*[\s\S]*?\*\/|[\s;])+$/g, '');
  const match = /\bFORMAT\s+([A-Za-z]\w*)(?:\s+SETTINGS\s[^;]*)?$/i.exec(tail);
  return match?.[1];
}

/** Content type of a format, as the server sends it. */
export function contentType(format: string): string {
  if (/^JSON\w*EachRow/.test(format)) return 'application/x-ndjson; charset=UTF-8';
  if (/^(JSON|GeoJSON)/.test(format)) return 'application/json; charset=UTF-8';
  if (/^CSV/.test(format)) return 'text/csv; charset=UTF-8; header=absent';
  if (/^(TSV|TabSeparated)/.test(format)) return 'text/tab-separated-values; charset=UTF-8';
  if (/^(Native|RowBinary|Parquet|Arrow|ORC|Avro|MsgPack|Protobuf|CapnProto|BSON|Npy)/.test(format)) return 'application/octet-stream';
  return 'text/plain; charset=UTF-8';
}
