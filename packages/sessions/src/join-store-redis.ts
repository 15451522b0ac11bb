import { setTimeout as delay } from 'node:timers/promises';
import { createOutageLog } from '@messtrack/runtime/outage-log.ts';
import { Cluster, type Redis } from 'ioredis';
import type { JoinEntry, JoinRead, JoinStore, JoinWrite } from './join-store.ts';
import { rememberWrites } from './recent-writes.ts';
import { connectRedis, isRedisAway, pingWithin, type RedisTarget, runScript, script, within } from './redis-client.ts';
import { watchLosses } from './redis-losses.ts';
import { assertKey, decodeVersions, HEAD_BYTES, MAX_VERSIONS, putVersion, visibleBefore } from './versions.ts';

/**
 * A key is a string that holds its versions by rising position, in the form of versions.ts, the same as in LMDB; the reader picks among them here. A new
 * key, which most are, costs the server one command; only where there is something already does the script take it apart. It is measured to be
 * three times as fast as sorted sets. One argument holds the writes of all keys, one after another: the mode as a byte (1: first), then the encoded
 * version. Every argument more costs the client as much as the write itself.
 */
const WRITE = script(`
local most = ${MAX_VERSIONS}
local function merge(stored, added, isFirst)
  local position = struct.unpack('<d', added)
  local versions, placed, at = {}, false, 1
  while at <= #stored do
    local other, _, length = struct.unpack('<ddI4', stored, at)
    if not placed and other >= position then
      versions[#versions + 1] = added
      placed = true
    end
    if other ~= position then versions[#versions + 1] = string.sub(stored, at, at + 19 + length) end
    at = at + 20 + length
  end
  if not placed then versions[#versions + 1] = added end
  if isFirst then return { versions[1] } end
  while #versions > most do table.remove(versions, 1) end
  return versions
end
local writes, at = ARGV[1], 1
for _, key in ipairs(KEYS) do
  local isFirst, _, expires, length = struct.unpack('<BddI4', writes, at)
  local added = string.sub(writes, at + 1, at + 20 + length)
  at = at + 21 + length
  if not redis.call('SET', key, added, 'PXAT', string.format('%.0f', expires), 'NX') then
    local versions = merge(redis.call('GET', key) or '', added, isFirst == 1)
    local latest = 0
    for _, version in ipairs(versions) do
      local _, each = struct.unpack('<dd', version)
      if each > latest then latest = each end
    end
    redis.call('SET', key, table.concat(versions), 'PXAT', string.format('%.0f', latest))
  end
end
return 0
`);

/** Keys per script call: the server does nothing else meanwhile, and 200 take it about half a millisecond. */
const KEYS_PER_CALL = 200;
const RETRY_MS = 200;
const PING_TIMEOUT_MS = 2_000;
/** How old an acknowledged write is that no server loses by being killed: see redis-losses.ts. Milliseconds. */
const RECENT_MS = 5_000;
const SILENT = { warn: () => undefined };

/** Calls of the store fail though its server answers. */
export class JoinStoreRefusesError extends Error {
  override readonly name = 'JoinStoreRefusesError';
  readonly healthDetail = 'Redis answers, but calls of the join store fail and are repeated: see the log for its reason';
}

/** What this process has written is not there any more: the server was emptied, or started without its file. Nobody can tell an entry that is lost from one that never was. */
export class JoinEntriesLostError extends Error {
  override readonly name = 'JoinEntriesLostError';
  readonly healthDetail =
    'Redis has lost its entries, or a rebuild was not finished: stop the matcher, run npm run rebuild-sessions, start it again';
}

const FILLED = '1';
const BEING_REBUILT = 'rebuilding';

/** The store of one who fills it anew. Between the two calls, also when they are never both made, everybody else waits. */
export interface RebuiltJoinStore extends JoinStore {
  begin(): Promise<void>;
  finish(): Promise<void>;
}

export async function openRedisJoinStore(target: RedisTarget): Promise<JoinStore> {
  return openStore(target, false);
}

export async function openRebuiltRedisJoinStore(target: RedisTarget): Promise<RebuiltJoinStore> {
  return openStore(target, true);
}

async function openStore(target: RedisTarget, isRebuilding: boolean): Promise<RebuiltJoinStore> {
  const { prefix = '', log } = target;
  // Null: a call waits for the server however long it is away. The matcher never guesses.
  const { client, close } = connectRedis(target, { maxRetriesPerRequest: null, enableOfflineQueue: true });
  // Keys of a cluster live in different slots, and a script may touch one: one key per call there, many calls under way at once.
  const isCluster = client instanceof Cluster;
  const keysPerCall = isCluster ? 1 : KEYS_PER_CALL;
  /** Outside of the prefix, so that `clear` leaves it. Written before the first entry, and read with every other: it goes when everything goes, and says when not everything is there. */
  const mark = `${prefix.replace(/:$/, '')}-filled`;
  let isMarked = false;
  /** Whether it was we who put the mark, a moment before the writes that are remembered: it may be lost with them. */
  let markedAtMs = Number.NEGATIVE_INFINITY;
  let writtenAtMs = 0;
  const recent = rememberWrites(RECENT_MS);
  const losses = watchLosses(client, rewrite);
  const outage = createOutageLog(log ?? SILENT, {
    away: 'calls of the join store fail and are repeated',
    back: 'calls of the join store succeed again',
  });
  let closed = false;

  /**
   * Reads and writes may be repeated; whatever breaks on the way, they are until they succeed. Each kind has an outage of its own: a server without memory answers reads, and they must not say that
   * all is well.
   */
  async function persist<T>(kind: 'read' | 'write', call: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const answer = await call();
        outage.recovered({}, kind);
        return answer;
      } catch (error) {
        if (closed || !isRedisAway(error)) throw error;
        if (!(error instanceof JoinEntriesLostError)) losses.failed(error);
        outage.failed(error, {}, kind);
        await delay(RETRY_MS);
      }
    }
  }

  async function rewrite(): Promise<void> {
    if (writtenAtMs - markedAtMs < RECENT_MS) await persist('write', () => client.set(mark, FILLED, 'NX'));
    // One after the other: after five busy seconds there are hundreds, and others wait for the server too.
    for (const { keys, packed } of recent.all()) await persist('write', () => runScript(client, WRITE, keys, [packed]));
  }

  async function readSome(reads: readonly JoinRead[]): Promise<(JoinEntry | null)[]> {
    const keys = reads.map(({ key }) => prefix + key);
    // Of a cluster a node may be emptied, and the mark is on one of them: `ping` looks there.
    const found = await losses.trusted(() =>
      persist('read', async () => {
        if (isRebuilding || isCluster) return client.mgetBuffer(keys);
        const answer = await client.mgetBuffer([...keys, mark]);
        assertFilled(answer.at(-1)?.toString());
        // From here on it may not go, whoever put it.
        if (answer.at(-1) !== null) isMarked = true;
        return answer;
      }),
    );
    return reads.map(({ before }, index) => {
      const stored = found[index];
      return stored === null || stored === undefined ? null : visibleBefore(decodeVersions(stored), before);
    });
  }

  function assertFilled(found: string | undefined): void {
    if (found === BEING_REBUILT || (found === undefined && isMarked))
      throw new JoinEntriesLostError('the entries of the join store are gone, or not all there: npm run rebuild-sessions fills it anew');
  }

  async function putMark(): Promise<void> {
    if (isMarked || isRebuilding) return;
    if ((await persist('write', () => client.set(mark, FILLED, 'NX'))) === 'OK') markedAtMs = performance.now();
    isMarked = true;
  }

  async function writeSome(writes: readonly JoinWrite[]): Promise<void> {
    const keys = writes.map(({ key }) => prefix + key);
    const packed = packWrites(writes);
    await persist('write', () => runScript(client, WRITE, keys, [packed]));
    recent.add({ keys, packed });
    writtenAtMs = performance.now();
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

    expectEntries() {
      isMarked = true;
    },

    async write(writes) {
      for (const { key } of writes) assertKey(key);
      await putMark();
      await Promise.all(chunks(writes, keysPerCall).map(writeSome));
    },

    async clear(keyPrefix) {
      await losses.repaired();
      recent.forget(prefix + keyPrefix);
      const pattern = `${escapeGlob(prefix + keyPrefix)}*`;
      const nodes = client instanceof Cluster ? client.nodes('master') : [client];
      const counts = await Promise.all(nodes.map((node) => clearNode(node, pattern)));
      return counts.reduce((sum, each) => sum + each, 0);
    },

    async ping() {
      try {
        await pingWithin(client, PING_TIMEOUT_MS);
        assertFilled((await within(client.get(mark), PING_TIMEOUT_MS)) ?? undefined);
      } catch (error) {
        if (error instanceof Error && error.name === 'ReplyError')
          throw new JoinStoreRefusesError('the server answers with an error', { cause: error });
        throw error;
      }
      // A server without memory, or a replica, answers a ping and takes nothing.
      if (outage.isAway) throw new JoinStoreRefusesError('the last call failed');
    },

    async begin() {
      await persist('write', () => client.set(mark, BEING_REBUILT));
    },

    async finish() {
      await persist('write', () => client.set(mark, FILLED));
    },

    async close() {
      closed = true;
      losses.close();
      await close();
    },
  };
}

function packWrites(writes: readonly JoinWrite[]): Buffer {
  const bytes = Buffer.allocUnsafe(writes.reduce((sum, { value }) => sum + 1 + HEAD_BYTES + value.length, 0));
  let at = 0;
  for (const { mode, position, value, expiresAtMs } of writes) {
    bytes[at] = mode === 'first' ? 1 : 0;
    at = putVersion(bytes, at + 1, { position, value, expiresAtMs: Math.ceil(expiresAtMs) });
  }
  return bytes;
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < all.length; at += size) parts.push(all.slice(at, at + size));
  return parts;
}

function escapeGlob(text: string): string {
  return text.replace(/[\\*?[\]^]/g, '\\$&');
}
