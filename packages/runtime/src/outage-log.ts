/** A pino logger is one. */
export interface WarnLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** What is said of something that goes away and comes back. */
export interface OutageWords {
  /** While it is away: what waits, or what happens instead. */
  readonly away: string;
  readonly back: string;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Tells of outages without flooding: a line when something goes away, a line when it is back, and reminders in between that grow apart. A loop that
 * tries again every second for a night would else write a hundred thousand lines, which fill the disk that the outage is about and hide what matters.
 */
export interface OutageLog {
  /**
   * An attempt failed. `source` names the one of several things that share the outage, such as a partition or a table: it is over when the last of them
   * has recovered.
   */
  failed(error: unknown, fields?: Fields, source?: string): void;
  /** An attempt succeeded. Cheap when nothing was away: call it after each success. */
  recovered(fields?: Fields, source?: string): void;
  /** The source is no longer ours to tell of: its outage is neither over nor goes on. */
  dropped(source: string): void;
  readonly isAway: boolean;
}

const FIRST_REMINDER_MS = 60_000;
const LAST_REMINDER_MS = 3_600_000;

/**
 * At `warn`, both ways: an operator who sees that something went away has to see at the same level that it is back.
 *
 * Something that comes and goes within a minute is one outage: after a line `back` the next `away` is silent until the reminder is due, so that flapping
 * costs two lines per reminder and not two per flap.
 *
 * @param now milliseconds on a monotonic scale
 */
export function createOutageLog(log: WarnLog, words: OutageWords, now: () => number = () => performance.now()): OutageLog {
  const failing = new Set<string>();
  let awaySince = 0;
  let attempts = 0;
  let flaps = 0;
  let isSaid = false;
  let lastSaidAt = Number.NEGATIVE_INFINITY;
  let reminderMs = FIRST_REMINDER_MS;

  function begin(at: number): void {
    // Well for longer than the next reminder would have taken: another outage, told from the start.
    if (at - lastSaidAt < reminderMs) {
      flaps += 1;
      return;
    }
    reminderMs = FIRST_REMINDER_MS;
    lastSaidAt = Number.NEGATIVE_INFINITY;
    awaySince = at;
    attempts = 0;
    flaps = 0;
  }

  function isDue(at: number): boolean {
    return lastSaidAt === Number.NEGATIVE_INFINITY || at - lastSaidAt >= reminderMs;
  }

  return {
    get isAway() {
      return failing.size > 0;
    },

    failed(error, fields = {}, source = '') {
      const at = now();
      if (failing.size === 0) begin(at);
      failing.add(source);
      attempts += 1;
      if (!isDue(at)) return;
      // The stack is the same each time.
      const isFirst = lastSaidAt === Number.NEGATIVE_INFINITY;
      if (!isFirst) reminderMs = Math.min(reminderMs * 2, LAST_REMINDER_MS);
      lastSaidAt = at;
      isSaid = true;
      if (isFirst) log.warn({ ...fields, err: error }, words.away);
      else log.warn({ ...fields, ...reasonOf(error), awayForS: seconds(at - awaySince), attempts, ...flapping(flaps) }, words.away);
    },

    dropped(source) {
      failing.delete(source);
    },

    recovered(fields = {}, source = '') {
      if (failing.size === 0 || !failing.delete(source) || failing.size > 0 || !isSaid) return;
      const at = now();
      isSaid = false;
      lastSaidAt = at;
      log.warn({ ...fields, awayForS: seconds(at - awaySince), attempts, ...flapping(flaps) }, words.back);
    },
  };
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}

function flapping(flaps: number): { readonly cameAndWent?: number } {
  return flaps === 0 ? {} : { cameAndWent: flaps };
}

function reasonOf(error: unknown): { readonly reason?: string } {
  return error instanceof Error ? { reason: error.message } : {};
}
