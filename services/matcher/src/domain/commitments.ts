import { rowsBeforeSix } from './answer.ts';
import { answerOf, asked } from './asking.ts';
import { foundClick, slotOf, stand } from './click-store.ts';
import { type Answer, isCertain, type Lead, quantiseBits } from './lead.ts';
import { findLead, reviseLead } from './lead-book.ts';
import type { Question } from './open-question.ts';
import { mostLeft, type SourceMass } from './posterior.ts';
import { weighedAnswer } from './posterior-answer.ts';
import { forwardedFactor, SMALL, stake } from './question.ts';
import type { Scope } from './scope.ts';
import { type Source, shareKey } from './source.ts';

/**
 * One click for one lead. A lead that is likelier than not to have come from a click has it (`commits`); what it takes of this and other
 * clicks is staked while it is open (`openMass`) and used once it is final (`usedMass`). Whoever loses a click is asked again, and a lead
 * that turns out to come from elsewhere gives back what it had.
 */
type Holder = Pick<Question, 'leadId' | 'contact'>;
type Won = Pick<Answer, 'clickId' | 'probability'>;

/** A chain of leads that take clicks from each other ends here: the last one may win only what nobody has. */
const MAX_CHAIN = 8;

/**
 * To be called when a lead that the book knows has a new answer: the click that it had is free, and whoever had the one that it has now is
 * asked again, and may win it back from this very lead. `before`: id of the click that it had; empty when it had none.
 */
export function settle(scope: Scope, holder: Holder, before: string, won: Won): void {
  commit(scope, holder, before, won, 0);
}

function commit(scope: Scope, { leadId, contact }: Holder, before: string, { clickId, probability }: Won, depth: number): void {
  const { clicks, questions } = scope.account.matching;
  if (before !== clickId) letGo(scope, leadId, before);
  const click = clickId === '' ? undefined : clicks.byId.get(clickId);
  if (click === undefined) return;
  const other = clicks.commits.get(click);
  clicks.commits.set(click, { leadId, contact, probability: Math.min(probability, 0.9999) });
  if (other === undefined || other.leadId === leadId) return;
  const question = questions.get(other.leadId);
  if (question !== undefined && question.truth < 0) askAgain(scope, question, depth + 1);
}

function letGo({ account }: Scope, leadId: string, clickId: string): void {
  const { clicks } = account.matching;
  const click = clickId === '' ? undefined : clicks.byId.get(clickId);
  if (click !== undefined && clicks.commits.get(click)?.leadId === leadId) clicks.commits.delete(click);
}

function askAgain(scope: Scope, question: Question, depth: number): void {
  const lead = findLead(scope, question.leadId);
  if (lead === undefined) return;
  const { matching, settings } = scope.account;
  const { commits } = matching.clicks;
  const isHeld = (click: number) => (commits.get(click)?.leadId ?? question.leadId) !== question.leadId;
  const posterior = asked(scope, question, depth < MAX_CHAIN ? {} : { isTaken: isHeld });
  stake(matching, question, posterior);
  const answer = answerOf(scope, question, posterior, rowsBeforeSix(settings, undefined));
  reviseLead(scope, lead, answer);
  commit(scope, question, lead.clickId, answer, depth);
}

/** The code of the click has come with a message: a lead that had the click by probability is less likely to be of it, or no longer. */
export function surrender(scope: Scope, click: number, claimedBy: string, messageTimeMs: number): void {
  const { matching } = scope.account;
  const { clicks } = matching;
  if (!clicks.commits.has(click)) return;
  const clickedAtMs = clicks.columns.clickedAtMs[slotOf(clicks, click)]!;
  yieldTo(scope, click, claimedBy, () => forwardedFactor(matching, scope.state, click, (messageTimeMs - clickedAtMs) / 1_000));
}

/** Somebody outside says which lead the click led to; `hold` has been called for it. */
export function surrenderForGood(scope: Scope, click: number, claimedBy: string): void {
  yieldTo(scope, click, claimedBy, () => 0);
}

function yieldTo(scope: Scope, click: number, claimedBy: string, factor: () => number): void {
  const { commits } = scope.account.matching.clicks;
  const holder = commits.get(click);
  if (holder === undefined || holder.leadId === claimedBy) return;
  commits.delete(click);
  const question = scope.account.matching.questions.get(holder.leadId);
  if (question !== undefined && question.truth < 0) {
    askAgain(scope, question, 0);
    return;
  }
  const lead = findLead(scope, holder.leadId);
  const { clickId } = foundClick(scope.account.matching.clicks, click);
  if (lead === undefined || lead.clickId !== clickId || isCertain(lead.method)) return;
  const revised = reviseLead(scope, lead, reweighed(scope, lead, clickId, factor()));
  if (revised === undefined) return;
  giveBack(scope, lead);
  hold(scope, revised);
  settle(scope, revised, '', revised);
}

/** A lead is not what it was: its part of each click is free again. What an open one has staked is withdrawn with its question. */
export function giveBack(scope: Scope, lead: Lead): void {
  letGo(scope, lead.leadId, lead.clickId);
  use(scope, lead, -1);
}

/** A final lead keeps its part of each click, a correction all of the one it names. */
export function hold(scope: Scope, lead: Lead): void {
  use(scope, lead, 1);
}

function use({ account }: Scope, { state, method, candidates }: Lead, sign: 1 | -1): void {
  const isUsing = method === 'correction' || (!isCertain(method) && state !== 'provisional');
  if (!isUsing) return;
  const { clicks } = account.matching;
  const { usedMass } = clicks.columns;
  for (const { clickId, probability } of candidates) {
    const click = clicks.byId.get(clickId);
    if (click === undefined) continue;
    const slot = slotOf(clicks, click);
    const used = usedMass[slot]! + sign * probability;
    // Leads say what they took in steps of 1e-4: what is left below that is nobody's.
    usedMass[slot] = used < SMALL ? 0 : used;
    stand(clicks, slot);
  }
}

/** A final lead's answer when the odds of one of its clicks have changed by a factor; the other clicks and "no click" keep theirs among each other. */
function reweighed(scope: Scope, lead: Lead, clickId: string, factor: number): Partial<Answer> {
  const before = lead.candidates.find((candidate) => candidate.clickId === clickId)?.probability ?? 0;
  // At most .9999 was given to it by whoever is not certain, so that something is left for the rest to share.
  const all = Math.max(1e-4, 1 - before + before * factor);
  const options = lead.candidates
    .map((each) => {
      const probability = (each.probability * (each.clickId === clickId ? factor : 1)) / all;
      return { ...each, probability: Math.min(probability, leftOf(scope, each.clickId, each.probability)) };
    })
    .toSorted((a, b) => b.probability - a.probability);
  const given = options.reduce((sum, { probability }) => sum + probability, 0);
  const pOther = Math.min(1 - given, lead.pOther / all);
  const answer = weighedAnswer(options, { pNone: Math.max(0, 1 - given - pOther), pOther, sources: bySource(options) });
  const term = {
    term: 'taken',
    winnerBits: quantiseBits(Math.log2(Math.max(factor, 1e-9))),
    runnerUpBits: 0,
    words: 'another message has brought the code of the click that this one was given',
  };
  const dedicated = rowsBeforeSix(scope.account.settings, undefined);
  if (lead.method !== 'dedicated_account' || dedicated === undefined) return { ...answer, evidence: [...lead.evidence, term] };
  if (answer.resolvedTo !== 'click') return { ...dedicated, evidence: [...dedicated.evidence, term] };
  return { ...answer, method: 'dedicated_account', evidence: [...lead.evidence, term] };
}

/** Click ids and referrers differ per person and name no source. */
function bySource(sources: readonly SourceMass[]): readonly SourceMass[] {
  const groups = new Map<string, { readonly source: Source; probability: number }>();
  for (const { source, probability } of sources) {
    const key = shareKey(source);
    const known = groups.get(key);
    if (known !== undefined) known.probability += probability;
    else groups.set(key, { source: { ...source, clickIds: [], referrerHost: '' }, probability });
  }
  return [...groups.values()];
}

/** What other final leads have left of a click. */
function leftOf({ account }: Scope, clickId: string, own: number): number {
  const { clicks } = account.matching;
  const click = clicks.byId.get(clickId);
  if (click === undefined) return 1;
  const others = clicks.columns.usedMass[slotOf(clicks, click)]! - own;
  return mostLeft(others < SMALL ? 0 : others);
}
