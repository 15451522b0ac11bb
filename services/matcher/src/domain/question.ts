import { type AccountMatching, currentModel, type PlatformMatching } from './account-matching.ts';
import { keptRate, takenFactor } from './click-odds.ts';
import { type Commit, isLive, profileAt, slotOf, stand } from './click-store.ts';
import type { Circumstances } from './evidence.ts';
import { evidenceOf, modelOf } from './matching.ts';
import type { Question } from './open-question.ts';
import { type Posterior, posterior } from './posterior.ts';

/** Answers by what is known now. The account's model is brought up to date first. */
export function ask(
  account: AccountMatching,
  platform: PlatformMatching,
  question: Question,
  clickWindowMs: number,
  knownAtMs: number,
  circumstances: Circumstances = {},
): Posterior {
  const model = modelOf(account, platform, knownAtMs);
  const { leadId, marks, claims, truth } = question;
  return posterior(evidenceOf(account, model, clickWindowMs), { leadId, marks, knownAtMs, own: claims, asFree: truth, ...circumstances });
}

/** Below it a claim changes nobody else's answer. */
export const SMALL = 1e-4;

/** Competition: what an open question takes of each click, others have less of. */
export function stake({ clicks }: AccountMatching, question: Question, answer: Posterior): void {
  withdraw({ clicks }, question);
  for (const { click, claim } of answer.options) {
    if (claim < SMALL) continue;
    question.claims.set(click, claim);
    const slot = slotOf(clicks, click);
    clicks.columns.openMass[slot]! += claim;
    stand(clicks, slot);
  }
}

export function withdraw({ clicks }: Pick<AccountMatching, 'clicks'>, question: Question): void {
  const { openMass } = clicks.columns;
  for (const [click, claim] of question.claims) {
    if (!isLive(clicks, click)) continue;
    const slot = slotOf(clicks, click);
    const left = openMass[slot]! - claim;
    // What adding and subtracting leaves behind is no claim.
    openMass[slot] = left < SMALL / 2 ? 0 : left;
    stand(clicks, slot);
  }
  question.claims.clear();
}

/** A final lead keeps its part of each click. */
export function keepShare({ clicks }: AccountMatching, answer: Posterior): void {
  for (const { click, probability } of answer.options) {
    if (probability < SMALL) continue;
    const slot = slotOf(clicks, click);
    clicks.columns.usedMass[slot]! += probability;
    stand(clicks, slot);
  }
}

/**
 * κ for a click whose identifier a message brings `delayS` after it: the odds that this message was forwarded and the click's own person wrote
 * before, against the message being that person's.
 */
export function forwardedFactor(account: AccountMatching, platform: PlatformMatching, click: number, delayS: number): number {
  const model = currentModel(account, platform);
  const profile = profileAt(account.clicks, slotOf(account.clicks, click));
  return takenFactor(model.platform.forwardRate, model, keptRate(model, profile), model.keep(profile.device), delayS);
}

/** How likely a lead keeps a click that it was given by probability, now that another message brings its identifier `delayS` after the click. */
export function heldAgainst(account: AccountMatching, platform: PlatformMatching, click: number, held: Commit, delayS: number): number {
  const odds = (held.probability / (1 - held.probability)) * forwardedFactor(account, platform, click, delayS);
  return odds / (1 + odds);
}
