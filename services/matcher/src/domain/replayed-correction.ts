import { giveBack, hold, settle } from './commitments.ts';
import { type Candidate, isRowSix, type Lead, type ReplayedAnswer, type SourceShare } from './lead.ts';
import { reviseLead } from './lead-book.ts';
import type { Scope } from './scope.ts';
import { sourceKey } from './source.ts';

export type ReplayedOutcome = 'revised' | 'duplicate' | 'ignored' | 'too_late';

/**
 * A final lead takes the answer of a replay, with its probabilities. It replaces nothing but an answer of the same kind: whatever the log has
 * learned meanwhile (a code, a correction from outside, another message that claimed the click) is better than any replay. An open lead
 * ignores it, because the model in force decides it once more. The same answer again changes nothing.
 */
export function foldReplayed(scope: Scope, lead: Lead, replayed: ReplayedAnswer, correctedBy: string): ReplayedOutcome {
  const { account } = scope;
  const { clicks } = account.matching;
  if (account.open.has(lead.leadId) || !isRowSix(lead.method)) return 'ignored';
  if (isSameAnswer(lead, replayed)) return 'duplicate';
  const click = replayed.clickId === '' ? undefined : clicks.byId.get(replayed.clickId);
  if (click !== undefined && clicks.claims.has(click)) return 'ignored';
  const words = correctedBy === '' ? 'folded again' : `folded again: ${correctedBy}`;
  const evidence = [...replayed.evidence, { term: 'replay', winnerBits: 0, runnerUpBits: 0, words }];
  const revised = reviseLead(scope, lead, { ...replayed, evidence, carrier: 'none' });
  if (revised === undefined) return 'too_late';
  giveBack(scope, lead);
  hold(scope, revised);
  settle(scope, revised, '', revised);
  return 'revised';
}

type Answered = Pick<
  ReplayedAnswer,
  'resolvedTo' | 'clickId' | 'source' | 'probability' | 'pNone' | 'pOther' | 'candidates' | 'sourceShares'
> &
  Pick<Lead, 'method'>;

/** True when both say the same of where a lead came from, whatever they base it on. */
export function isSameAnswer(a: Answered, b: Answered): boolean {
  return (
    a.method === b.method &&
    a.resolvedTo === b.resolvedTo &&
    a.clickId === b.clickId &&
    a.probability === b.probability &&
    a.pNone === b.pNone &&
    a.pOther === b.pOther &&
    nameOf(a.source) === nameOf(b.source) &&
    areSameCandidates(a.candidates, b.candidates) &&
    areSameShares(a.sourceShares, b.sourceShares)
  );
}

function areSameCandidates(a: readonly Candidate[], b: readonly Candidate[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ clickId, probability }, index) => clickId === b[index]!.clickId && probability === b[index]!.probability)
  );
}

function areSameShares(a: readonly SourceShare[], b: readonly SourceShare[]): boolean {
  return (
    a.length === b.length && a.every(({ source, share }, index) => share === b[index]!.share && nameOf(source) === nameOf(b[index]!.source))
  );
}

function nameOf(source: Lead['source']): string {
  return source === undefined ? '' : sourceKey(source);
}
