/**
 * HTTP status of a ClickHouse error code, as the server chooses it (HTTPHandler, exceptionCodeToHTTPStatus): clients tell "my query is wrong" from
 * "the server is in trouble" by it.
 */
export function httpStatusOf(code: number): number {
  return STATUS.get(code) ?? 500;
}

const BY_STATUS: Readonly<Record<number, readonly number[]>> = {
  // Parse errors, bad arguments, wrong types, syntax.
  400: [6, 26, 27, 38, 41, 42, 43, 44, 53, 62, 69, 70, 72, 117, 128, 130, 131, 170, 190, 321, 386, 456, 457, 600],
  401: [194],
  403: [192, 193, 497, 516],
  // Unknown column, function, table, format, setting, database, type.
  404: [46, 47, 50, 56, 60, 61, 63, 73, 75, 81, 115, 336],
  408: [159],
  411: [381],
  413: [307],
  501: [48],
  503: [76, 202, 209],
};

const STATUS: ReadonlyMap<number, number> = new Map(
  Object.entries(BY_STATUS).flatMap(([status, codes]) => codes.map((code): [number, number] => [code, Number(status)])),
);
