import type { Lead } from '../domain/lead.ts';
import type { LeadDirectory, LeadListener } from '../ports.ts';

/** Leads that another instance has committed show within this time. */
const POLL_MS = 200;

export interface LeadQuestion {
  readonly workspace: string;
  readonly account: string;
  readonly contactKeys: readonly string[];
  readonly waitMs: number;
  /** The caller has gone: the place is somebody else's. */
  readonly signal?: AbortSignal | undefined;
}

export type LeadAnswer = { readonly kind: 'found'; readonly lead: Lead } | { readonly kind: 'not_found' } | { readonly kind: 'busy' };

export interface LeadWaiters extends LeadListener {
  /** Answers at once when the contact has a lead, else as soon as there is one, at the latest after `waitMs`. */
  ask(question: LeadQuestion): Promise<LeadAnswer>;
  /** Ends every wait with what is known now. */
  close(): void;
}

export interface WaitersOptions {
  readonly directory: LeadDirectory;
  /** How many callers may wait at once; the next is told to come back. */
  readonly maxWaiting: number;
  readonly onWaiting: (count: number) => void;
}

/**
 * Callers who wait for a lead. A lead of this instance wakes them when its transaction is durable; leads of other instances, and
 * contacts asked for by another of their keys, are found by asking the join store again.
 */
export function createLeadWaiters({ directory, maxWaiting, onWaiting }: WaitersOptions): LeadWaiters {
  const wakers = new Map<string, Set<() => void>>();
  let waiting = 0;
  let isClosed = false;

  async function ask(question: LeadQuestion): Promise<LeadAnswer> {
    const deadlineMs = performance.now() + question.waitMs;
    const first = await look(question);
    if (first !== undefined) return { kind: 'found', lead: first };
    if (question.waitMs === 0) return { kind: 'not_found' };
    if (waiting >= maxWaiting) return { kind: 'busy' };
    waiting += 1;
    onWaiting(waiting);
    try {
      while (!isClosed && question.signal?.aborted !== true) {
        const leftMs = deadlineMs - performance.now();
        if (leftMs <= 0) break;
        await pause(question, Math.min(leftMs, POLL_MS));
        const lead = await look(question);
        if (lead !== undefined) return { kind: 'found', lead };
      }
      return { kind: 'not_found' };
    } finally {
      waiting -= 1;
      onWaiting(waiting);
    }
  }

  function look({ workspace, account, contactKeys }: LeadQuestion): Promise<Lead | undefined> {
    return directory.leadOfContact(workspace, account, contactKeys);
  }

  function pause(question: LeadQuestion, ms: number): Promise<void> {
    const keys = question.contactKeys.map((key) => keyOf(question.workspace, question.account, key));
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        for (const key of keys) {
          const set = wakers.get(key);
          set?.delete(wake);
          if (set?.size === 0) wakers.delete(key);
        }
        resolve();
      };
      const timer = setTimeout(wake, ms);
      for (const key of keys) {
        const set = wakers.get(key) ?? new Set();
        set.add(wake);
        wakers.set(key, set);
      }
    });
  }

  return {
    ask,
    committed(leads) {
      if (wakers.size === 0) return;
      for (const { workspace, account, contact } of leads) {
        for (const wake of [...(wakers.get(keyOf(workspace, account, contact)) ?? [])]) wake();
      }
    },
    close() {
      isClosed = true;
      for (const set of [...wakers.values()]) for (const wake of [...set]) wake();
    },
  };
}

function keyOf(workspace: string, account: string, contact: string): string {
  return `${workspace}/${account}/${contact}`;
}
