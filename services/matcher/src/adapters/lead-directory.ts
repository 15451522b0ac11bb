import type { JoinStore } from '@messtrack/sessions/join-store.ts';
import { contactKeyOf, type Entry, leadKey } from '../domain/entries.ts';
import { type LeadDirectory, LeadsUnavailableError } from '../ports.ts';
import { decodeEntry } from './entry-codec.ts';

/** Who asks hangs up soon after. Milliseconds. */
const PATIENCE_MS = 2_000;
/** Reads of the join store wait for it however long it is away; those of callers who went meanwhile stay with it until then. A few times as many as callers may wait. */
const MOST_UNANSWERED = 5_000;

/**
 * Answers from the join store, so that any instance knows the leads of all. A lead stands there a moment before its transaction is
 * durable; were that moment a crash, the next owner folds the same records into the same lead.
 */
export function leadDirectory(joins: JoinStore, patienceMs = PATIENCE_MS): LeadDirectory {
  let unanswered = 0;

  async function read(keys: readonly string[]): Promise<readonly (Entry | null)[]> {
    if (unanswered >= MOST_UNANSWERED) throw new LeadsUnavailableError('too many reads of the join store are unanswered');
    unanswered += 1;
    const reading = joins.read(keys.map((key) => ({ key, before: Number.MAX_SAFE_INTEGER }))).finally(() => {
      unanswered -= 1;
    });
    const found = await answered(reading, patienceMs);
    return keys.map((key, index) => {
      const entry = found[index];
      return entry === null || entry === undefined ? null : decodeEntry(key, entry.value);
    });
  }

  async function lead(workspace: string, leadId: string) {
    const [entry] = await read([leadKey(workspace, leadId)]);
    return entry?.kind === 'lead' ? entry.lead : undefined;
  }

  return {
    lead,
    async leadOfContact(workspace, account, contactKeys, atMs = Number.POSITIVE_INFINITY) {
      const entries = await read(contactKeys.map((key) => contactKeyOf(workspace, account, key)));
      for (const entry of entries) {
        const canonical = entry?.kind === 'alias' ? (await read([contactKeyOf(workspace, account, entry.canonical)]))[0] : entry;
        const leads = canonical?.kind === 'contact' ? canonical.contact.leads : [];
        // A clock that is behind tells of a time before the first one.
        const newest = leads.findLast(({ startedAtMs }) => startedAtMs <= atMs) ?? leads[0];
        if (newest !== undefined) return lead(workspace, newest.leadId);
      }
      return undefined;
    },
  };
}

async function answered<T>(reading: Promise<T>, patienceMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new LeadsUnavailableError('the join store does not answer')), patienceMs);
  });
  try {
    return await Promise.race([reading, late]);
  } finally {
    clearTimeout(timer);
    // Whoever asked has gone; a store that closes meanwhile fails nobody.
    reading.catch(() => undefined);
  }
}
