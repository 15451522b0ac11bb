import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type ClickHouseClient, ClickHouseError } from '@clickhouse/client';
import type { Row, TableName } from '../domain/row.ts';
import type { InsertOutcome, RowSink } from '../ports.ts';

/**
 * Error codes that blame the data: parse errors (6, 26, 27, 38, 41, 72, 131, 349), unknown fields and incorrect data (117), types (53, 70, 169, 321), values
 * out of bounds (69, 321, 407), constraints (469). Anything else (memory, too many parts, a missing table, credentials, the network) says nothing about the
 * rows: they wait.
 */
const DATA_ERRORS: ReadonlySet<string> = new Set([
  '6',
  '26',
  '27',
  '38',
  '41',
  '53',
  '69',
  '70',
  '72',
  '117',
  '131',
  '169',
  '321',
  '349',
  '407',
  '469',
]);

/**
 * Success said by something else: a proxy's maintenance page, another service at the port. Its word would commit offsets of rows that are nowhere. Every answer of ClickHouse over HTTP names its query
 * (`X-ClickHouse-Query-Id`), errors in the middle of an answer are in its body.
 */
export class StrangeAnswerError extends Error {
  override readonly name = 'StrangeAnswerError';
}

export class ClickhouseSink implements RowSink {
  readonly #client: ClickHouseClient;
  readonly #kind: 'server' | 'embedded';

  constructor(client: ClickHouseClient, kind: 'server' | 'embedded') {
    this.#client = client;
    this.#kind = kind;
  }

  async insert(table: TableName, rows: readonly Row[]): Promise<InsertOutcome> {
    const payload = linesOf(rows);
    try {
      // `exec` takes encoded rows; `insert` would want objects and encode them again on every attempt.
      const { stream, response_headers: headers } = await this.#client.exec({
        query: `INSERT INTO ${table} FORMAT JSONEachRow`,
        values: Readable.from([payload], { objectMode: false }),
        clickhouse_settings: {
          // By content, not by offsets: offsets start again when a topic is made anew, and the warehouse would drop new rows for old ones.
          insert_deduplication_token: createHash('sha256').update(payload).digest('base64url'),
          // The answer must mean "written", not "taken".
          async_insert: 0,
          wait_end_of_query: 1,
        },
      });
      // An answer nobody reads keeps its connection. Of an INSERT it is empty.
      const said = await text(stream);
      if (said !== '' || (this.#kind === 'server' && headers['x-clickhouse-query-id'] === undefined))
        return { kind: 'unavailable', error: new StrangeAnswerError('the address of the warehouse answers, but not as ClickHouse does') };
      return { kind: 'confirmed' };
    } catch (error) {
      if (error instanceof ClickHouseError && DATA_ERRORS.has(error.code)) {
        // The message quotes the data; code and type do not.
        return { kind: 'rejected', detail: `the warehouse refused the row with code ${error.code} (${error.type ?? 'unknown'})` };
      }
      return { kind: 'unavailable', error };
    }
  }
}

const LINE_FEED = 0x0a;

function linesOf(rows: readonly Row[]): Buffer {
  const payload = Buffer.allocUnsafe(rows.reduce((sum, { json }) => sum + json.length + 1, 0));
  let at = 0;
  for (const { json } of rows) {
    payload.set(json, at);
    at += json.length;
    payload[at++] = LINE_FEED;
  }
  return payload;
}
