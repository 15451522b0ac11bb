import type { ClickOrigin, Touch } from './touch.ts';

export interface KeptVisit {
  readonly id: string;
  readonly start: number;
  /** When the last page of it was shown; half an hour later it is over. */
  seen: number;
  readonly touch: Touch;
  /** What tells its campaign from another. */
  readonly campaign: string;
  readonly landing: string;
  readonly pages: { readonly url: string; readonly time: number }[];
}

/** A click as POST /v1/clicks takes it. */
export interface ClickBody extends ClickOrigin {
  readonly workspace: string;
  readonly placement: string;
  readonly account?: string | undefined;
  readonly click_id: string;
  readonly code: string;
  readonly time: number;
  readonly greeting_variant?: number | undefined;
}

export interface Kept {
  visitor?: string;
  visit?: KeptVisit;
  first?: Touch;
  last?: Touch;
  /** Clicks that ingest has not confirmed yet. */
  queue: ClickBody[];
}

/** What the script remembers: in the page always, in the browser only while consent holds. One key, no cookie. */
export interface Memory {
  /** Changes what is remembered. Reads the browser's copy first: another tab may have written since. */
  change(edit?: (kept: Kept) => void): Kept;
  /**
   * Consent as it is now; true when that is news. Taken back, the browser's copy is removed, and with it who this is; clicks still to be sent stay in the
   * page.
   */
  allow(isAllowed: boolean): boolean;
}

export function createMemory(key: string): Memory {
  let kept: Kept = { queue: [] };
  let isAllowed = false;
  /** The browser's copy as it was last read or written: parsing and above all writing it costs a phone a millisecond each. */
  let saved = '';

  const change: Memory['change'] = (edit) => {
    try {
      const text = isAllowed && localStorage.getItem(key);
      if (text && text !== saved) {
        const stored: unknown = JSON.parse(text);
        // Whatever else wrote here: a queue that is a list is all that the rest relies on.
        if (Array.isArray((stored as Partial<Kept> | null)?.queue)) kept = stored as Kept;
        saved = text;
      }
    } catch {
      // No storage, or nothing of ours in it: the page's own copy goes on.
    }
    edit?.(kept);
    try {
      const text = isAllowed && edit ? toJson(kept) : saved;
      if (text !== saved) localStorage.setItem(key, text);
      saved = text;
    } catch {
      // Full or forbidden.
    }
    return kept;
  };

  return {
    change,
    allow(now) {
      if (now === isAllowed) return false;
      isAllowed = now;
      const { queue } = kept;
      if (!now) {
        kept = { queue };
        saved = '';
        try {
          localStorage.removeItem(key);
        } catch {
          // There is no storage to remove it from.
        }
      } else if (queue.length > 0) {
        change((stored) => {
          if (stored.queue !== queue) stored.queue.push(...queue);
        });
      }
      return true;
    },
  };
}

/** Prototype.js and its kin give arrays a `toJSON` that turns every list into a text. */
export function toJson(value: unknown): string {
  const prototype = Array.prototype as { toJSON?: unknown };
  const { toJSON } = prototype;
  if (toJSON) prototype.toJSON = undefined;
  // Bodies are plain data: this throws for none of them, and the page gets its own back.
  const text = JSON.stringify(value);
  if (toJSON) prototype.toJSON = toJSON;
  return text;
}
