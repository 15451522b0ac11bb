import { evidenceTerms } from './evidence-terms.ts';
import type { Answer } from './lead.ts';
import { currentModel, evidenceOf } from './matching.ts';
import type { Posterior } from './posterior.ts';
import { posteriorAnswer } from './posterior-answer.ts';
import { ask, type Question } from './question.ts';
import type { Scope } from './scope.ts';

/** Answers a question by what the account knows now. `isTaken` tells clicks that it may not win. */
export function asked({ account, state }: Scope, question: Question, isTaken?: (click: number) => boolean): Posterior {
  const posterior = ask(account.matching, state, question, account.settings.clickWindowMs, state.clockMs, isTaken);
  const known = account.matching.unidentified.find(({ leadId }) => leadId === question.leadId);
  if (known !== undefined && question.truth < 0) known.pNone = posterior.pNone;
  return posterior;
}

/** The answer of row 6; of row 4 when the account is dedicated. */
export function answerOf(scope: Scope, question: Question, posterior: Posterior, dedicated: Answer | undefined): Answer {
  const { matching, settings } = scope.account;
  const model = currentModel(matching, scope.state);
  const asking = {
    leadId: question.leadId,
    marks: question.marks,
    knownAtMs: scope.state.clockMs,
    own: question.claims,
    asFree: question.truth,
  };
  const terms = evidenceTerms(evidenceOf(matching, model, settings.clickWindowMs), asking, posterior);
  const answer = posteriorAnswer(matching.clicks, posterior, terms);
  if (dedicated === undefined) return answer;
  // The account serves one source: that is certain, and row 6 only says which of its clicks it was.
  if (answer.resolvedTo !== 'click') return dedicated;
  return { ...answer, method: 'dedicated_account', evidence: [...dedicated.evidence, ...answer.evidence] };
}
