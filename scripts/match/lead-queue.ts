import { leadKey } from '@messtrack/matcher/domain/entries.ts';
import type { Lead } from '@messtrack/matcher/domain/lead.ts';
import type { JoinMemory } from './join-memory.ts';

/** The fold takes corrections for 30 days after a lead's start; the day more is for those that begin within the last one. */
const SETTLED_AFTER_MS = 31 * 86_400_000;

interface Queued {
  readonly workspace: string;
  readonly leadId: string;
  readonly startedAtMs: number;
}

/**
 * Gives out leads in the order in which their first messages arrived, each once and as it stands when nothing can change it any more: a
 * month of leads is held back, never a whole history.
 */
export interface LeadQueue {
  /** Any revision. */
  revised(lead: Lead): void;
  /** Gives out what is past correcting at this time. */
  settle(clockMs: number): void;
  /** Gives out the rest. */
  close(): void;
}

export function createLeadQueue(memory: JoinMemory, give: (lead: Lead) => void): LeadQueue {
  let queue: Queued[] = [];
  let head = 0;

  function giveHead(): void {
    const { workspace, leadId } = queue[head]!;
    const lead = memory.lead(leadKey(workspace, leadId));
    head += 1;
    if (lead === undefined) throw new Error('a lead has left the memory before it was given out');
    give(lead);
    if (head > 4_096 && head * 2 > queue.length) {
      queue = queue.slice(head);
      head = 0;
    }
  }

  return {
    revised({ revision, workspace, leadId, startedAtMs }) {
      if (revision === 1) queue.push({ workspace, leadId, startedAtMs });
    },
    settle(clockMs) {
      while (head < queue.length && queue[head]!.startedAtMs < clockMs - SETTLED_AFTER_MS) giveHead();
    },
    close() {
      while (head < queue.length) giveHead();
    },
  };
}
