import { LRUCache } from 'lru-cache';
import type { RecentClicks } from '../ports.ts';

const WINDOW_MS = 10_000;
/** Whoever clicks in a burst comes again within seconds: 10,000 others in between are more than any instance serves in that time. 3 MB at most. */
const REMEMBERED = 10_000;

interface Window {
  readonly sinceMs: number;
  count: number;
}

/**
 * Counts requests per key in windows of ten seconds that begin with the first. Of this process alone and in memory only: behind a balancer a burst is counted in parts, which
 * weakens the sign and never invents one.
 */
export function createRecentClicks(): RecentClicks {
  const windows = new LRUCache<string, Window>({ max: REMEMBERED });
  return {
    count(key, nowMs) {
      const window = windows.get(key);
      if (window === undefined || nowMs - window.sinceMs >= WINDOW_MS || nowMs < window.sinceMs) {
        windows.set(key, { sinceMs: nowMs, count: 1 });
        return 1;
      }
      window.count += 1;
      return window.count;
    },
  };
}
