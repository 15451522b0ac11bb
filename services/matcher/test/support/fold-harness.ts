import type { JoinStore } from '@messtrack/sessions/join-store.ts';
import { joinWrites, learnEntries } from '../../src/adapters/entry-store.ts';
import { encodeLead } from '../../src/adapters/lead-codec.ts';
import { leadIdOf } from '../../src/adapters/lead-id.ts';
import { packing } from '../../src/adapters/packing.ts';
import { encodeState } from '../../src/adapters/state-codec.ts';
import { createBatchMemory } from '../../src/domain/batch-memory.ts';
import { type FoldOutcome, fold } from '../../src/domain/fold.ts';
import type { Lead } from '../../src/domain/lead.ts';
import { needs } from '../../src/domain/needs.ts';
import { type FoldTools, noEffects } from '../../src/domain/scope.ts';
import { emptyState, type PartitionState } from '../../src/domain/state.ts';
import type { Touchpoint } from '../../src/domain/touchpoint.ts';
import { memoryJoinStore } from './memory-join-store.ts';

const tools: FoldTools = { leadId: leadIdOf, model: () => undefined };

export interface Folded {
  readonly leads: readonly Lead[];
  readonly outcomes: readonly FoldOutcome[];
  readonly state: PartitionState;
  readonly joins: JoinStore;
}

/** Folds a log as the pipeline does, cut into batches of the given sizes (the last size repeats). */
export async function foldLog(
  touchpoints: readonly Touchpoint[],
  options: { readonly batchSizes?: readonly number[]; readonly state?: PartitionState; readonly joins?: JoinStore } = {},
): Promise<Folded> {
  const { batchSizes = [1_000_000], state = emptyState(0, packing), joins = memoryJoinStore() } = options;
  const leads: Lead[] = [];
  const outcomes: FoldOutcome[] = [];
  let start = 0;
  for (let index = 0; start < touchpoints.length; index += 1) {
    const size = batchSizes[Math.min(index, batchSizes.length - 1)]!;
    const batch = touchpoints.slice(start, start + size);
    start += size;
    const memory = createBatchMemory();
    const effects = noEffects();
    for (const touchpoint of batch) {
      for (let missing = needs(state, touchpoint, memory); missing.length > 0; missing = needs(state, touchpoint, memory)) {
        await learnEntries(joins, missing, batch[0]!.offset, memory);
      }
      outcomes.push(fold(state, touchpoint, memory, tools, effects));
    }
    await joins.write(joinWrites(effects.writes, new Map()));
    leads.push(...effects.leads);
  }
  return { leads, outcomes, state, joins };
}

/** The newest revision of every lead, in the order of their first revisions. */
export function newest(leads: readonly Lead[]): readonly Lead[] {
  return [...new Map(leads.map((lead) => [lead.leadId, lead])).values()];
}

/** Encoded, in order: what would stand in leads.v1. */
export function encodedLeads(leads: readonly Lead[]): readonly string[] {
  return leads.map((lead) => Buffer.from(encodeLead(lead)).toString('base64'));
}

/** A snapshot in one piece. Its chunks are small, so that values lie across their borders. */
export function stateBytes(state: PartitionState): Buffer {
  return Buffer.concat(encodeState(state, 100));
}
