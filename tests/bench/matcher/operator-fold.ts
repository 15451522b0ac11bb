import { leadIdOf } from '@messtrack/matcher/adapters/lead-id.ts';
import { packing } from '@messtrack/matcher/adapters/packing.ts';
import type { BatchMemory } from '@messtrack/matcher/domain/batch-memory.ts';
import { fold } from '@messtrack/matcher/domain/fold.ts';
import { fit, isFitDue } from '@messtrack/matcher/domain/model/fit.ts';
import type { PlatformModel } from '@messtrack/matcher/domain/model/platform-model.ts';
import { type Effects, noEffects } from '@messtrack/matcher/domain/scope.ts';
import { emptyState, type PartitionState, partitionStatistics } from '@messtrack/matcher/domain/state.ts';
import type { Touchpoint } from '@messtrack/matcher/domain/touchpoint.ts';

export interface OperatorFold {
  readonly state: PartitionState;
  /** Folds a batch. What it leaves to be written is good until the next one. */
  batch(touchpoints: readonly Touchpoint[]): Effects;
  /** Makes the next model of what the partition has taught and puts it into force, when one is due; once an hour of event time is enough. */
  train(): void;
}

/** The operator of one partition, with a trainer beside it that knows this partition only. */
export function createOperatorFold(memory: BatchMemory, partition = 0): OperatorFold {
  const state = emptyState(partition, packing);
  let trained: PlatformModel = state.platform;
  const tools = { leadId: leadIdOf, model: (version: number) => (version === trained.version ? trained : undefined) };
  let offset = 0;
  return {
    state,
    batch(touchpoints) {
      const effects = noEffects();
      for (const touchpoint of touchpoints) fold(state, touchpoint, memory, tools, effects);
      offset = touchpoints.at(-1)?.offset ?? offset;
      return effects;
    },
    train() {
      const atMs = state.clockMs;
      if (!isFitDue(state.statistics, trained, atMs)) return;
      trained = fit([partitionStatistics(state)], state.platform);
      const modelVersion = trained.version;
      const record = { kind: 'model', offset, workspace: '', account: '', eventTimeMs: atMs, observedAtMs: atMs, modelVersion } as const;
      fold(state, record, memory, tools, noEffects());
    },
  };
}
