import { setTimeout as delay } from 'node:timers/promises';
import { Cluster, type Redis } from 'ioredis';
import type { JoinEntry, JoinRead, JoinStore, JoinWrite } from './join-store.ts';
import { connectRedis, isRedisAway, pingWithin, type RedisTarget, runScript, script } from './redis-client.ts';
import { assertKey, MAX_VERSIONS } from './versions.ts';

/**
 * A key is a sorted set: score = position, member = `{position}:{value}`. Positions are below 2^53, which scores hold exactly; the position stands
 * in the member too, so that two versions with the same value stay two. A reader takes the highest score below its own position, whatever the mode.
 */
const READ = script(`
local found = {}
for i, key in ipairs(KEYS) do
  found[i] = redis.call('ZRANGE', key, '(' .. ARGV[i], '-inf', 'BYSCORE', 'REV', 'LIMIT', 0, 1)[1] or false
end
return found
`);

/** Four arguments per key: mode, position, expiry in milliseconds, value. The key lives as long as the longest-lived of its versions. */
const WRITE = script(`
for i, key in ipairs(KEYS) do
  local mode, position, expires, value = ARGV[i * 4 - 3], ARGV[i * 4 - 2], ARGV[i * 4 - 1], ARGV[i * 4]
  local known = redis.call('PEXPIRETIME', key)
  if known == -2 then
    redis.call('ZADD', key, position, position .. ':' .. value)
    redis.call('PEXPIREAT', key, expires)
  else
    redis.call('ZREMRANGEBYSCORE', key, position, position)
    redis.call('ZADD', key, position, position .. ':' .. value)
    if mode == 'first' then redis.call('ZREMRANGEBYRANK', key, 1, -1)
    else redis.call('ZREMRANGEBYRANK', key, 0, -${MAX_VERSIONS + 1}) end
    if tonumber(expires) > known then redis.call('PEXPIREAT', key, expires) end
  end
end
return 0
`);

/** Keys per script call: the server does nothing else meanwhile, and 200 take it about half a millisecond. */
const KEYS_PER_CALL = 200;
const RETRY_MS = 200;
const PING_TIMEOUT_MS = 2_000;

export async function openRedisJoinStore(target: RedisTarget): Promise<JoinStore> {
  const { prefix = '', log } = target;
  // Null: a call waits for the server however long it is away. The matcher never guesses.
  const { client, close } = connectRedis(target, { maxRetriesPerRequest: null, enableOfflineQueue: true });
  // Keys of a cluster live in different slots, and a script may touch one: one key per call there, many calls under way at once.
  const keysPerCall = client instanceof Cluster ? 1 : KEYS_PER_CALL;
  let closed = false;

  /** Reads and writes may be repeated; whatever breaks on the way, they are until they succeed. */
  async function persist<T>(call: () => Promise<T>): Promise<T> {
    for (let isFirst = true; ; isFirst = false) {
      try {
        return await call();
      } catch (error) {
        if (closed || !isRedisAway(error)) throw error;
        if (isFirst) log?.warn({ err: error }, 'join store call failed, trying again');
        await delay(RETRY_MS);
      }
    }
  }

  async function readSome(reads: readonly JoinRead[]): Promise<(JoinEntry | null)[]> {
    const keys = reads.map(({ key }) => prefix + key);
    const befores = reads.map(({ before }) => String(before));
    const members = await persist(() => runScript(client, READ, keys, befores));
    if (!Array.isArray(members)) throw new Error('the read script answered with something else than a list');
    return members.map(toEntry);
  }

  async function writeSome(writes: readonly JoinWrite[]): Promise<void> {
    const keys = writes.map(({ key }) => prefix + key);
    const args = writes.flatMap(({ mode, position, expiresAtMs, value }) => [
      mode,
      String(position),
      String(Math.ceil(expiresAtMs)),
      toBuffer(value),
    ]);
    await persist(() => runScript(client, WRITE, keys, args));
  }

  async function clearNode(node: Redis, pattern: string): Promise<number> {
    let cursor = '0';
    let count = 0;
    do {
      const [next, keys] = await node.scan(cursor, 'MATCH', pattern, 'COUNT', 1_000);
      cursor = next;
      // One key per call: on a cluster a node's keys are in many slots. SCAN may name a key twice; UNLINK counts it once.
      const removed = await Promise.all(keys.map((key) => node.unlink(key)));
      count += removed.reduce((sum, each) => sum + each, 0);
    } while (cursor !== '0');
    return count;
  }

  return {
    async read(reads) {
      for (const { key } of reads) assertKey(key);
      return (await Promise.all(chunks(reads, keysPerCall).map(readSome))).flat();
    },

    async write(writes) {
      for (const { key } of writes) assertKey(key);
      await Promise.all(chunks(writes, keysPerCall).map(writeSome));
    },

    async clear(keyPrefix) {
      const pattern = `${escapeGlob(prefix + keyPrefix)}*`;
      const nodes = client instanceof Cluster ? client.nodes('master') : [client];
      const counts = await Promise.all(nodes.map((node) => clearNode(node, pattern)));
      return counts.reduce((sum, each) => sum + each, 0);
    },

    ping: () => pingWithin(client, PING_TIMEOUT_MS),

    async close() {
      closed = true;
      await close();
    },
  };
}

const COLON = 0x3a;

function toEntry(member: unknown): JoinEntry | null {
  if (!Buffer.isBuffer(member)) return null;
  const at = member.indexOf(COLON);
  return { position: Number(member.toString('latin1', 0, at)), value: member.subarray(at + 1) };
}

function toBuffer(value: Uint8Array): Buffer {
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < all.length; at += size) parts.push(all.slice(at, at + size));
  return parts;
}

function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]^]/g, '\\$&');
}
