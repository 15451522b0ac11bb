import { add, count, name, type Tally, total } from './tally.ts';

/** How far campaigns differ before anything is seen of it: twenty of the account's leads go into each campaign's shares. */
const CAMPAIGNS_DIFFER = 1 / 21;
/** The same of messages of no click against leads: people of one account mostly live where its others do. */
const OTHERS_DIFFER = 1 / 201;
/** Leads behind the first guess. */
const FIRST_LEADS = 50;
/** Nobody is known to be quite alike, */
const LEAST_SPREAD = 1 / 1_000;
/** nor quite apart: where each city has its campaign, a few leads come from elsewhere all the same, and a campaign of three leads must not rule that out. */
const MOST_SPREAD = 1 / 2;

/**
 * How many of the account's leads stand behind a campaign's own when the regions of a country are shared out. Signs stand somewhere and search ads do not: with one number for
 * both, campaigns that find people where the account does were given the noise of fifty leads each, a quarter of all that answers lost against true shares (bench quality, `organic-high`).
 * Told by pairs: two leads of one campaign are of one region more often than two of different ones by the share of what differs (F_ST; Weir & Cockerham, Evolution
 * 38(6), 1984), and shares that differ so are those of a Dirichlet law of strength 1 / F − 1.
 */
export function campaignStrength(campaigns: ReadonlyMap<string, Tally>, country: string): number {
  return strengthOf(campaigns.values(), country, CAMPAIGNS_DIFFER);
}

export interface OtherRegions {
  /** country|region of messages, and of all of them together. */
  readonly regions: Tally;
  readonly total: number;
  /** Leads of the account behind them when they are shared out. */
  readonly strength: number;
}

/**
 * Regions of a country among first messages without identifier, most of which come from no click. Leads are found where signs stand and campaigns aim, other messages come from all over: how far they
 * differ is told as of campaigns. `all`: every first message of the account.
 */
export function otherRegions(campaigns: ReadonlyMap<string, Tally>, all: Tally, country: string): OtherRegions {
  const start = name(country, '');
  const leads: Tally = new Map();
  for (const tally of campaigns.values()) {
    for (const [key, value] of tally) if (key.startsWith(start)) add(leads, key, value);
  }
  const regions: Tally = new Map();
  for (const [key, value] of all) if (key.startsWith(start)) regions.set(key, Math.max(0, value - count(leads, key)));
  return { regions, total: total(regions), strength: strengthOf([leads, regions], country, OTHERS_DIFFER) };
}

function strengthOf(groups: Iterable<Tally>, country: string, firstSpread: number): number {
  const start = name(country, '');
  const together: Tally = new Map();
  let [leads, within, same, squares, squaresWithin] = [0, 0, 0, 0, 0];
  for (const tally of groups) {
    let [own, ownSquares] = [0, 0];
    for (const [key, value] of tally) {
      if (!key.startsWith(start)) continue;
      own += value;
      ownSquares += value * value;
      add(together, key, value);
    }
    leads += own;
    squares += own * own;
    squaresWithin += ownSquares;
    if (own < 2) continue;
    within += own;
    same += (ownSquares - own) / (own - 1);
  }
  const across = leads * leads - squares;
  if (!(across > 1)) return 1 / firstSpread - 1;
  let alike = -squaresWithin;
  for (const value of together.values()) alike += value * value;
  const chance = alike / across;
  const spread = (FIRST_LEADS * firstSpread + same - within * chance) / (FIRST_LEADS + within * (1 - chance));
  return 1 / Math.min(MOST_SPREAD, Math.max(LEAST_SPREAD, spread)) - 1;
}
