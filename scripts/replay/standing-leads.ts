import { decodeWireLead } from '@messtrack/matcher/adapters/lead-codec.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus } from '@messtrack/runtime/bus.ts';

/** A lead as it stands in leads.v1. */
export interface StandingLead {
  readonly revision: number;
  readonly partition: number;
  readonly startedAtMs: number;
  /** First offset of touchpoints.v1 that any of its kept revisions names. */
  readonly firstOffset: number;
  /** The record's value, one character per byte. */
  readonly bytes: string;
}

export interface StandingLeads {
  /** By lead id: the newest revision that the stretch could have led to. */
  readonly leads: ReadonlyMap<string, StandingLead>;
  /** Leads of which compaction has left only revisions from behind the end of the stretch: nothing to compare with. */
  readonly compacted: number;
}

/**
 * The newest revision of every lead, of those that records before `ends` caused: the matcher may be working on, and its next revisions say
 * nothing about this stretch.
 */
export async function readStandingLeads(
  bus: Bus,
  ends: ReadonlyMap<number, number>,
  isWanted: (workspace: string, account: string) => boolean,
): Promise<StandingLeads> {
  const leads = new Map<string, StandingLead>();
  /** By lead, whether its first revision is among them: then it started behind the end. */
  const later = new Map<string, boolean>();
  const topic = TOPICS.leads.name;
  for (const { partition, first } of await bus.offsets(topic)) {
    for await (const records of bus.read({ topic, partition }, first)) {
      for (const { value, key } of records) {
        if (value.length === 0) {
          // Erased: the key is all there is.
          if (key !== null) leads.delete(Buffer.from(key).toString());
          continue;
        }
        const { leadId, revision, workspace, account, startedAtMs, logPosition } = decodeWireLead(value);
        if (!isWanted(workspace, account)) continue;
        const { partition: from, offset } = logPosition ?? { partition: 0, offset: 0 };
        if (offset >= (ends.get(from) ?? 0)) {
          later.set(leadId, revision === 1 || later.get(leadId) === true);
          continue;
        }
        const known = leads.get(leadId);
        const firstOffset = Math.min(offset, known?.firstOffset ?? offset);
        if (known !== undefined && known.revision > revision) continue;
        const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('latin1');
        leads.set(leadId, { revision, partition: from, startedAtMs, firstOffset, bytes });
      }
    }
  }
  let compacted = 0;
  for (const [leadId, isNew] of later) if (!isNew && !leads.has(leadId)) compacted += 1;
  return { leads, compacted };
}
