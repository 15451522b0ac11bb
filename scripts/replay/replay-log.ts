import { decodeLead } from '@messtrack/matcher/adapters/lead-codec.ts';
import { DEFAULT_MATCHER_SETTINGS } from '@messtrack/matcher/config.ts';
import { isRowSix, type Lead } from '@messtrack/matcher/domain/lead.ts';
import { TOPICS } from '@messtrack/proto/topics.ts';
import type { Bus } from '@messtrack/runtime/bus.ts';
import { createDifferenceTally, type Differences } from './differences.ts';
import { LogPlaceError } from './log-place.ts';
import type { Models } from './models.ts';
import { createReplayFold, type ModelChoice } from './replay-fold.ts';
import { readStandingLeads, type StandingLead } from './standing-leads.ts';
import { isInStretch, isSettled, type Stretch } from './stretch.ts';

export interface ReplayRequest {
  readonly bus: Bus;
  readonly models: Models;
  readonly choice: ModelChoice;
  readonly stretch: Stretch;
  readonly isWanted: (workspace: string, account: string) => boolean;
}

export interface ChangedLead {
  readonly before: Lead;
  readonly after: Lead;
}

export interface ReplayedPartition {
  readonly partition: number;
  /** First offset that retention has left; what came before it is not known to the replay. */
  readonly first: number;
  /** First offset that was not folded. */
  readonly end: number;
}

export interface ReplayResult {
  readonly differences: Differences;
  readonly partitions: readonly ReplayedPartition[];
  /** Time of the first record of partitions whose beginning retention has taken; 0 when the log is whole. Milliseconds since the Unix epoch, UTC. */
  readonly beginsAtMs: number;
  readonly records: number;
  /** Clicks and messages of the accounts that were asked for. */
  readonly folded: number;
  readonly unreadable: number;
  readonly replayedCorrections: number;
  readonly unknownModels: readonly number[];
  /** Leads that started before the log does and those whose revisions of the stretch are compacted away: nothing to compare. */
  readonly before_log: number;
  readonly compacted: number;
  /** Leads that somebody outside has corrected and whose correction is not known to the replay; only of a warehouse. */
  readonly corrected_outside: number;
  readonly changed: readonly ChangedLead[];
  /** Leads that stand with one of these clicks, given by probability. By click id. */
  holdersOf(clicks: ReadonlySet<string>): ReadonlyMap<string, readonly string[]>;
}

/**
 * Folds the log again and holds every lead of the stretch against what stands in leads.v1. Reads; writes nothing. Holds one partition's
 * join store and the newest revision of every lead that was asked for, some half a kilobyte each.
 */
export async function replayLog({ bus, models, choice, stretch, isWanted }: ReplayRequest): Promise<ReplayResult> {
  const topic = TOPICS.touchpoints.name;
  const committed = new Map((await bus.committed(DEFAULT_MATCHER_SETTINGS.groupId, topic)).map((each) => [each.partition, each.offset]));
  const bounds = (await bus.offsets(topic)).map(({ partition, first }) => ({
    partition,
    first,
    end: Math.min(committed.get(partition) ?? 0, stretch.toOffsets.get(partition) ?? Number.POSITIVE_INFINITY),
  }));
  const partitions = new Set(bounds.map(({ partition }) => partition));
  const unknown = [...stretch.fromOffsets.keys(), ...stretch.toOffsets.keys()].filter((partition) => !partitions.has(partition));
  if (unknown.length > 0) throw new LogPlaceError(`${topic} has no partition ${unknown.join(', ')}; it has ${[...partitions].join(', ')}`);
  const ends = new Map(bounds.map(({ partition, end }) => [partition, end]));
  const standing = await readStandingLeads(bus, ends, isWanted);
  const tally = createDifferenceTally();
  const changed: ChangedLead[] = [];
  const seen = new Set<string>();
  const unknownModels = new Set<number>();
  let [records, folded, unreadable, replayedCorrections, beforeLog, beginsAtMs] = [0, 0, 0, 0, 0, 0];

  for (const { partition, first, end } of bounds) {
    const fold = createReplayFold({ partition, models, choice, isWanted });
    let startsAtMs = Number.NEGATIVE_INFINITY;
    for await (const batch of bus.read({ topic, partition }, first)) {
      for (const record of batch) {
        if (record.offset >= end || isSettled(stretch, fold.clockMs())) break;
        fold.feed(record);
        // What cannot be read says no time.
        if (first > 0 && startsAtMs < 0 && fold.clockMs() > 0) startsAtMs = fold.clockMs();
      }
      if ((batch.at(-1)?.offset ?? end) >= end - 1 || isSettled(stretch, fold.clockMs())) break;
    }
    if (first > 0) beginsAtMs = Math.max(beginsAtMs, startsAtMs);
    records += fold.counts.records;
    folded += fold.counts.folded;
    unreadable += fold.counts.unreadable;
    replayedCorrections += fold.counts.replayedCorrections;
    for (const version of fold.counts.unknownModels) unknownModels.add(version);

    for (const [leadId, bytes] of fold.leads()) {
      const before = standing.leads.get(leadId);
      const after = leadIn(bytes);
      const startedAtMs = before?.startedAtMs ?? after.startedAtMs;
      const firstOffset = fold.startOf(leadId) ?? 0;
      seen.add(leadId);
      if (!isInStretch(stretch, startedAtMs, partition, firstOffset)) continue;
      if (before?.bytes === bytes) {
        tally.identical(after);
        continue;
      }
      const pair = { before: before === undefined ? undefined : leadIn(before.bytes), after };
      if (tally.add(pair) === 'changed' && pair.before !== undefined) changed.push({ before: pair.before, after });
    }
    beforeLog += compareUnseen(partition, startsAtMs);
  }
  return {
    differences: tally.result(),
    partitions: bounds,
    beginsAtMs,
    records,
    folded,
    unreadable,
    replayedCorrections,
    unknownModels: [...unknownModels].sort((a, b) => a - b),
    before_log: beforeLog,
    compacted: standing.compacted,
    corrected_outside: 0,
    changed,
    holdersOf(clicks) {
      const holders = new Map<string, string[]>();
      if (clicks.size === 0) return holders;
      for (const [leadId, lead] of standing.leads) {
        const { clickId, method } = standingLead(lead);
        if (!clicks.has(clickId) || !isRowSix(method)) continue;
        const known = holders.get(clickId);
        if (known === undefined) holders.set(clickId, [leadId]);
        else known.push(leadId);
      }
      return holders;
    },
  };

  /** Leads of a partition that stand and were not found; returns how many of them started before the log does. */
  function compareUnseen(partition: number, startsAtMs: number): number {
    let count = 0;
    for (const [leadId, lead] of standing.leads) {
      if (lead.partition !== partition || seen.has(leadId) || !isInStretch(stretch, lead.startedAtMs, partition, lead.firstOffset))
        continue;
      if (lead.startedAtMs < startsAtMs) count += 1;
      else tally.add({ before: standingLead(lead), after: undefined });
    }
    return count;
  }
}

function standingLead({ bytes }: StandingLead): Lead {
  return leadIn(bytes);
}

function leadIn(bytes: string): Lead {
  return decodeLead(Buffer.from(bytes, 'latin1'));
}
