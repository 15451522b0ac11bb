import { currentModel } from './account-matching.ts';
import type { Circumstances } from './evidence.ts';
import { evidenceTerms } from './evidence-terms.ts';
import type { Answer, EvidenceTerm } from './lead.ts';
import { evidenceOf } from './matching.ts';
import type { Question } from './open-question.ts';
import type { Posterior } from './posterior.ts';
import { posteriorAnswer } from './posterior-answer.ts';
import { ask } from './question.ts';
import type { Scope } from './scope.ts';

/** Answers a question by what the account knows now. */
export function asked({ account, state }: Scope, question: Question, circumstances: Circumstances = {}): Posterior {
  return ask(account.matching, state, question, account.settings.clickWindowMs, state.clockMs, circumstances);
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
  const answer = posteriorAnswer(
    matching.clicks,
    posterior,
    matching.clock.offsetMs === 0 ? terms : [...terms, clockTerm(matching.clock.offsetMs)],
  );
  if (dedicated === undefined) return answer;
  // The account serves one source: that is certain, and row 6 only says which of its clicks it was.
  if (answer.resolvedTo !== 'click') return dedicated;
  return { ...answer, method: 'dedicated_account', evidence: [...dedicated.evidence, ...answer.evidence] };
}

function clockTerm(offsetMs: number): EvidenceTerm {
  const minutes = Math.round(Math.abs(offsetMs) / 6_000) / 10;
  const words = `the messenger's clock is ${minutes} min ${offsetMs > 0 ? 'ahead' : 'behind'}: its times are corrected by that`;
  return { term: 'clock', winnerBits: 0, runnerUpBits: 0, words };
}
