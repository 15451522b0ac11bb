import type { Tally } from './tally.ts';

/** Whom an account's clicks show it to be for, long before anybody has written: clicks, each as much as its kind is worth. */
export interface Audience {
  /** Country of the IP, by campaign. */
  readonly campaignHome: Map<string, Tally>;
  /** country of the IP|browser language. */
  readonly browser: Tally;
}

/** What accounts have that have no model of their own yet; never written to. */
export const NO_AUDIENCE: Audience = noAudience();

export function noAudience(): Audience {
  return { campaignHome: new Map(), browser: new Map() };
}

/** As many leads do clicks stand for at most, and as many clicks for half of them. */
const MOST_LEADS = 20;
const HALF_CLICKS = 30;

/** Leads that so many clicks stand for: an address is wrong now and then, and who clicks is not who writes. */
export function asLeads(clicks: number): number {
  return (MOST_LEADS * clicks) / (clicks + HALF_CLICKS);
}

/** Pairs of country and language that a platform's audience names: all that real traffic has, and few where somebody makes languages up for every click. */
const MOST_PAIRS = 1_024;

/** The heaviest pairs alone, or a flood of made-up languages would make a model's record as large as it likes. In the order they stood in; of equals the first by name. */
export function capped(browser: Tally, most = MOST_PAIRS): Tally {
  if (browser.size <= most) return browser;
  const heaviest = [...browser].toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).slice(0, most);
  const kept = new Set(heaviest.map(([key]) => key));
  return new Map([...browser].filter(([key]) => kept.has(key)));
}
