import { connectRedis, pingWithin, type RedisTarget, within } from './redis-client.ts';
import { visitKey } from './visit-key.ts';
import type { VisitStore } from './visit-store.ts';

/** A redirect waits for its visit: longer than this, the click goes on without. */
const TIMEOUT_MS = 250;
const PING_TIMEOUT_MS = 2_000;

export async function openRedisVisitStore(target: RedisTarget): Promise<VisitStore> {
  const { prefix = 'visit/' } = target;
  // Nothing is queued while the server is away: a queue of redirects would be answered long after their people have left.
  const { client, close } = connectRedis(target, { maxRetriesPerRequest: 0, enableOfflineQueue: false });
  return {
    async get(workspace, visitId) {
      return within(client.getBuffer(prefix + visitKey(workspace, visitId)), TIMEOUT_MS);
    },

    async put(workspace, visitId, visit, expiresAtMs) {
      const value = Buffer.from(visit.buffer, visit.byteOffset, visit.byteLength);
      await within(client.set(prefix + visitKey(workspace, visitId), value, 'PXAT', Math.ceil(expiresAtMs)), TIMEOUT_MS);
    },

    ping: () => pingWithin(client, PING_TIMEOUT_MS),
    close,
  };
}
