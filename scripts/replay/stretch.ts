/** Which leads a replay is about; the log is folded from its first record all the same, because an answer depends on what came before. */
export interface Stretch {
  /** Leads that started at this time or later. Milliseconds since the Unix epoch, UTC. */
  readonly fromMs: number;
  /** Leads that started before this time. */
  readonly toMs: number;
  /** Per partition: leads whose first record stands at this offset or behind it. A partition that is not named begins at its first. */
  readonly fromOffsets: ReadonlyMap<number, number>;
  /** Per partition: the log is folded up to before this offset. A partition that is not named ends where the matcher has come. */
  readonly toOffsets: ReadonlyMap<number, number>;
}

export const WHOLE_LOG: Stretch = {
  fromMs: Number.NEGATIVE_INFINITY,
  toMs: Number.POSITIVE_INFINITY,
  fromOffsets: new Map(),
  toOffsets: new Map(),
};

/** The fold takes corrections for 30 days after a lead's start; behind them nothing can change a lead of the stretch any more. */
const SETTLED_AFTER_MS = 31 * 86_400_000;

/** True when partition time has come so far that no record to come can change a lead of the stretch. */
export function isSettled({ toMs }: Stretch, clockMs: number): boolean {
  return clockMs > toMs + SETTLED_AFTER_MS;
}

export function isInStretch({ fromMs, toMs, fromOffsets }: Stretch, startedAtMs: number, partition: number, firstOffset: number): boolean {
  return startedAtMs >= fromMs && startedAtMs < toMs && firstOffset >= (fromOffsets.get(partition) ?? 0);
}
