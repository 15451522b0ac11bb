import type { Bus } from '@messtrack/runtime/bus.ts';
import type { Models } from '../../../scripts/replay/models.ts';
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
  /** Folds again what a reader of the log makes of it, under the models that the log names or others. */
  readonly replayThrough: (reader: (bus: Bus) => Bus, models?: Models) => Promise<ReplayResult>;
  readonly liveSeconds: number;
  readonly replaySeconds: number;
}

/** The log comes in pieces of these sizes, over and over: between two of them the live path has caught up, and no batch is larger than a piece. */
const PIECES = [300, 1_000, 6_000] as const;

/** A log folded live under every misfortune, then folded again by the command's own fold, and the two held against each other. */
export async function playEquality(
  { events, partitions, accounts, seed }: EqualityOptions,
  elapsedMs: () => number,
  progress: (made: number) => void = () => undefined,
): Promise<Equality> {
  const live = createLivePath({
    partitions,
    joins: memoryJoinStore(),
    seed,
    modelEvery: Math.max(5_000, Math.floor(events / 20)),
    // Batches hold some 350 records: one in fifty for a long log, a dozen of each kind for a short one.
    misfortune: Math.max(0.02, 4_000 / events),
  });
  const log = makeLog({ accounts, clicksPerAccountHour: 12, seed });
  const kinds: Partial<Record<MadeKind, number>> = {};
  const startedAtMs = elapsedMs();
  for (let made = 0, piece = 0; made < events; piece += 1) {
    for (const end = Math.min(events, made + PIECES[piece % PIECES.length]!); made < end; made += 1) {
      const arrival = log.next().value;
      kinds[arrival.kind] = (kinds[arrival.kind] ?? 0) + 1;
      live.append(arrival);
    }
    await live.catchUp();
    progress(made);
  }
  await live.catchUp();
  const foldedAtMs = elapsedMs();
  const replayThrough = (reader: (bus: Bus) => Bus, models = live.models) =>
    replayLog({ bus: reader(live.log.bus), models, choice: { kind: 'log' }, stretch: WHOLE_LOG, isWanted: () => true });
  const result = await replayThrough((bus) => bus);
  const replayedAtMs = elapsedMs();
  return {
    events,
    kinds,
    befallen: live.befallen,
    result,
    replayThrough,
    liveSeconds: (foldedAtMs - startedAtMs) / 1_000,
    replaySeconds: (replayedAtMs - foldedAtMs) / 1_000,
  };
}

/** Every lead found, each to the byte, and there were leads. */
export function isEqual({ differences, unknownModels, compacted, before_log: beforeLog }: ReplayResult): boolean {
  const { compared, identical, only_standing: onlyStanding, only_replayed: onlyReplayed } = differences;
  return compared > 0 && identical === compared && onlyStanding + onlyReplayed + unknownModels.length + compacted + beforeLog === 0;
}
