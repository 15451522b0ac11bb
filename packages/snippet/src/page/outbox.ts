import type { ClickBody, Memory } from './memory.ts';
import { toJson } from './memory.ts';

/** The server believes a click's own time for a day; later it would count as made when it arrives. */
const KEEP_MS = 86_400_000;
const MAX_WAITING = 20;
const FIRST_RETRY_MS = 5_000;

export interface Outbox {
  /** Sends a click now and again until ingest has it; sent twice it is one click, by its id. */
  click(click: ClickBody): void;
  visit(body: unknown): void;
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
    post(`${base}/v1/clicks`, click, (isSettled) => {
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
    });
  }

  return {
    click(click) {
      memory.change((kept) => {
        kept.queue.push(click);
      });
      send(click);
    },
    visit(body) {
      post(`${base}/v1/visits`, body, () => undefined);
    },
    flush,
  };
}

/**
 * `fetch` with `keepalive` outlives the page as `sendBeacon` does and also tells what became of it. A text body needs no preflight, which the
 * page would not live to see answered. An answer that says "this is wrong" settles it: it would be wrong again.
 */
function post(url: string, body: unknown, done: (isSettled: boolean) => void): void {
  const text = toJson(body);
  try {
    fetch(url, { method: 'POST', body: text, keepalive: true, credentials: 'omit' }).then(
      ({ status }) => done(status < 500 && status !== 429 && status !== 408),
      () => done(false),
    );
  } catch {
    // No usable `fetch`: it goes out all the same, and again from the next page, for this way nobody tells whether it came.
    navigator.sendBeacon(url, text);
    done(false);
  }
}
