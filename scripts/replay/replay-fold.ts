import { leadIdOf } from '@messtrack/matcher/adapters/lead-id.ts';
import { packing } from '@messtrack/matcher/adapters/packing.ts';
import { decodeTouchpoint } from '@messtrack/matcher/adapters/touchpoint-codec.ts';
import { fold } from '@messtrack/matcher/domain/fold.ts';
import { noEffects } from '@messtrack/matcher/domain/scope.ts';
import { emptyState } from '@messtrack/matcher/domain/state.ts';
import type { TickTouchpoint, Touchpoint } from '@messtrack/matcher/domain/touchpoint.ts';
import type { BusRecord } from '@messtrack/runtime/bus.ts';
import type { Models } from './models.ts';
import { createReplayJoins } from './replay-joins.ts';

/** Which models decide: those that the log's epochs name, or one for the whole stretch. */
export type ModelChoice = { readonly kind: 'log' } | { readonly kind: 'named'; readonly version: number };

export interface ReplayFoldOptions {
  readonly partition: number;
  readonly models: Models;
  readonly choice: ModelChoice;
  readonly isWanted: (workspace: string, account: string) => boolean;
}

export interface ReplayFold {
  /** A record of touchpoints.v1, in the order of its partition. */
  feed(record: Pick<BusRecord, 'offset' | 'value' | 'timestampMs'>): void;
  /** A touchpoint that came from elsewhere than a log. */
  feedTouchpoint(touchpoint: Touchpoint): void;
  /** Partition time. Milliseconds since the Unix epoch, UTC; 0 before the first record. */
  clockMs(): number;
  /** When the next open lead becomes final; undefined when none is open. */
  dueAtMs(): number | undefined;
  /** Newest revision of every lead: bytes as leads.v1 would hold them, one character each. */
  leads(): Iterable<readonly [leadId: string, bytes: string]>;
  /** Offset of the record that started a lead of this replay. */
  startOf(leadId: string): number | undefined;
  readonly counts: ReplayCounts;
}

export interface ReplayCounts {
  /** Records read, of all accounts. */
  records: number;
  /** Records that nobody can read; live they went to the dead letters. */
  unreadable: number;
  /** Clicks and messages of the accounts that were asked for. */
  folded: number;
  /** Corrections of an earlier replay, left out under a named model: what they said is to be found out anew. */
  replayedCorrections: number;
  /** Model versions that the log names and model.v1 does not hold. */
  readonly unknownModels: Set<number>;
}

/**
 * Folds a partition again through the operator of the live path, from an empty state and into a join store of its own. Accounts that were
 * not asked for only let time pass: leads become final when it does, whoever's record it was.
 */
export function createReplayFold({ partition, models, choice, isWanted }: ReplayFoldOptions): ReplayFold {
  const state = emptyState(partition, packing);
  const joins = createReplayJoins(() => state.clockMs);
  const effects = noEffects();
  const starts = new Map<string, number>();
  const counts: ReplayCounts = { records: 0, unreadable: 0, folded: 0, replayedCorrections: 0, unknownModels: new Set() };
  const tools = {
    leadId: leadIdOf,
    model(version: number) {
      const model = models.model(version);
      if (model === undefined) counts.unknownModels.add(version);
      return model;
    },
  };
  if (choice.kind === 'named') {
    const model = models.model(choice.version);
    if (model === undefined) throw new RangeError(`model.v1 holds no model ${choice.version}`);
    state.platform = model;
  }

  function asFolded(touchpoint: Touchpoint): Touchpoint {
    switch (touchpoint.kind) {
      case 'tick':
        return touchpoint;
      case 'model':
        return choice.kind === 'named' ? passing(touchpoint) : touchpoint;
      case 'correction':
        if (choice.kind === 'named' && touchpoint.replayed !== undefined) {
          counts.replayedCorrections += 1;
          return passing(touchpoint);
        }
        break;
      case 'click':
      case 'message':
      case 'contact_change':
      case 'epoch':
        break;
    }
    if (!isWanted(touchpoint.workspace, touchpoint.account)) return passing(touchpoint);
    if (touchpoint.kind === 'click' || touchpoint.kind === 'message') counts.folded += 1;
    return touchpoint;
  }

  function feedTouchpoint(touchpoint: Touchpoint): void {
    fold(state, asFolded(touchpoint), joins, tools, effects);
    for (const { leadId, revision, offset } of effects.leads) if (revision === 1) starts.set(leadId, offset);
    effects.leads.length = 0;
    effects.writes.length = 0;
    effects.answered.length = 0;
    effects.quality.length = 0;
    effects.tested.length = 0;
    effects.skews.length = 0;
    joins.sweep();
  }

  return {
    feed({ offset, value, timestampMs }) {
      counts.records += 1;
      const read = decodeTouchpoint({ offset, value, timestampMs });
      if (read.kind === 'ok') feedTouchpoint(read.value);
      else counts.unreadable += 1;
    },
    feedTouchpoint,
    clockMs: () => state.clockMs,
    dueAtMs: () => state.due.nextAtMs(),
    leads: joins.leads,
    startOf: (leadId) => starts.get(leadId),
    counts,
  };
}

/** The record's place in time and nothing else. */
function passing({ offset, observedAtMs, eventTimeMs }: Touchpoint): TickTouchpoint {
  return { kind: 'tick', offset, workspace: '', account: '', eventTimeMs, observedAtMs, atMs: observedAtMs };
}
