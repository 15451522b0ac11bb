import { type ClickHouseClient, ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { createEmbeddedClient } from './embedded-connection.ts';
import type { EmbeddedEngine } from './embedded-engine.ts';
import { Lane } from './lane.ts';
import { quoteIdentifier } from './sql-text.ts';

export interface ServerOptions {
  /** `http://host:8123`; credentials belong in the fields below, not in the URL. */
  readonly url: string;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  /** Created when it does not exist. */
  readonly database: string;
  /** An answer later than this is taken for none. Milliseconds. Default 30,000. */
  readonly requestTimeoutMs?: number | undefined;
}

export interface EmbeddedOptions {
  /** Data folder, created when it does not exist. One per process. */
  readonly path: string;
  /** Created when it does not exist. Default `messtrack`. */
  readonly database?: string | undefined;
  /** Writes that may wait behind the running one. Default 256. */
  readonly maxWaiting?: number | undefined;
}

interface Connected {
  /** The same client type for both: reads, inserts and errors look alike. */
  readonly client: ClickHouseClient;
  readonly database: string;
  close(): Promise<void>;
}

/** Where rows go: a ClickHouse server, or ClickHouse in this process. */
export type Warehouse =
  | (Connected & { readonly kind: 'server' })
  | (Connected & {
      readonly kind: 'embedded';
      /** For `clickhouseHttp`: other callers in this process share the engine. */
      readonly engine: EmbeddedEngine;
    });

/**
 * Connects and makes sure that the database exists.
 *
 * @throws ClickHouseError when it refuses us, the connection's error when nothing answers
 */
export async function connectWarehouse(options: ServerOptions | EmbeddedOptions): Promise<Warehouse> {
  return 'url' in options ? connectServer(options) : connectEmbedded(options);
}

async function connectServer(options: ServerOptions): Promise<Warehouse> {
  const common = {
    url: options.url,
    username: options.user ?? 'default',
    password: options.password ?? '',
    request_timeout: options.requestTimeoutMs ?? 30_000,
    // The client drops sockets after 2.5 s idle by a timer. A process that computes for longer than the server waits (10 s, node:http 5 s) comes back with
    // that timer not run and would write a whole insert into a closed connection: EPIPE. Asked for its age before use, the socket is dropped instead.
    keep_alive: { eagerly_destroy_stale_sockets: true },
    // The client's own log writes to the console and repeats what it throws.
    log: { level: ClickHouseLogLevel.OFF },
  };
  // The database of a session must exist before the session: it is created from outside.
  const outside = createClient(common);
  try {
    await outside.command({ query: `CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(options.database)}` });
  } finally {
    await outside.close();
  }
  const client = createClient({ ...common, database: options.database });
  return { kind: 'server', client, database: options.database, close: () => client.close() };
}

async function connectEmbedded(options: EmbeddedOptions): Promise<Warehouse> {
  const database = options.database ?? 'messtrack';
  // Loaded for who asks for it: ClickHouse's library is 540 MB, of which an exporter that writes to a server had 150 resident and used nothing.
  const { openEmbeddedEngine } = await import('./embedded-engine.ts');
  const engine = openEmbeddedEngine(options.path);
  try {
    await engine.run({ sql: `CREATE DATABASE IF NOT EXISTS ${quoteIdentifier(database)}` });
  } catch (error) {
    await engine.close();
    throw error;
  }
  const client = createEmbeddedClient(engine, new Lane(options.maxWaiting ?? 256), database);
  return {
    kind: 'embedded',
    engine,
    client,
    database,
    async close() {
      await client.close();
      await engine.close();
    },
  };
}
