import { currentModel } from './account-matching.ts';
import type { Marks } from './marks.ts';
import { evidenceOf } from './matching.ts';
import { posterior } from './posterior.ts';
import type { AccountState, PartitionState } from './state.ts';

/** One message without identifier in so many is also asked about with the clicks moved in time. */
export const DECOY_IN = 8;
const DAY_SHIFT_MS = 86_400_000;
/** While the account's history has no day before. */
const SHORT_SHIFT_MS = 45 * 60_000;
const SHORT_HISTORY_S = 2 * 86_400;

const NO_CLAIMS: ReadonlyMap<number, number> = new Map();

/**
 * Target–decoy (Fu et al. 1501.00537): the same question against the account's clicks as they stood a day before, moved to the message's time.
 * None of them can be right, so whatever gets a high probability is a false match for sure. Nothing is staked on the answer.
 * Returns the probability of the likeliest decoy.
 */
export function askDecoy({ matching, settings }: AccountState, state: PartitionState, marks: Marks): number {
  const shiftMs = matching.learned.observedS < SHORT_HISTORY_S ? SHORT_SHIFT_MS : DAY_SHIFT_MS;
  const evidence = evidenceOf(matching, currentModel(matching, state), settings.clickWindowMs);
  const answer = posterior(evidence, {
    leadId: '',
    marks: { ...marks, timeMs: marks.timeMs - shiftMs },
    knownAtMs: state.clockMs - shiftMs,
    own: NO_CLAIMS,
    asFree: -1,
  });
  return answer.options[0]?.probability ?? 0;
}
