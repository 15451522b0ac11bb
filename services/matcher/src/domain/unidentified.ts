import { noClickAnswer, rowsBeforeSix } from './answer.ts';
import { foundClick } from './click-store.ts';
import { evidenceTerms } from './evidence-terms.ts';
import { type Answer, type Candidate, type Lead, quantiseBits, quantiseProbability, type SourceShare } from './lead.ts';
import { FINAL_AFTER_MS, findLead, reviseLead } from './lead-book.ts';
import { learnUnidentified } from './learning.ts';
import type { Marks } from './marks.ts';
import { currentModel, evidenceOf } from './matching.ts';
import { EDIT_SECONDS } from './model/delay-grid.ts';
import type { Posterior } from './posterior.ts';
import { posteriorAnswer } from './posterior-answer.ts';
import { ask, forwardedFactor, keepShare, newQuestion, type Question, stake, withdraw } from './question.ts';
import type { Scope } from './scope.ts';
import { type Source, sourceKey } from './source.ts';

/** One identified lead in so many is also asked about as if it had no identifier. */
const TESTED_IN = 64;
/** How long a first message without identifier counts in the search for bursts. */
const REMEMBERED_MS = 3 * 3_600_000;

/**
 * Rows 4 to 7, for a lead that starts without identifier. The question stays open with the lead, until it is final or an identifier arrives.
 * `marks` is undefined when only the code of the message is remembered.
 */
export function answerUnidentified(
  scope: Scope,
  leadId: string,
  contact: string,
  marks: Marks | undefined,
  earlier: Lead | undefined,
  isLate: boolean,
): Answer {
  const { account, state } = scope;
  const certain = rowsBeforeSix(account.settings, earlier);
  if (certain?.method === 'returning_contact' || marks === undefined) return certain ?? noClickAnswer();
  const question = newQuestion(leadId, contact, marks, -1);
  const { matching } = account;
  matching.unidentified.push({ leadId, timeMs: marks.timeMs, pNone: 0.5 });
  const posterior = asked(scope, question);
  const answer = answerOf(scope, question, posterior, certain);
  if (state.clockMs >= marks.timeMs + FINAL_AFTER_MS) {
    conclude(scope, question, posterior, isLate);
  } else {
    matching.questions.set(leadId, question);
    stake(matching, question, posterior);
  }
  return answer;
}

/** To be called once the lead has been started: whoever had its click before is asked again, and may win it back from this very lead. */
export function settle(scope: Scope, lead: Pick<Question, 'leadId' | 'contact'>, answer: Answer): void {
  commit(scope, lead, answer, 0);
}

/** The last word of an open lead without identifier; undefined when it has none open. */
export function finalAnswer(scope: Scope, lead: Lead): Answer | undefined {
  const question = scope.account.matching.questions.get(lead.leadId);
  if (question === undefined) return undefined;
  scope.account.matching.questions.delete(lead.leadId);
  const posterior = asked(scope, question);
  if (question.truth >= 0) {
    withdraw(scope.account.matching, question);
    test(scope, question, posterior);
    return undefined;
  }
  const answer = answerOf(scope, question, posterior, rowsBeforeSix(scope.account.settings, undefined));
  conclude(scope, question, posterior, lead.late);
  commit(scope, question, answer, 0);
  return answer;
}

/** An identifier has come: nothing is asked any more. Returns the marks of the question, when one was open. */
export function dropQuestion(scope: Scope, leadId: string): Marks | undefined {
  const { matching } = scope.account;
  const question = matching.questions.get(leadId);
  if (question === undefined) return undefined;
  withdraw(matching, question);
  matching.questions.delete(leadId);
  const at = matching.unidentified.findIndex((each) => each.leadId === leadId);
  if (at >= 0) matching.unidentified.splice(at, 1);
  return question.marks;
}

/** The code of the click has come with a message: a lead that had the click by probability is less likely to be of it, or no longer. */
export function surrender(scope: Scope, click: number, claimedBy: string, messageTimeMs: number): void {
  const { commits, questions, clicks } = matchingOf(scope.account.matching);
  const holder = commits.get(click);
  if (holder === undefined || holder.leadId === claimedBy) return;
  commits.delete(click);
  const question = questions.get(holder.leadId);
  if (question !== undefined) {
    askAgain(scope, question, 0);
    return;
  }
  const lead = findLead(scope, holder.leadId);
  const { clickId, clickedAtMs } = foundClick(clicks, click);
  if (lead === undefined || lead.clickId !== clickId || lead.method !== 'probabilistic') return;
  const factor = forwardedFactor(scope.account.matching, scope.state, click, (messageTimeMs - clickedAtMs) / 1_000);
  const answer = reweighed(lead, clickId, factor);
  reviseLead(scope, lead, answer);
  if (answer.clickId === clickId) commits.set(click, { ...holder, probability: Math.min(answer.probability ?? 0, 0.9999) });
}

/** A tested message: identified, and asked about as if it were not, with the time that deleting the code takes. */
export function openTest(scope: Scope, leadId: string, contact: string, click: number, marks: Marks): void {
  const hash = hashOf(marks.messageId);
  if (hash % TESTED_IN !== 0) return;
  const { edits } = scope.state.platform;
  let left = ((hash / TESTED_IN) % 1_000) / 1_000;
  let k = 0;
  while (k < edits.length - 1 && left >= edits[k]!) {
    left -= edits[k]!;
    k += 1;
  }
  const timeMs = marks.timeMs + EDIT_SECONDS[k]! * 1_000;
  scope.account.matching.questions.set(leadId, newQuestion(leadId, contact, { ...marks, timeMs }, click));
}

export function forgetUnidentified(scope: Scope): void {
  const { unidentified } = scope.account.matching;
  let gone = 0;
  while (gone < unidentified.length && unidentified[gone]!.timeMs < scope.state.clockMs - REMEMBERED_MS) gone += 1;
  if (gone > 0) unidentified.splice(0, gone);
}

function asked({ account, state }: Scope, question: Question): Posterior {
  const posterior = ask(account.matching, state, question, account.settings.clickWindowMs, state.clockMs);
  const known = account.matching.unidentified.find(({ leadId }) => leadId === question.leadId);
  if (known !== undefined && question.truth < 0) known.pNone = posterior.pNone;
  return posterior;
}

function answerOf(scope: Scope, question: Question, posterior: Posterior, dedicated: Answer | undefined): Answer {
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

function conclude(scope: Scope, question: Question, posterior: Posterior, isLate: boolean): void {
  const { matching } = scope.account;
  withdraw(matching, question);
  keepShare(matching, posterior);
  // What came days late says little about how people usually write.
  if (!isLate) learnUnidentified(matching, scope.state, currentModel(matching, scope.state), question.marks, posterior);
  scope.effects.answered.push({
    workspace: scope.account.workspace,
    account: scope.account.account,
    atMs: question.marks.timeMs,
    pNone: posterior.pNone,
    pClick: posterior.options[0]?.probability ?? 0,
    marks: question.marks,
  });
}

function test(scope: Scope, question: Question, posterior: Posterior): void {
  const { options, pNone, pOther, scanned } = posterior;
  const found = options.find(({ click }) => click === question.truth);
  const unlisted = pOther / Math.max(1, scanned - options.length);
  scope.effects.tested.push({
    workspace: scope.account.workspace,
    account: scope.account.account,
    atMs: question.marks.timeMs,
    pTruth: found?.probability ?? Math.max(unlisted, 1e-6),
    pTop: options[0]?.probability ?? 0,
    isTopRight: options[0]?.click === question.truth,
    pNone,
  });
}

/** A chain of leads that take clicks from each other ends here; the next to become final settles the rest. */
const MAX_CHAIN = 8;

/** A lead has been given a click: whoever had it before, and is still open, is asked again. */
function commit(scope: Scope, { leadId, contact }: Pick<Question, 'leadId' | 'contact'>, answer: Answer, depth: number): void {
  const { matching } = scope.account;
  const { commits, clicks, questions } = matchingOf(matching);
  if (answer.resolvedTo !== 'click') return;
  const click = clicks.byId.get(answer.clickId);
  if (click === undefined) return;
  const holder = commits.get(click);
  commits.set(click, { leadId, contact, probability: Math.min(answer.probability, 0.9999) });
  if (holder === undefined || holder.leadId === leadId || depth >= MAX_CHAIN) return;
  const question = questions.get(holder.leadId);
  if (question !== undefined && question.truth < 0) askAgain(scope, question, depth + 1);
}

function askAgain(scope: Scope, question: Question, depth: number): void {
  const lead = findLead(scope, question.leadId);
  if (lead === undefined) return;
  const posterior = asked(scope, question);
  stake(scope.account.matching, question, posterior);
  const answer = answerOf(scope, question, posterior, rowsBeforeSix(scope.account.settings, undefined));
  reviseLead(scope, lead, answer);
  commit(scope, question, answer, depth);
}

function matchingOf(matching: Scope['account']['matching']) {
  const { clicks, questions } = matching;
  return { clicks, questions, commits: clicks.commits };
}

/** A final lead's answer when the odds of one of its clicks have changed by a factor; the other clicks and "no click" keep theirs among each other. */
function reweighed(lead: Lead, clickId: string, factor: number): Partial<Answer> {
  const before = lead.candidates.find((candidate) => candidate.clickId === clickId)?.probability ?? 0;
  const all = 1 - before + before * factor;
  const candidates = lead.candidates
    .map((each) => ({ ...each, probability: quantiseProbability((each.probability * (each.clickId === clickId ? factor : 1)) / all) }))
    .filter(({ probability }) => probability > 0)
    .toSorted((a, b) => b.probability - a.probability);
  const pOther = quantiseProbability(lead.pOther / all);
  const given = candidates.reduce((sum, { probability }) => sum + probability, 0);
  const pNone = quantiseProbability(1 - pOther - given);
  const best = candidates[0];
  const isBest = best !== undefined && best.probability >= 0.5;
  return {
    method: isBest ? 'probabilistic' : pNone >= 0.8 ? 'none' : 'unresolved',
    resolvedTo: isBest ? 'click' : 'none',
    clickId: isBest ? best.clickId : '',
    clickedAtMs: isBest ? best.clickedAtMs : 0,
    source: isBest ? best.source : undefined,
    probability: isBest ? best.probability : pNone,
    pNone,
    pOther,
    candidates,
    sourceShares: sharesOf(candidates, pNone),
    evidence: [
      ...lead.evidence,
      {
        term: 'taken',
        winnerBits: quantiseBits(Math.log2(Math.max(factor, 1e-9))),
        runnerUpBits: 0,
        words: 'another message has brought the code of the click that this one was given',
      },
    ],
  };
}

/** The clicks beyond the listed ones go to the sources as the listed ones do. */
function sharesOf(candidates: readonly Candidate[], pNone: number): readonly SourceShare[] {
  const shares = new Map<string, { readonly source: Source; share: number }>();
  let listed = 0;
  for (const { source, probability } of candidates) {
    listed += probability;
    const own = { ...source, clickIds: [], referrerHost: '' };
    const known = shares.get(sourceKey(own));
    if (known === undefined) shares.set(sourceKey(own), { source: own, share: probability });
    else known.share += probability;
  }
  if (listed <= 0) return [{ source: undefined, share: 1 }];
  const rounded = [...shares.values()].map(({ source, share }) => ({ source, share: quantiseProbability((share * (1 - pNone)) / listed) }));
  const given = rounded.reduce((sum, { share }) => sum + share, 0);
  return [{ source: undefined, share: quantiseProbability(1 - given) }, ...rounded];
}

/** FNV-1a, 32 bits: which messages are tested must not depend on anything but their ids. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash ^= text.charCodeAt(index);
    hash = Math.imul(hash, 0x01000193) >>> 0;
  }
  return hash;
}
