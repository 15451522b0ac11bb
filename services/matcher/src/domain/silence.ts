import type { AccountMatching } from './account-matching.ts';
import { liveClicks, slotOf } from './click-store.ts';
import { fadeAccount } from './model/account-statistics.ts';
import { total } from './model/tally.ts';

const DAY_MS = 86_400_000;
/** With fewer clicks and messages missing than that, chance explains the silence. */
const MISSING = 20;

/**
 * To be called before anything of a record is learned. An account from which neither clicks nor messages have come for more than a day, where a score of them was due, was shut, or cut off from us: it was not watched, and
 * that nobody wrote says nothing of how many write who followed no click. Counted as watched, a week of silence made half as many of those who wrote before, every hour after it a burst and its
 * messages those of people who delete their code: 330 messages of no click were taken for 159.
 */
export function passSilence(account: AccountMatching, nowMs: number): void {
  const { learned, basis } = account;
  // Asked for by every record: next to none is the first one after a day.
  if (nowMs - Math.max(learned.fadedAtMs, lastClickMs(account)) <= DAY_MS || learned.fadedAtMs === 0) return;
  const fromMs = Math.max(learned.fadedAtMs, lastClickMs(account), lastMessageMs(account));
  const passedMs = nowMs - fromMs;
  if (passedMs <= DAY_MS) return;
  const due = ((total(basis.exposure) + basis.identified + basis.organic) / basis.observedS) * (passedMs / 1_000);
  if (!(due >= MISSING)) return;
  fadeAccount(learned, nowMs);
  learned.observedS = Math.max(0, learned.observedS - passedMs / 1_000);
}

function lastClickMs({ clicks }: AccountMatching): number {
  return liveClicks(clicks) === 0 ? 0 : clicks.columns.observedAtMs[slotOf(clicks, clicks.next - 1)]!;
}

/** First messages that the account still knows of. */
function lastMessageMs({ recent, concluded }: AccountMatching): number {
  let lastMs = concluded.at(-1)?.timeMs ?? 0;
  for (const { timeMs } of recent.byLead.values()) lastMs = Math.max(lastMs, timeMs);
  for (const minute of recent.identified.keys()) lastMs = Math.max(lastMs, minute * 60_000);
  return lastMs;
}
