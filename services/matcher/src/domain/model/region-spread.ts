import { name, type Tally } from './tally.ts';

/** How far campaigns differ before anything is seen of it, and how many leads stand behind that: twenty of the account's leads go into each campaign's shares. */
const FIRST_SPREAD = 1 / 21;
const FIRST_LEADS = 50;
/** Nobody is known to be quite alike. */
const LEAST_SPREAD = 1 / 1_000;

/**
 * How many of the account's leads stand behind a campaign's own when the regions of a country are shared out. Signs stand somewhere and search ads do not: with one number for
 * both, campaigns that find people where the account does were given the noise of fifty leads each, a quarter of all that answers lost against true shares (bench quality, `organic-high`).
 * Told by pairs: two leads of one campaign are of one region more often than two of different ones by the share of what differs (F_ST; Weir & Cockerham, Evolution
 * 38(6), 1984), and shares that differ so are those of a Dirichlet law of strength 1 / F − 1.
 */
export function campaignStrength(campaigns: ReadonlyMap<string, Tally>, country: string): number {
  const start = name(country, '');
  const together: Tally = new Map();
  let [leads, within, same, squares, squaresWithin] = [0, 0, 0, 0, 0];
  for (const tally of campaigns.values()) {
    let [own, ownSquares] = [0, 0];
    for (const [key, value] of tally) {
      if (!key.startsWith(start)) continue;
      own += value;
      ownSquares += value * value;
      together.set(key, (together.get(key) ?? 0) + value);
    }
    leads += own;
    squares += own * own;
    squaresWithin += ownSquares;
    if (own < 2) continue;
    within += own;
    same += (ownSquares - own) / (own - 1);
  }
  const across = leads * leads - squares;
  if (!(across > 1)) return 1 / FIRST_SPREAD - 1;
  let alike = -squaresWithin;
  for (const value of together.values()) alike += value * value;
  const chance = alike / across;
  const spread = (FIRST_LEADS * FIRST_SPREAD + same - within * chance) / (FIRST_LEADS + within * (1 - chance));
  return 1 / Math.min(1, Math.max(LEAST_SPREAD, spread)) - 1;
}
