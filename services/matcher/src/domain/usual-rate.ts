import type { Concluded } from './concluded.ts';
import type { AccountModel } from './model/account-model.ts';

/** Bursts may take so much of an account's time. Where they seem to take twice as much, its rate is wrong and not its hours. */
const BURST_TIME = 0.1;

/**
 * What of bursts is left out of the usual rate, 1 for all of it. A newsletter of 25 minutes every other day is a third of a quiet account's messages of no click: as a part
 * of its rate it said of every other hour that a third more of them were nobody's. But a rate that is far too low makes a burst of every hour, and
 * leaving those out would keep it low for ever: by how much of the time they would have filled, bursts are told from that.
 */
export function countedAsBursts(concluded: readonly Concluded[], model: AccountModel, nowMs: number): number {
  const first = concluded[0];
  if (first === undefined) return 1;
  const perS = model.organicPerS();
  let burstS = 0;
  // At its rate each message stands for so much time.
  for (const { weight, hour, burst } of concluded) if (burst > 1) burstS += (weight * (1 - usualPart(burst))) / (perS[hour]! * burst);
  const part = (burstS * 1_000) / Math.max(nowMs - first.timeMs, 1);
  return Math.min(1, Math.max(0, 2 - part / BURST_TIME));
}

/**
 * What of the messages of no click is the usual rate's where there are `burst` times as many. Less than twice as many are no burst: chance makes such hours, none of which
 * has a quiet one beside it that would be filled up, so that counting each for less than it is took a twentieth off every account's rate.
 */
export function usualPart(burst: number): number {
  return 1 / Math.max(1, burst - 1);
}
