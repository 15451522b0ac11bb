import { LRUCache } from 'lru-cache';

/** Whoever comes often stays among them. Of a key of 40 characters and a window of two numbers, 5,000 are 1 MB. */
const REMEMBERED = 5_000;

interface Window {
  /** By `performance.now()`. */
  readonly endsAt: number;
  count: number;
}

export interface RequestWindows {
  /** Counts a request of this key. Milliseconds until the window ends when it was one too many, else 0. */
  excess(key: string, now: number): number;
}

/**
 * Requests per key in windows that begin with the key's first request, of the 5,000 keys seen last. Answers at once and writes no header: the limiter for Fastify
 * takes a promise, an event and three headers per request for the same, which every redirect would pay.
 *
 * @param max requests per window and key
 * @param windowMs length of a window in milliseconds
 */
export function createRequestWindows(max: number, windowMs: number): RequestWindows {
  const windows = new LRUCache<string, Window>({ max: REMEMBERED });
  return {
    excess(key, now) {
      const window = windows.get(key);
      if (window === undefined || now >= window.endsAt) {
        windows.set(key, { endsAt: now + windowMs, count: 1 });
        return 0;
      }
      window.count += 1;
      return window.count > max ? window.endsAt - now : 0;
    },
  };
}
