import { currentModel } from './account-matching.ts';
import type { Asked, Evidence } from './evidence.ts';
import type { Marks } from './marks.ts';
import { evidenceOf } from './matching.ts';
import type { Question } from './open-question.ts';
import { type Odds, oddsOf, type Posterior, posterior } from './posterior.ts';
import type { Scope } from './scope.ts';

/** One message without identifier in so many counts among those that tell how often a click is found that cannot be right. */
export const DECOY_IN = 8;
/**
 * How far the clicks of a decoy are moved. At a day's distance, the specification's, clicks are taken by then that were free at theirs, and where people answer within a
 * day the message's own click stands among its decoys: with 60 % of messages a day late decoys found .44 of the messages in words of their own to come from clicks,
 * at 45 minutes .25 ± .03, where .23 did (bench quality, `delayed`). What the click rate does within 45 minutes it undoes within the day.
 */
export const DECOY_SHIFT_MS = 45 * 60_000;
/** Decoys of one message: the second, as far again, takes a quarter of the chance out of a comparison. */
export const DECOYS = 2;

/**
 * Target–decoy (Fu et al. 1501.00537): the same question against the account's clicks as they stood some time before, moved to the message's time. None of them can
 * be right but one that the message has waited for so long, so whatever gets a high probability is a false match. Nothing is staked on the answer.
 */
export function askDecoy(scope: AccountScope, question: Question): Posterior {
  return posterior(evidenceAt(scope), askedBefore(scope, question, question.marks, DECOY_SHIFT_MS));
}

/** Its odds alone, at the message's own rate of messages of no click: what the hour's shape says is not the clicks'. `withinMs`: of clicks no older than that, by delay. */
export function decoyOdds(
  scope: AccountScope,
  question: Question,
  marks: Marks,
  { shiftMs, perS, withinMs }: { readonly shiftMs: number; readonly perS: number; readonly withinMs?: number },
): Odds {
  const asked = askedBefore(scope, question, marks, shiftMs);
  const evidence = evidenceAt(scope);
  if (withinMs === undefined) return oddsOf(evidence, asked, perS);
  return oddsOf({ ...evidence, clickWindowMs: Math.min(withinMs, evidence.clickWindowMs) }, { ...asked, isLast: true }, perS);
}

type AccountScope = Pick<Scope, 'account' | 'state'>;

function evidenceAt({ account, state }: AccountScope): Evidence {
  return evidenceOf(account.matching, currentModel(account.matching, state), account.settings.clickWindowMs);
}

function askedBefore({ state }: AccountScope, { leadId, claims, truth }: Question, marks: Marks, shiftMs: number): Asked {
  return {
    leadId,
    marks: { ...marks, timeMs: marks.timeMs - shiftMs },
    knownAtMs: state.clockMs - shiftMs,
    takenUntilMs: state.clockMs - shiftMs,
    own: claims,
    asFree: truth,
  };
}
