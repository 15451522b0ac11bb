import { randomUUID, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { deflate, gzip } from 'node:zlib';
import type { EmbeddedEngine, StatementResult } from './embedded-engine.ts';
import { EngineError } from './engine-error.ts';
import { BadRequestError, type ClickhouseRequest, readRequest } from './http-request.ts';
import { httpStatusOf } from './http-status.ts';
import { Lane, LaneFullError } from './lane.ts';
import { contentType, formatClause } from './output-format.ts';
import { judgeReadOnly } from './read-only-policy.ts';
import { escapeText } from './sql-text.ts';

export interface QueryLimits {
  /** A query is stopped after this time. Seconds. Default 30. */
  readonly maxExecutionSeconds: number;
  /** Rows a query may return. Default 1,000,000. */
  readonly maxResultRows: number;
  /** Uncompressed bytes a query may return; the answer is built in memory. Default 128 MiB. */
  readonly maxResultBytes: number;
  /** Memory a query may take. Bytes. Default 1 GiB. */
  readonly maxMemoryBytes: number;
}

export interface ClickhouseHttpOptions {
  readonly engine: EmbeddedEngine;
  /** Only reading, nothing outside the tables, and `limits`. For callers one does not know. */
  readonly readOnly: boolean;
  readonly limits?: Partial<QueryLimits>;
  /** Database of requests that name none. Default `default`. */
  readonly database?: string | undefined;
  /** Requests that may wait behind the running one; more get 503. Default 64. */
  readonly maxWaiting?: number | undefined;
  /** Largest request body after decompression. Default 256 MiB, read-only 1 MiB. */
  readonly maxBodyBytes?: number | undefined;
  /** When set, requests must carry it as `X-ClickHouse-Key`, as password of basic authorization, as bearer token or as `password` in the query. */
  readonly token?: string | undefined;
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

const DEFAULT_LIMITS: QueryLimits = {
  maxExecutionSeconds: 30,
  maxResultRows: 1_000_000,
  maxResultBytes: 128 * 1_048_576,
  maxMemoryBytes: 1024 * 1_048_576,
};

const MIB = 1_048_576;
const READONLY = 164;

/** Settings a reader may choose: how results look, and less of everything. Those with a limit are held to it. */
const READER_SETTING =
  /^(output_format_\w+|format_\w+|date_time_output_format|session_timezone|extremes|limit|offset|join_use_nulls|use_query_cache|max_threads|max_block_size|final|totals_mode|group_by_use_nulls|result_overflow_mode)$/;

/**
 * Settings of that kind that name a file or an address: FORMAT Template prints the file that `format_template_row` names, FORMAT Protobuf writes one where `output_format_schema` says, and
 * AvroConfluent asks `format_avro_schema_registry_url`. An engine without a server keeps none of them to a folder of its own. By word, so that those of later versions are refused as well.
 */
const REACHING_SETTING = /schema|template|registry|confluent|path|file|url|uri/;

/**
 * ClickHouse's HTTP interface (https://clickhouse.com/docs/interfaces/http) over the embedded engine, for a node:http server or anything that hands over
 * node's request and response: `/ping`, query in URL or body, INSERT data in the body, `param_*`, settings, `database`, `default_format`, gzip and deflate.
 * Not there: server sessions, multipart, binary insert formats, progress headers. Errors read as the server's do.
 */
export function clickhouseHttp(options: ClickhouseHttpOptions): RequestHandler {
  const lane = new Lane(options.maxWaiting ?? 64);
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const tableFunctions = cached(() => readTableFunctions(options.engine));
  const maxBodyBytes = options.maxBodyBytes ?? (options.readOnly ? MIB : 256 * MIB);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '/').split('?', 1)[0];
    if (path?.endsWith('/ping')) {
      sendText(response, 200, 'Ok.\n');
      return;
    }
    if (options.token !== undefined && !carriesToken(request, options.token)) {
      throw new BadRequestError(516, 403, 'Authentication failed: the token is missing or wrong. (AUTHENTICATION_FAILED)');
    }
    const asked = await readRequest(request, maxBodyBytes);
    // Over HTTP a GET never changes anything: links get prefetched.
    const isGet = request.method === 'GET' || request.method === 'HEAD';
    const sql = options.readOnly ? await permitted(asked) : asked.sql;
    const result = await lane.run(() =>
      options.engine.run({
        sql,
        database: asked.database ?? options.database ?? 'default',
        format: asked.defaultFormat,
        settings: options.readOnly ? readerSettings(asked.settings, limits) : asked.settings,
        params: asked.params,
        readonly: options.readOnly ? 1 : isGet ? 2 : undefined,
      }),
    );
    await sendResult(response, asked, result);
  }

  async function permitted(asked: ClickhouseRequest): Promise<string> {
    const canonical = await lane.run(() =>
      options.engine.run({
        sql: 'SELECT formatQuerySingleLine({messtrack_sql:String})',
        params: { messtrack_sql: escapeText(asked.sql) },
        format: 'TSVRaw',
        readonly: 1,
      }),
    );
    const text = Buffer.from(canonical.body).toString('utf8').replace(/\n$/, '');
    const judgement = judgeReadOnly(text, await tableFunctions());
    if (judgement.kind === 'refused') {
      throw new EngineError(
        READONLY,
        `Code: ${READONLY}. DB::Exception: Cannot execute query in readonly mode: ${judgement.reason}. (READONLY)`,
      );
    }
    return text;
  }

  return (request, response) => {
    answer(request, response).catch((error: unknown) => sendError(request, response, error));
  };
}

/** @throws BadRequestError for a setting a reader may not change */
function readerSettings(asked: Readonly<Record<string, string>>, limits: QueryLimits): Record<string, string> {
  const ceilings: Readonly<Record<string, number>> = {
    max_execution_time: limits.maxExecutionSeconds,
    max_result_rows: limits.maxResultRows,
    max_result_bytes: limits.maxResultBytes,
    max_memory_usage: limits.maxMemoryBytes,
  };
  const settings: Record<string, string> = { result_overflow_mode: 'throw', timeout_overflow_mode: 'throw' };
  for (const [name, ceiling] of Object.entries(ceilings)) settings[name] = String(ceiling);
  for (const [name, value] of Object.entries(asked)) {
    const ceiling = ceilings[name];
    if (ceiling !== undefined) {
      const wanted = Number(value);
      // 0 means "no limit" to ClickHouse.
      settings[name] = String(wanted > 0 && wanted < ceiling ? wanted : ceiling);
    } else if (READER_SETTING.test(name) && !REACHING_SETTING.test(name)) {
      settings[name] = value;
    } else if (name !== 'readonly') {
      throw new BadRequestError(READONLY, 500, `Cannot modify '${name}' setting in readonly mode. (READONLY)`);
    }
  }
  return settings;
}

async function readTableFunctions(engine: EmbeddedEngine): Promise<ReadonlySet<string>> {
  const result = await engine.run({ sql: 'SELECT lower(name) FROM system.table_functions', format: 'TSVRaw', readonly: 1 });
  return new Set(Buffer.from(result.body).toString('utf8').trim().split('\n'));
}

/** Runs once; a failure is forgotten, so that the next caller tries again. */
function cached<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () => {
    loaded ??= load().catch((error: unknown) => {
      loaded = undefined;
      throw error;
    });
    return loaded;
  };
}

function carriesToken(request: IncomingMessage, token: string): boolean {
  const authorization = request.headers.authorization ?? '';
  const [, scheme, credentials] = /^(basic|bearer) +(\S+)$/i.exec(authorization) ?? [];
  const given = [
    request.headers['x-clickhouse-key'],
    scheme?.toLowerCase() === 'bearer' ? credentials : undefined,
    scheme?.toLowerCase() === 'basic'
      ? Buffer.from(credentials ?? '', 'base64')
          .toString('utf8')
          .replace(/^[^:]*:/, '')
      : undefined,
    new URL(request.url ?? '/', 'http://localhost').searchParams.get('password'),
  ];
  const expected = Buffer.from(token);
  return given.some((each) => {
    if (typeof each !== 'string') return false;
    const bytes = Buffer.from(each);
    return bytes.length === expected.length && timingSafeEqual(bytes, expected);
  });
}

async function sendResult(response: ServerResponse, asked: ClickhouseRequest, result: StatementResult): Promise<void> {
  const format = formatClause(asked.sql) ?? asked.defaultFormat ?? 'TabSeparated';
  const isInsert = /^\s*INSERT\b/i.test(asked.sql);
  response.setHeader('content-type', contentType(format));
  response.setHeader('x-clickhouse-format', format);
  response.setHeader('x-clickhouse-query-id', asked.queryId ?? randomUUID());
  response.setHeader('x-clickhouse-timezone', 'UTC');
  response.setHeader(
    'x-clickhouse-summary',
    JSON.stringify({
      read_rows: String(result.rowsRead),
      read_bytes: String(result.bytesRead),
      written_rows: String(isInsert ? result.rowsRead : 0),
      written_bytes: String(isInsert ? result.bytesRead : 0),
      total_rows_to_read: '0',
      result_rows: String(isInsert ? 0 : result.rowsRead),
      result_bytes: String(result.body.length),
      elapsed_ns: String(Math.round(result.elapsed * 1e9)),
    }),
  );
  let body: Uint8Array = result.body;
  if (asked.encoding !== undefined) {
    body = await (asked.encoding === 'gzip' ? promisify(gzip)(body) : promisify(deflate)(body));
    response.setHeader('content-encoding', asked.encoding);
  }
  response.setHeader('content-length', body.length);
  response.end(body);
}

function sendError(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  // A body that was not read to its end would be taken for the next request on this connection.
  if (!request.complete) response.setHeader('connection', 'close');
  if (error instanceof EngineError) {
    sendException(response, httpStatusOf(error.code), error.code, error.message);
  } else if (error instanceof BadRequestError) {
    sendException(response, error.status, error.code, `Code: ${error.code}. DB::Exception: ${error.message}`);
  } else if (error instanceof LaneFullError) {
    response.setHeader('retry-after', '1');
    sendException(
      response,
      503,
      202,
      `Code: 202. DB::Exception: Too many simultaneous queries: ${error.message}. (TOO_MANY_SIMULTANEOUS_QUERIES)`,
    );
  } else if (!request.destroyed) {
    sendException(response, 500, 1002, 'Code: 1002. DB::Exception: internal error. (UNKNOWN_EXCEPTION)');
  }
}

function sendException(response: ServerResponse, status: number, code: number, message: string): void {
  response.setHeader('x-clickhouse-exception-code', String(code));
  sendText(response, status, `${message}\n`);
}

function sendText(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=UTF-8', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}
