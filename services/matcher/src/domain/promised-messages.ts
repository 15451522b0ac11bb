import { burstWindow } from './burst.ts';
import { keptRate } from './click-odds.ts';
import { CANDIDATE, CODELESS, slotOf } from './click-store.ts';
import type { Evidence } from './evidence.ts';
import { belowAt } from './model/delay-curve.ts';
import { profileOf } from './profiles.ts';

/** Clicks older than two hours add so little to twenty minutes that no burst depends on them. */
const REACH_MS = 2 * 3_600_000;

/**
 * Messages that clicks promise in the minutes that a burst is looked for in: of those with a code the ones that keep it, by the delays of those who lose it, because it is these who are to be told from a burst; of those that
 * carried none all.
 */
export function promisedAround({ clicks, model }: Evidence, timeMs: number, knownAtMs: number, of: 'kept' | 'codeless'): number {
  const isCodeless = of === 'codeless';
  if (isCodeless && clicks.codeless === 0) return 0;
  const wanted = isCodeless ? CANDIDATE | CODELESS : CANDIDATE;
  const { fromMs, toMs } = burstWindow(timeMs, knownAtMs);
  const { clickedAtMs, flags, profile: profiles, supersededAtMs } = clicks.columns;
  let expected = 0;
  for (let number = clicks.next - 1; number >= clicks.first; number -= 1) {
    const slot = slotOf(clicks, number);
    const atMs = clickedAtMs[slot]!;
    if (atMs < fromMs - REACH_MS || atMs >= toMs || supersededAtMs[slot]! <= timeMs) continue;
    if ((flags[slot]! & (CANDIDATE | CODELESS)) !== wanted) continue;
    const profile = profileOf(model, clicks.profiles, profiles[slot]!);
    const curve = isCodeless ? model.codeless(profile.device) : model.lose(profile.device);
    const within = belowAt(curve, (toMs - atMs) / 1_000) - belowAt(curve, (fromMs - atMs) / 1_000);
    expected += keptRate(model, profile) * (isCodeless ? 1 + model.lossOdds()[profile.kind]! : 1) * within;
  }
  return expected;
}
