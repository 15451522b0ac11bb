import type { ChooseMember } from '../settings.ts';

const WEEK_MINUTES = 10_080;

/** By their shares among those where somebody is there now, or among all when nobody is: as the redirect chooses (services/ingest/src/domain/account-choice.ts). */
export const chooseMember: ChooseMember = (all) => {
  const minute = (Date.now() / 60_000) % WEEK_MINUTES;
  const open = all.filter((member) => !member.open || member.open.filter((at) => at <= minute).length % 2);
  const members = open.length ? open : all;
  let at = Math.random() * members.reduce((sum, { weight = 1 }) => sum + weight, 0);
  const chosen = members.find(({ weight = 1 }) => {
    at -= weight;
    return at < 0;
  });
  // Sums of fractions may fall short of their total by rounding.
  return chosen ?? members.find(({ weight = 1 }) => weight);
};
