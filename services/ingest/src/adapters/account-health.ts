import type { VisitStore } from '@messtrack/sessions/visit-store.ts';
import type { AccountHealth } from '../ports.ts';

export interface AccountHealthOptions {
  readonly now: () => number;
  /** Told of every call the store did not answer. */
  readonly onFailure: (operation: 'get' | 'put') => void;
}

/** How old an answer may be. A click asks no store: it takes the last answer and has a newer one fetched for those after it. */
const FRESH_MS = 2_000;
/** A report that ends one is kept as long as another instance may still hold the earlier one. */
const WELL_AGAIN_MS = 60_000;
const UNTIL_BYTES = 8;

interface Known {
  /** Unwell until then; 0: well. Milliseconds since the Unix epoch, UTC. */
  readonly untilMs: number;
  readonly askedAtMs: number;
}

/**
 * Reports of accounts that are unwell, kept beside the visits: like them they are known to every instance, expire by themselves and are no harm to lose.
 * Their keys hold a "/", which no visit id does.
 */
export function createAccountHealth(store: Pick<VisitStore, 'get' | 'put'>, { now, onFailure }: AccountHealthOptions): AccountHealth {
  const known = new Map<string, Known>();
  const asking = new Set<string>();

  async function ask(key: string, workspace: string, account: string): Promise<void> {
    if (asking.has(key)) return;
    asking.add(key);
    const untilMs = known.get(key)?.untilMs ?? 0;
    try {
      const value = await store.get(workspace, storeKey(account));
      known.set(key, { untilMs: value === null ? 0 : Buffer.from(value).readDoubleLE(0), askedAtMs: now() });
    } catch {
      onFailure('get');
      known.set(key, { untilMs, askedAtMs: now() });
    } finally {
      asking.delete(key);
    }
  }

  return {
    isWell(workspace, account) {
      const key = `${workspace}/${account}`;
      const last = known.get(key);
      // By its size: a clock that is set back by a day must not make yesterday's answer good for a day.
      if (last === undefined || Math.abs(now() - last.askedAtMs) >= FRESH_MS) void ask(key, workspace, account);
      return last === undefined || last.untilMs <= now();
    },

    async unwellUntil(workspace, account) {
      await ask(`${workspace}/${account}`, workspace, account);
      const untilMs = known.get(`${workspace}/${account}`)?.untilMs ?? 0;
      return untilMs > now() ? untilMs : undefined;
    },

    async report(workspace, account, untilMs) {
      const value = Buffer.alloc(UNTIL_BYTES);
      value.writeDoubleLE(untilMs ?? 0, 0);
      try {
        await store.put(workspace, storeKey(account), value, untilMs ?? now() + WELL_AGAIN_MS);
      } catch {
        onFailure('put');
        return 'unavailable';
      }
      known.set(`${workspace}/${account}`, { untilMs: untilMs ?? 0, askedAtMs: now() });
      return 'kept';
    },
  };
}

function storeKey(account: string): string {
  return `account-health/${account}`;
}
