import { asLeads } from './audience.ts';
import { add, count, name, type Tally } from './tally.ts';

/** What browsers prefer, of all clicks and of those from a country, and as how many leads it counts. Shares of all languages sum to 1. */
export interface BrowserPreferences {
  readonly leads: number;
  share(language: string): number;
  leadsThere(country: string): number;
  shareThere(country: string, language: string): number;
}

/** Clicks from everywhere behind those from a country. */
const ELSEWHERE = 3;

/** `audience`: country|browser language. */
export function preferencesOf(audience: Tally): BrowserPreferences {
  const there: Tally = new Map();
  const all: Tally = new Map();
  let clicks = 0;
  for (const [key, weight] of audience) {
    const [country = '', language = ''] = key.split('|');
    if (language === '') continue;
    add(there, country, weight);
    add(all, language, weight);
    clicks += weight;
  }
  const share = (language: string): number => (clicks > 0 ? count(all, language) / clicks : 0);
  return {
    leads: asLeads(clicks),
    share,
    leadsThere: (country) => asLeads(count(there, country)),
    shareThere: (country, language) =>
      (count(audience, name(country, language)) + ELSEWHERE * share(language)) / (count(there, country) + ELSEWHERE),
  };
}
