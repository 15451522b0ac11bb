import type { ClickBody, Memory } from './memory.ts';
import { toJson } from './memory.ts';

/** The server believes a click's own time for a day; later it would count as made when it arrives. */
const KEEP_MS = 86_400_000;
const MAX_WAITING = 20;
const FIRST_RETRY_MS = 5_000;

export interface Outbox {
  /** Sends a click now and again until ingest has it; sent twice it is one click, by its id. */
  click(click: ClickBody): void;
  report(body: string): void;
  /** Sends what waits, from this page or an earlier one. */
  flush(): void;
}

export function createOutbox(base: string, memory: Memory): Outbox {
  let pauseMs = FIRST_RETRY_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const underWay: Record<string, boolean> = {};

  const flush = (): void => {
    const now = Date.now();
    if (memory.change().queue.length > 0) {
      memory.change((kept) => {
        kept.queue = kept.queue.filter(({ time }) => now - time < KEEP_MS).slice(-MAX_WAITING);
        kept.queue.forEach(send);
      });
    }
  };

  function send(click: ClickBody): void {
    const id = click.click_id;
    if (underWay[id]) return;
    underWay[id] = true;
    const done = (isSettled: boolean): void => {
      delete underWay[id];
      if (isSettled) {
        memory.change((kept) => {
          kept.queue = kept.queue.filter((waiting) => waiting.click_id !== id);
        });
        return;
      }
      clearTimeout(timer);
      timer = setTimeout(flush, pauseMs);
      // Nothing comes back down: who asks a server that is away asks ever less.
      pauseMs *= 2;
    };
    const url = `${base}/v1/clicks`;
    try {
      // An answer that says "this is wrong" settles it: it would be wrong again.
      post(url, click).then(
        ({ status }) => done(status < 500 && status !== 429 && status !== 408),
        () => done(false),
      );
    } catch {
      // No usable `fetch`: it goes out all the same, and again from the next page, for this way nobody tells whether it came.
      navigator.sendBeacon(url, toJson(click));
      done(false);
    }
  }

  return {
    click(click) {
      memory.change((kept) => {
        kept.queue.push(click);
      });
      send(click);
    },
    report(body) {
      // Nobody waits for the answer, and without a promise of one it takes half of the time of `fetch`.
      navigator.sendBeacon(`${base}/v1/visits`, body);
    },
    flush,
  };
}

/**
 * `fetch` with `keepalive` outlives the page as `sendBeacon` does and also tells what became of it. A text body needs no preflight, which the
 * page would not live to see answered.
 */
export function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: 'POST', body: toJson(body), keepalive: true, credentials: 'omit' });
}
