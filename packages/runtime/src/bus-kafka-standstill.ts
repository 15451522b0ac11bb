/**
 * Ends the wait of a consumer that nothing wakes any more. A quiet topic still answers a fetch every quarter of a second, and a member that is not in its group tries to join every two; who does neither while
 * the brokers answer others will not begin again by itself, and nothing else shows it: the process lives, its dependencies answer, only the lag grows. What is known to have caused it is mended
 * (`bus-kafka-handshake.ts`); this is for what is not known.
 */
export interface Standstill {
  /** Called for every sign of life: an answered fetch, a join, a batch begun or done. */
  moved(): void;
  stop(): void;
}

export interface StandstillOptions {
  /** True while a handler is at work or nothing is ours to fetch: then there is nothing to see. */
  readonly isExcused: () => boolean;
  /** Resolves when a broker answers, on a connection that is not the consumer's. While none does, the consumer waits for the right thing. */
  readonly ping: () => Promise<void>;
  readonly onStandstill: (reason: Error) => void;
  /** Milliseconds between two looks. */
  readonly everyMs?: number;
  /** Looks in a row that find nothing moved. Not a time: a process that was frozen has looked once when it wakes. */
  readonly looks?: number;
}

/** Two minutes together: twice what a group may take to rebalance. */
const EVERY_MS = 15_000;
const LOOKS = 8;

export function watchStandstill(options: StandstillOptions): Standstill {
  const { isExcused, ping, onStandstill, everyMs = EVERY_MS, looks = LOOKS } = options;
  let hasMoved = true;
  let found = 0;
  let isLooking = false;
  const timer = setInterval(() => void lookOnce(), everyMs);
  timer.unref();

  /** A broker that is slow to answer must not make two looks of one. */
  async function lookOnce(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    await look();
    isLooking = false;
  }

  async function look(): Promise<void> {
    const isFine = hasMoved || isExcused();
    hasMoved = false;
    if (isFine || !(await answers(ping)) || hasMoved) {
      found = 0;
      return;
    }
    found += 1;
    if (found !== looks) return;
    clearInterval(timer);
    onStandstill(new Error(`the consumer has neither fetched nor joined for ${(looks * everyMs) / 1_000} s while Kafka answers`));
  }

  return {
    moved() {
      hasMoved = true;
    },
    stop: () => clearInterval(timer),
  };
}

async function answers(ping: () => Promise<void>): Promise<boolean> {
  try {
    await ping();
    return true;
  } catch {
    return false;
  }
}
