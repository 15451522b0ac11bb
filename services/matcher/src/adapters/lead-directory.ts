import type { JoinStore } from '@messtrack/sessions/join-store.ts';
import { contactKeyOf, type Entry, leadKey } from '../domain/entries.ts';
import type { LeadDirectory } from '../ports.ts';
import { decodeEntry } from './entry-codec.ts';

/**
 * Answers from the join store, so that any instance knows the leads of all. A lead stands there a moment before its transaction is
 * durable; were that moment a crash, the next owner folds the same records into the same lead.
 */
export function leadDirectory(joins: JoinStore): LeadDirectory {
  async function read(keys: readonly string[]): Promise<readonly (Entry | null)[]> {
    const found = await joins.read(keys.map((key) => ({ key, before: Number.MAX_SAFE_INTEGER })));
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
    async leadOfContact(workspace, account, contactKeys) {
      const entries = await read(contactKeys.map((key) => contactKeyOf(workspace, account, key)));
      for (const entry of entries) {
        const canonical = entry?.kind === 'alias' ? (await read([contactKeyOf(workspace, account, entry.canonical)]))[0] : entry;
        const newest = canonical?.kind === 'contact' ? canonical.contact.leads.at(-1) : undefined;
        if (newest !== undefined) return lead(workspace, newest.leadId);
      }
      return undefined;
    },
  };
}
