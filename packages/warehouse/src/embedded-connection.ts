import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type ClickHouseClientConfigOptions, type ClickHouseSettings, createClient, parseError } from '@clickhouse/client';
import type { EmbeddedEngine, StatementResult } from './embedded-engine.ts';
import { EngineError } from './engine-error.ts';
import type { Lane } from './lane.ts';
import { escapeText, quoteString } from './sql-text.ts';

type Connection = NonNullable<ClickHouseClientConfigOptions['connection']>;
type QueryParams = Parameters<Connection['query']>[0];

/** Settings of the HTTP layer that the client sends by itself; the engine does not know them. */
const HTTP_SETTING =
  /^(wait_end_of_query|enable_http_compression|send_progress_in_http_headers|default_format|http_\w+|role|\w*async_insert\w*)$/;

/**
 * A `@clickhouse/client` on the embedded engine, through the hook chDB made for it (`createClient({ connection })`).
 *
 * chDB's own connection (`chdb/connection`) sends settings as SET on one session, where they stay: the deduplication token of one insert would belong to
 * every later insert without one, and the engine would drop their rows in silence. Here every call has its session.
 * `lane` bounds the writes that wait; reads do not wait behind them.
 */
export function createEmbeddedClient(engine: EmbeddedEngine, lane: Lane, database: string): ReturnType<typeof createClient> {
  async function run(params: QueryParams, sql: string): Promise<StatementResult> {
    params.abort_signal?.throwIfAborted();
    try {
      return await engine.run({
        sql,
        database,
        format: settingText(params.clickhouse_settings?.['default_format']),
        settings: engineSettings(params.clickhouse_settings ?? {}),
        params: engineParams(params.query_params ?? {}),
      });
    } catch (error) {
      // The client's own error class: callers tell errors apart by its `code`, whichever warehouse answers.
      throw error instanceof EngineError ? parseError(error.message) : error;
    }
  }

  const connection: Connection = {
    async ping() {
      try {
        await engine.run({ sql: 'SELECT 1' });
        return { success: true };
      } catch (error) {
        return { success: false, error: error instanceof Error ? error : new Error(String(error)) };
      }
    },
    async query(params) {
      const result = await run(params, params.query);
      return { ...base(params), stream: Readable.from([result.body], { objectMode: false }) };
    },
    async exec(params) {
      const data = params.values === undefined ? '' : `\n${await text(params.values)}`;
      const result = await lane.run(() => run(params, params.query + data));
      return { ...base(params), stream: Readable.from([result.body], { objectMode: false }) };
    },
    async command(params) {
      await lane.run(() => run(params, params.query));
      return base(params);
    },
    async insert(params) {
      const data = typeof params.values === 'string' ? params.values : await text(params.values);
      // An INSERT without data is a syntax error to the engine and nothing to do for the caller.
      if (data.trim() !== '') await lane.run(() => run(params, `${params.query}\n${data}`));
      return base(params);
    },
    async close() {
      await lane.idle();
    },
  };
  return createClient({ connection });
}

function base(params: QueryParams): { query_id: string; response_headers: Record<string, string>; http_status_code: number } {
  return { query_id: params.query_id ?? randomUUID(), response_headers: {}, http_status_code: 200 };
}

function engineSettings(settings: ClickHouseSettings): Record<string, string> {
  const known: Record<string, string> = {};
  for (const [name, value] of Object.entries(settings)) {
    const asText = settingText(value);
    if (asText !== undefined && !HTTP_SETTING.test(name)) known[name] = asText;
  }
  return known;
}

function settingText(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'boolean') return value ? '1' : '0';
  return String(value);
}

function engineParams(params: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, paramText(value)]));
}

/** @throws TypeError for objects: nothing here needs Map or Tuple parameters */
function paramText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((each) => (typeof each === 'string' ? quoteString(each) : paramText(each))).join(',')}]`;
  switch (typeof value) {
    case 'string':
      return escapeText(value);
    case 'boolean':
      return value ? '1' : '0';
    case 'number':
    case 'bigint':
      return String(value);
    default:
      if (value === null) return '\\N';
      throw new TypeError('query parameters of the embedded ClickHouse are strings, numbers, booleans, null and arrays of them');
  }
}
