import { createHash } from 'node:crypto';
import { createOutageLog } from '@messtrack/runtime/outage-log.ts';
import { Cluster, Command, Redis } from 'ioredis';
import type { Logger } from 'pino';

export type RedisClient = Redis | Cluster;

export interface RedisTarget {
  /** `redis://host:port/db`, `rediss://` for TLS, or several nodes of a Redis Cluster separated by commas. */
  readonly url?: string;
  /** A client of the caller's, left open at `close`. Set `maxRetriesPerRequest: null` on it where calls have to wait. */
  readonly client?: RedisClient;
  /** Put before every key; keeps several users of one server apart. Default empty. */
  readonly prefix?: string;
  readonly log?: Logger;
  /** How long a connection on which an answer is due may be silent before it is given up for a new one. Milliseconds. Default 10,000. */
  readonly silenceMs?: number;
}

/** What a call does while the server is away. */
export interface AwayOptions {
  /** Null: it waits for the next connection, however long. 0: it fails with this one. */
  readonly maxRetriesPerRequest: number | null;
  /** Whether calls made without a connection wait for one. */
  readonly enableOfflineQueue: boolean;
}

export interface Connection {
  readonly client: RedisClient;
  close(): Promise<void>;
}

const SILENT = { warn: () => undefined };

/** A reconnect is tried this often at most: a server that comes back is found within a second, one that is gone is not hammered. */
const MAX_RECONNECT_MS = 1_000;

/**
 * A machine that loses its power, and a pod that is moved, say no goodbye: the kernel would go on sending into nothing for a quarter of an hour, while the new
 * server stands ready under the same name. Longer than any server thinks about what we ask, even while it forks to rewrite its file. Milliseconds.
 */
const SILENCE_MS = 10_000;

export function connectRedis(target: RedisTarget, away: AwayOptions): Connection {
  if (target.client !== undefined) return { client: target.client, close: async () => undefined };
  if (target.url === undefined) throw new Error('a Redis store needs a url or a client');
  const urls = target.url.split(',');
  const socketTimeout = target.silenceMs ?? SILENCE_MS;
  const client =
    urls.length > 1
      ? connectCluster(urls, away, socketTimeout)
      : new Redis(target.url, { ...away, socketTimeout, retryStrategy: reconnectAfterMs });
  const outage = createOutageLog(target.log ?? SILENT, { away: 'Redis is away', back: 'Redis is back' });
  // ioredis emits one error per attempt to connect, and without a listener it prints them itself.
  client.on('error', (error: Error) => outage.failed(error));
  client.on('ready', () => outage.recovered());
  return {
    client,
    async close() {
      // QUIT would wait for a server that is away.
      client.disconnect();
    },
  };
}

function reconnectAfterMs(attempt: number): number {
  return Math.min(attempt * 50, MAX_RECONNECT_MS);
}

function connectCluster(
  urls: readonly string[],
  { maxRetriesPerRequest, enableOfflineQueue }: AwayOptions,
  socketTimeout: number,
): Cluster {
  return new Cluster([...urls], {
    redisOptions: { maxRetriesPerRequest, socketTimeout },
    enableOfflineQueue,
    clusterRetryStrategy: reconnectAfterMs,
  });
}

/** A script on the server. Runs by its hash; a server that does not know it (new, restarted, failed over) gets the text. */
export interface Script {
  readonly text: string;
  readonly sha: string;
}

export function script(text: string): Script {
  return { text, sha: createHash('sha1').update(text).digest('hex') };
}

/** Values come back as Buffers. Sent as a plain command: the client's automatic pipelines lose the name of a generic call, and its typed `evalsha` decodes text. */
export async function runScript(client: RedisClient, { text, sha }: Script, keys: readonly string[], args: readonly (string | Buffer)[]) {
  const rest = [keys.length, ...keys, ...args];
  try {
    return await client.sendCommand(new Command('evalsha', [sha, ...rest]));
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error;
    return client.sendCommand(new Command('eval', [text, ...rest]));
  }
}

/**
 * Answers of a server that cannot serve now and will again: it loads its file, follows or elects a leader, moves a slot, runs a long script, has
 * no memory left, or does not let us in until its password, its user's rights or ours are set right: ending would not bring that about, and a start that meets the same ends again.
 */
const TRANSIENT_REPLIES = [
  'LOADING',
  'READONLY',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'TRYAGAIN',
  'MOVED',
  'ASK',
  'BUSY',
  'OOM',
  'NOREPLICAS',
  'MISCONF',
  'UNBLOCKED',
  'NOAUTH',
  'WRONGPASS',
  'NOPERM',
];

/**
 * Whether a failed call may succeed later. Everything but an answer of the server's own counts: the connection broke, and nobody knows how far the
 * call got. Repeat only what may be repeated.
 */
export function isRedisAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  // ioredis names answers `ReplyError`, and errors of a cluster it cannot reach `ClusterAllFailedError`.
  if (error.name !== 'ReplyError') return !(error instanceof TypeError || error instanceof RangeError);
  return TRANSIENT_REPLIES.some((each) => error.message.startsWith(each));
}

/** @throws Error when there is no answer in time: a client that waits for its server would wait for ever */
export async function pingWithin(client: RedisClient, timeoutMs: number): Promise<void> {
  await within(client.ping(), timeoutMs);
}

/** The answer, or an error after the time. The call itself is not taken back. */
export async function within<T>(call: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Redis gave no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
    // Whoever waited has gone; the late rejection of the call is nobody's.
    call.catch(() => undefined);
  }
}
