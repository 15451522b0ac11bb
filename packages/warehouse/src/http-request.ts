import type { IncomingMessage } from 'node:http';
import { createGunzip, createInflate } from 'node:zlib';
import { isSettingName } from './sql-text.ts';

/** A request of ClickHouse's HTTP interface, read. */
export interface ClickhouseRequest {
  /** Statement; the data of an INSERT stands behind its first newline. */
  readonly sql: string;
  readonly database: string | undefined;
  readonly defaultFormat: string | undefined;
  readonly queryId: string | undefined;
  readonly settings: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  /** Set only when the caller asked for it (`enable_http_compression=1`) and accepts it. */
  readonly encoding: 'gzip' | 'deflate' | undefined;
}

/** The request cannot be understood; `code` is ClickHouse's. */
export class BadRequestError extends Error {
  override readonly name = 'BadRequestError';
  readonly code: number;
  readonly status: number;

  constructor(code: number, status: number, message: string) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** Parameters of the interface itself and settings of its HTTP layer: they mean nothing to an engine without a server. */
const HTTP_ONLY: ReadonlySet<string> = new Set([
  'user',
  'password',
  'quota_key',
  'role',
  'session_id',
  'session_timeout',
  'session_check',
  'compress',
  'decompress',
  'client_protocol_version',
  'stacktrace',
  'wait_end_of_query',
  'buffer_size',
  'add_http_cors_header',
  'send_progress_in_http_headers',
  'http_response_buffer_size',
  'http_headers_progress_interval_ms',
  'http_write_exception_in_output_format',
  'cancel_http_readonly_queries_on_client_close',
  'enable_http_compression',
  'http_zlib_compression_level',
]);

/** @throws BadRequestError */
export async function readRequest(request: IncomingMessage, maxBodyBytes: number): Promise<ClickhouseRequest> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const body = request.method === 'GET' || request.method === 'HEAD' ? '' : await readBody(request, maxBodyBytes);
  const settings: Record<string, string> = {};
  const params: Record<string, string> = {};
  for (const [name, value] of url.searchParams) {
    if (['query', 'database', 'default_format', 'query_id'].includes(name) || HTTP_ONLY.has(name)) continue;
    if (!isSettingName(name))
      throw new BadRequestError(115, 404, `Unknown setting ${JSON.stringify(name.slice(0, 80))}. (UNKNOWN_SETTING)`);
    if (name.startsWith('param_')) params[name.slice('param_'.length)] = value;
    else settings[name] = value;
  }
  const query = url.searchParams.get('query') ?? '';
  const sql = query === '' ? body : body === '' ? query : `${query}\n${dataOf(query, body)}`;
  if (sql.trim() === '') throw new BadRequestError(62, 400, 'Syntax error: the query is empty. (SYNTAX_ERROR)');
  return {
    sql,
    database: url.searchParams.get('database') ?? header(request, 'x-clickhouse-database'),
    defaultFormat: url.searchParams.get('default_format') ?? header(request, 'x-clickhouse-format'),
    queryId: url.searchParams.get('query_id') ?? undefined,
    settings,
    params,
    encoding: responseEncoding(request, url),
  };
}

/**
 * An engine that takes statement and data in one text ends the data at an empty line and reads on with the next statement. Between JSON rows an empty
 * line means nothing (inside a string a line break is always escaped), so it goes.
 */
function dataOf(query: string, body: string): string {
  return /\bFORMAT\s+JSON\w*\s*$/i.test(query) ? body.replaceAll(/\n\s*\n/g, '\n') : body;
}

function responseEncoding(request: IncomingMessage, url: URL): 'gzip' | 'deflate' | undefined {
  if (url.searchParams.get('enable_http_compression') !== '1') return undefined;
  const accepted = header(request, 'accept-encoding') ?? '';
  if (/\bgzip\b/.test(accepted)) return 'gzip';
  return /\bdeflate\b/.test(accepted) ? 'deflate' : undefined;
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  // The limit is on what comes out: a small gzip body can unfold to anything.
  for await (const chunk of decoded(request)) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new BadRequestError(307, 413, `The request body is larger than ${maxBytes} bytes. (TOO_MANY_BYTES)`);
    chunks.push(chunk);
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new BadRequestError(73, 400, 'The embedded ClickHouse takes data in text formats (UTF-8) only. (UNKNOWN_FORMAT)');
  }
}

async function* decoded(request: IncomingMessage): AsyncGenerator<Buffer> {
  const encoding = header(request, 'content-encoding') ?? 'identity';
  try {
    if (encoding === 'gzip') yield* request.pipe(createGunzip());
    else if (encoding === 'deflate') yield* request.pipe(createInflate());
    else if (encoding === 'identity') yield* request;
    else throw new BadRequestError(48, 501, `Content-Encoding ${encoding} is not supported: gzip, deflate or none. (NOT_IMPLEMENTED)`);
  } catch (error) {
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      throw new BadRequestError(354, 400, `The request body is not ${encoding}. (ZLIB_INFLATE_FAILED)`);
    }
    throw error;
  }
}
