import { TOPICS } from '@messtrack/proto/topics.ts';
import { type Batch, BusUnavailableError, type OutRecord, type PartitionWorker } from '@messtrack/runtime/bus.ts';
import { deadLetterRecord } from '@messtrack/runtime/dead-letter.ts';
import type { JoinStore } from '@messtrack/sessions/join-store.ts';
import { joinWrites, learnEntries } from './adapters/entry-store.ts';
import { goalRecord } from './adapters/goal-record.ts';
import { keepAlive } from './adapters/keep-alive.ts';
import { encodeLead } from './adapters/lead-codec.ts';
import { leadRecord, tickRecord } from './adapters/out-records.ts';
import { qualityRecords } from './adapters/quality-records.ts';
import { firstSlot, nextSlot, type RestoredState, type Slot, snapshotRecords } from './adapters/snapshots.ts';
import { decodeTouchpoint } from './adapters/touchpoint-codec.ts';
import { type BatchMemory, createBatchMemory } from './domain/batch-memory.ts';
import { fold } from './domain/fold.ts';
import type { Lead } from './domain/lead.ts';
import type { PlatformModel } from './domain/model/platform-model.ts';
import { needs } from './domain/needs.ts';
import { type Effects, type FoldTools, noEffects } from './domain/scope.ts';
import { isSnapshotDue, type SnapshotPolicy, sizesOf } from './domain/snapshot-policy.ts';
import { type PartitionState, skewsOf } from './domain/state.ts';
import type { Touchpoint } from './domain/touchpoint.ts';
import { count, type FoldTally, type MatcherMetrics } from './metrics.ts';
import type { Clock, LeadListener, ModelSource, SnapshotSink } from './ports.ts';
import type { Teaching } from './trainer.ts';

export interface WorkerParts {
  readonly joins: JoinStore;
  readonly tools: Pick<FoldTools, 'leadId'>;
  readonly models: ModelSource;
  /** What this partition adds to model.v1. */
  readonly teaching: Teaching;
  readonly listener: LeadListener;
  /** Undefined where nobody will start from one. */
  readonly snapshots: SnapshotSink | undefined;
  readonly metrics: MatcherMetrics;
  readonly clock: Clock;
  readonly snapshotPolicy: SnapshotPolicy;
  /** What is waited for now is waited for no longer. */
  readonly stopping?: AbortSignal | undefined;
}

/** A tick that was written is folded within a second or two; if it was not, something is slow, and a second tick would not help it. */
const TICK_EVERY_MS = 5_000;

/**
 * What was appended so shortly before the start is written to the join store again while it is folded again, although it was written before: a Redis that fell together with the owner may not have
 * kept the last seconds of it, and nobody else knows what they held. Milliseconds; long enough for a machine to be replaced.
 */
const WRITTEN_AGAIN_MS = 600_000;

/** The data path of one partition of touchpoints.v1: decode, ask the join store, fold, store, and leave leads and offset to one transaction. */
export function createWorker(restored: RestoredState, parts: WorkerParts): PartitionWorker {
  const { state, nextOffset: startOffset } = restored;
  const { joins, metrics, clock } = parts;
  const writtenAgainFromMs = clock() - WRITTEN_AGAIN_MS;
  let recordsSinceSnapshot = 0;
  let snapshotAtMs = performance.now();
  let slot: Slot = firstSlot(restored.slot);
  let uncommitted: { readonly leads: readonly Lead[]; readonly startedAtMs: number } = { leads: [], startedAtMs: 0 };
  let lastTickAtMs = 0;
  metrics.clockSkews(state.partition, skewsOf(state));

  return {
    startOffset,

    async process(batch, replay) {
      const alive = <T>(work: Promise<T>): Promise<T> => keepAlive(batch, work, parts.stopping);
      const startedAtMs = performance.now();
      const { touchpoints, deadLetters } = decode(batch, parts);
      const decodedAtMs = performance.now();

      const before = batch.records[0]!.offset;
      const memory = createBatchMemory();
      await alive(prefetch(state, touchpoints, memory, joins, before));
      const prefetchedAtMs = performance.now();

      const effects = await alive(foldAll(state, touchpoints, memory, before, parts));
      const foldedAtMs = performance.now();

      // Before the transaction: what a crash leaves in the store is written again by the next owner, at the same positions.
      const isKept = replay && batch.records.at(-1)!.timestampMs < writtenAgainFromMs;
      // Of an old replay nobody reads them: encoded all the same, they were a tenth of what a record of it costs.
      const encoded = new Map((isKept ? [] : effects.leads).map((lead) => [lead, encodeLead(lead)]));
      // Also where there is nothing to write: whoever has committed has left its mark, and an owner that does not find it knows that the store has lost what it held.
      if (!isKept) await alive(joins.write(joinWrites(effects.writes, encoded)));
      metrics.step('decode', (decodedAtMs - startedAtMs) / 1_000);
      metrics.step('prefetch', (prefetchedAtMs - decodedAtMs) / 1_000);
      metrics.step('fold', (foldedAtMs - prefetchedAtMs) / 1_000);
      metrics.step('store', (performance.now() - foldedAtMs) / 1_000);
      metrics.sizes(sizesOf(state));
      metrics.clockSkews(state.partition, effects.skews);
      recordsSinceSnapshot += batch.records.length;
      if (replay) return [];

      metrics.leads(effects.leads);
      metrics.quality(effects.counted);
      uncommitted = { leads: effects.leads, startedAtMs };
      const producedAtMs = clock();
      const traces = traceparents(batch);
      const quality = effects.quality.flatMap((report) => qualityRecords(report, producedAtMs));
      const goals = effects.goals.map((goal) => goalRecord(goal, producedAtMs, traces.get(goal.offset)));
      const leads = effects.leads.map((lead) => leadRecord(lead, encoded.get(lead)!, producedAtMs, traces.get(lead.offset)));
      const nextOffset = batch.records.at(-1)!.offset + 1;
      const taught = await alive(parts.teaching.due(nextOffset));
      await alive(snapshot(batch, nextOffset, producedAtMs));
      return [...leads, ...goals, ...deadLetters, ...quality, ...taught];
    },

    async idle() {
      const dueAtMs = state.due.nextAtMs();
      const nowMs = clock();
      const learned = await parts.teaching.idle();
      if (dueAtMs === undefined || dueAtMs > nowMs || nowMs <= state.clockMs || nowMs - lastTickAtMs < TICK_EVERY_MS) return learned;
      lastTickAtMs = nowMs;
      metrics.tick();
      return [...learned, tickRecord(state.partition, nowMs)];
    },

    committed() {
      if (uncommitted.startedAtMs === 0) return;
      const { leads, startedAtMs } = uncommitted;
      uncommitted = { leads: [], startedAtMs: 0 };
      metrics.transaction((performance.now() - startedAtMs) / 1_000);
      parts.listener.committed(leads);
    },

    close() {
      metrics.forget(state.partition);
    },
  };

  /** Chunk by chunk, each sent before the next is made: in one transaction a large state would be in memory three times over, and the process stand still for it. */
  async function snapshot(batch: Batch, nextOffset: number, producedAtMs: number): Promise<void> {
    const { snapshots, snapshotPolicy } = parts;
    const since = { records: recordsSinceSnapshot, elapsedMs: performance.now() - snapshotAtMs };
    if (snapshots === undefined || !isSnapshotDue(state, since, snapshotPolicy)) return;
    let bytes = 0;
    for (const record of snapshotRecords(state, nextOffset, slot, producedAtMs, snapshotPolicy.chunkBytes)) {
      // Another owner writes its own, perhaps to the same place.
      if (batch.isStale()) return;
      try {
        await snapshots.send(record);
      } catch (error) {
        // A snapshot only saves time: without this one the next batch tries again, and the one before it is whole.
        if (error instanceof BusUnavailableError) return;
        throw error;
      }
      bytes += record.value.length;
    }
    recordsSinceSnapshot = 0;
    snapshotAtMs = performance.now();
    slot = nextSlot(slot);
    metrics.snapshot(state.partition, bytes);
  }
}

/** Trace context by offset, of the records that have one. */
function traceparents(batch: Batch): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const { offset, headers } of batch.records) {
    const { traceparent } = headers;
    if (traceparent !== undefined) found.set(offset, traceparent);
  }
  return found;
}

function decode(batch: Batch, { metrics, clock }: WorkerParts) {
  const touchpoints: Touchpoint[] = [];
  const deadLetters: OutRecord[] = [];
  for (const record of batch.records) {
    const outcome = decodeTouchpoint(record);
    if (outcome.kind === 'ok') {
      touchpoints.push(outcome.value);
      continue;
    }
    // The codec answers `ok` or `dead-letter`; the other two outcomes are for things that may be tried again or dropped.
    if (outcome.kind !== 'dead-letter') continue;
    metrics.deadLetter(outcome.reason);
    const { topic, partition, offset, value: raw } = record;
    deadLetters.push(
      deadLetterRecord({
        topic: TOPICS.touchpointsDlq.name,
        reason: outcome.reason,
        detail: outcome.detail,
        raw,
        origin: topic,
        failedAtMs: clock(),
        source: { topic, partition, offset },
      }),
    );
  }
  return { touchpoints, deadLetters };
}

function isCodeOf(key: string, codes: ReadonlySet<string>): boolean {
  return (key.startsWith('code/') || key.startsWith('use/')) && codes.has(key.slice(key.lastIndexOf('/') + 1));
}

/** Everything the batch will read, as far as it can be known before folding it: one round trip for all, two more where keys lead to keys. */
async function prefetch(
  state: PartitionState,
  touchpoints: readonly Touchpoint[],
  memory: BatchMemory,
  joins: JoinStore,
  before: number,
): Promise<void> {
  // Codes that this very batch registers: the window will know them. Whose code it is does not matter: what is not asked for here is
  // asked for when its record is folded.
  const own = new Set<string>();
  for (const touchpoint of touchpoints) if (touchpoint.kind === 'click') own.add(touchpoint.click.code);
  let asking = touchpoints;
  for (;;) {
    const keys = new Set<string>();
    const unsatisfied: Touchpoint[] = [];
    for (const touchpoint of asking) {
      let isMissing = false;
      for (const key of needs(state, touchpoint, memory)) {
        if (isCodeOf(key, own)) continue;
        keys.add(key);
        isMissing = true;
      }
      if (isMissing) unsatisfied.push(touchpoint);
    }
    if (keys.size === 0) return;
    await learnEntries(joins, [...keys], before, memory);
    asking = unsatisfied;
  }
}

async function foldAll(
  state: PartitionState,
  touchpoints: readonly Touchpoint[],
  memory: BatchMemory,
  before: number,
  { joins, tools, models, teaching, metrics }: WorkerParts,
): Promise<Effects> {
  const effects = noEffects();
  const tally: FoldTally = new Map();
  let named: PlatformModel | undefined;
  const folding: FoldTools = { ...tools, model: () => named };
  for (const touchpoint of touchpoints) {
    // What earlier records of this batch have moved out of the state, or into it, may change what this one reads.
    for (let missing = needs(state, touchpoint, memory); missing.length > 0; missing = needs(state, touchpoint, memory)) {
      metrics.straggler();
      await learnEntries(joins, missing, before, memory);
    }
    // Waits until the version can be read: what follows is decided by it.
    if (touchpoint.kind === 'model') named = await models.find(touchpoint.modelVersion, state.partition);
    count(tally, touchpoint.kind, fold(state, touchpoint, memory, folding, effects));
    if (touchpoint.kind === 'model') teaching.folded(touchpoint.modelVersion);
  }
  metrics.modelInForce(state.partition, state.platform);
  metrics.folded(tally);
  return effects;
}
