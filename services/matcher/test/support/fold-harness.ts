import type { JoinStore } from '@messtrack/sessions/join-store.ts';
import { joinWrites, learnEntries } from '../../src/adapters/entry-store.ts';
import { encodeLead } from '../../src/adapters/lead-codec.ts';
import { leadIdOf } from '../../src/adapters/lead-id.ts';
import { packing } from '../../src/adapters/packing.ts';
import { encodeState } from '../../src/adapters/state-codec.ts';
import { createBatchMemory } from '../../src/domain/batch-memory.ts';
import type { ClockSkew } from '../../src/domain/clock-skew.ts';
import { type FoldOutcome, fold } from '../../src/domain/fold.ts';
import type { DetectedGoal } from '../../src/domain/goal.ts';
import type { Lead } from '../../src/domain/lead.ts';
import { fit } from '../../src/domain/model/fit.ts';
import type { PlatformModel } from '../../src/domain/model/platform-model.ts';
import { needs } from '../../src/domain/needs.ts';
import type { QualityReport } from '../../src/domain/quality-report.ts';
import { type AnsweredQuestion, type FoldTools, noEffects, type TestedQuestion } from '../../src/domain/scope.ts';
import { emptyState, type PartitionState, partitionStatistics } from '../../src/domain/state.ts';
import type { Touchpoint } from '../../src/domain/touchpoint.ts';
import { memoryJoinStore } from './memory-join-store.ts';

export interface Folded {
  readonly leads: readonly Lead[];
  readonly outcomes: readonly FoldOutcome[];
  readonly state: PartitionState;
  readonly joins: JoinStore;
  readonly answered: readonly AnsweredQuestion[];
  readonly quality: readonly QualityReport[];
  readonly tested: readonly TestedQuestion[];
  readonly skews: readonly ClockSkew[];
  readonly goals: readonly DetectedGoal[];
}

export interface FoldOptions {
  readonly batchSizes?: readonly number[];
  readonly state?: PartitionState;
  readonly joins?: JoinStore;
  /** Models by version; none when left out. */
  readonly model?: FoldTools['model'];
  /** Models that the log itself teaches, by version; filled as their records are met. */
  readonly shelf?: ModelShelf;
  /** Looks at the state after each record, with the leads that it made. */
  readonly after?: (state: PartitionState, touchpoint: Touchpoint, leads: readonly Lead[]) => void;
}

export type ModelShelf = Map<number, PlatformModel>;

/** As a trainer beside the log would: a version is what the partition has taught before the record that names it. */
function teach(shelf: ModelShelf | undefined, state: PartitionState, touchpoint: Touchpoint): void {
  if (shelf === undefined || touchpoint.kind !== 'model' || shelf.has(touchpoint.modelVersion)) return;
  const version = touchpoint.modelVersion;
  shelf.set(version, fit([partitionStatistics(state)], { version: version - 1 }));
}

/** Folds a log as the pipeline does, cut into batches of the given sizes (the last size repeats). */
export async function foldLog(touchpoints: readonly Touchpoint[], options: FoldOptions = {}): Promise<Folded> {
  const { batchSizes = [1_000_000], state = emptyState(0, packing), joins = memoryJoinStore(), shelf, after } = options;
  const model = options.model ?? ((version: number) => shelf?.get(version));
  const tools: FoldTools = { leadId: leadIdOf, model };
  const leads: Lead[] = [];
  const outcomes: FoldOutcome[] = [];
  const answered: AnsweredQuestion[] = [];
  const quality: QualityReport[] = [];
  const tested: TestedQuestion[] = [];
  const skews: ClockSkew[] = [];
  const goals: DetectedGoal[] = [];
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
      teach(shelf, state, touchpoint);
      const known = effects.leads.length;
      outcomes.push(fold(state, touchpoint, memory, tools, effects));
      after?.(state, touchpoint, effects.leads.slice(known));
    }
    await joins.write(joinWrites(effects.writes, new Map()));
    for (const lead of effects.leads) leads.push(lead);
    for (const question of effects.answered) answered.push(question);
    for (const report of effects.quality) quality.push(report);
    for (const question of effects.tested) tested.push(question);
    skews.push(...effects.skews);
    goals.push(...effects.goals);
  }
  return { leads, outcomes, state, joins, answered, quality, tested, skews, goals };
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
  return Buffer.concat([...encodeState(state, 100)]);
}
