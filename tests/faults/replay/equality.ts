import { type ReplayResult, replayLog } from '../../../scripts/replay/replay-log.ts';
import { WHOLE_LOG } from '../../../scripts/replay/stretch.ts';
import { memoryJoinStore } from '../../../services/matcher/test/support/memory-join-store.ts';
import { type Befallen, createLivePath } from './live-path.ts';
import { type MadeKind, makeLog } from './log-maker.ts';

export interface EqualityOptions {
  readonly events: number;
  readonly partitions: number;
  readonly accounts: number;
  readonly seed: number;
}

export interface Equality {
  readonly events: number;
  readonly kinds: Readonly<Partial<Record<MadeKind, number>>>;
  readonly befallen: Befallen;
  readonly result: ReplayResult;
  readonly liveSeconds: number;
  readonly replaySeconds: number;
}

/** The log comes in pieces of this size: between two of them the live path has caught up. */
const PIECE = 1_000;

/** A log folded live under every misfortune, then folded again by the command's own fold, and the two held against each other. */
export async function playEquality({ events, partitions, accounts, seed }: EqualityOptions, elapsedMs: () => number): Promise<Equality> {
  const live = createLivePath({
    partitions,
    joins: memoryJoinStore(),
    seed,
    modelEvery: Math.max(5_000, Math.floor(events / 20)),
    // Batches hold some 150 records: a hundredth of them for a long log, a dozen for a short one.
    misfortune: Math.max(0.01, 1_800 / events),
  });
  const log = makeLog({ accounts, clicksPerAccountHour: 12, seed });
  const kinds: Partial<Record<MadeKind, number>> = {};
  const startedAtMs = elapsedMs();
  for (let made = 0; made < events; ) {
    for (const end = Math.min(events, made + PIECE); made < end; made += 1) {
      const arrival = log.next().value;
      kinds[arrival.kind] = (kinds[arrival.kind] ?? 0) + 1;
      live.append(arrival);
    }
    await live.catchUp();
  }
  await live.catchUp();
  const foldedAtMs = elapsedMs();
  const result = await replayLog({
    bus: live.log.bus,
    models: live.models,
    choice: { kind: 'log' },
    stretch: WHOLE_LOG,
    isWanted: () => true,
  });
  const replayedAtMs = elapsedMs();
  return {
    events,
    kinds,
    befallen: live.befallen,
    result,
    liveSeconds: (foldedAtMs - startedAtMs) / 1_000,
    replaySeconds: (replayedAtMs - foldedAtMs) / 1_000,
  };
}

/** Every lead found, each to the byte, and there were leads. */
export function isEqual({ differences, unknownModels, compacted, before_log: beforeLog }: ReplayResult): boolean {
  const { compared, identical, only_standing: onlyStanding, only_replayed: onlyReplayed } = differences;
  return compared > 0 && identical === compared && onlyStanding + onlyReplayed + unknownModels.length + compacted + beforeLog === 0;
}
