import { type ClickStore, slotOf } from './click-store.ts';
import type { AccountModel } from './model/account-model.ts';
import { KINDS } from './model/strata.ts';

/** A young account is watched by its clicks: for as long as none has left the store and its own rate is a guess. Seconds. */
const YOUNG_S = 6 * 3_600;
/** The first guess, one click an hour, weighs a fiftieth of a click: a campaign that starts with a hundred clicks a minute shows it at once. */
const FIRST_CLICKS = 0.02;
const FIRST_GUESS_S = 3_600;

/**
 * Messages of no click per second at this hour of the day (UTC). An account's first messages find no rate of its own yet; what its clicks
 * promise tells its size within seconds, and with it how many other messages are to be expected.
 */
export function organicRate(clicks: ClickStore, model: AccountModel, timeMs: number, knownAtMs: number): number {
  const learned = model.organicPerS()[new Date(timeMs).getUTCHours()]!;
  if (model.observedS >= YOUNG_S || clicks.first > 0 || clicks.next === 0) return learned;
  const { rate, organicRatio } = model.platform;
  const seenS = Math.max(0, knownAtMs - clicks.columns.observedAtMs[slotOf(clicks, 0)]!) / 1_000;
  // The first one starts the clock and is no evidence of how fast it runs: counted, a single click would promise forty an hour.
  const clicksPerS = (FIRST_CLICKS + clicks.next - 1) / (FIRST_CLICKS * FIRST_GUESS_S + seenS);
  return Math.max(learned, organicRatio * rate * clicksPerS * (1 + model.lossOdds()[KINDS - 1]!));
}
