import { byDevice, type Laws } from './account.ts';
import { likelihoodsOf, type MessageMarks } from './marks.ts';
import { DECIDED_AFTER_MS, standingOf, suspectsOf } from './oracle.ts';
import type { Regime } from './regimes.ts';
import { type Message, organicRate, type Traffic } from './traffic.ts';

/** Natural logarithms of what the oracle multiplies for one message and one click; their sum is that of the odds before other messages compete for the click. */
export const TERMS = ['click', 'time', 'country', 'region', 'language', 'device', 'wording'] as const;
export type TermLogs = Readonly<Record<(typeof TERMS)[number], number>>;

const NO_MARKS = { country: -1, region: -1, language: -1, device: -1 } as const;

/** What the oracle says by term; undefined of a click that cannot have led to the message, or of one that it does not know. */
export function oracleTermsOf(
  regime: Regime,
  laws: Laws,
  traffic: Traffic,
): (message: Message, clickId: string) => (TermLogs & { readonly total: number }) | undefined {
  const { account } = traffic;
  const likelihoods = likelihoodsOf(regime, account);
  const suspects = new Map(suspectsOf(regime, traffic).map((suspect) => [suspect.visit.lastId, suspect]));
  return (message, clickId) => {
    const suspect = suspects.get(clickId);
    if (suspect === undefined) return undefined;
    const { visit, evidence, write, lose, device } = suspect;
    const decidedMs = Math.max(message.second * 1000 + DECIDED_AFTER_MS, message.receivedMs);
    const mass = byDevice(laws.loser, device).massOfSecond(message.second - visit.lastMs / 1000);
    const hasGreeting = message.greeting >= 0;
    const organicWords = hasGreeting ? regime.organicGreeting / regime.greetings : 1 - regime.organicGreeting;
    const keptWords = hasGreeting ? regime.greetingKeptByLosers : 1 - regime.greetingKeptByLosers;
    const isSaid = !hasGreeting || visit.lastGreeting === message.greeting;
    // One mark after the other, because the oracle weighs them together: what a mark adds to those before it.
    let before = 0;
    const adds = (known: Partial<MessageMarks>): number => {
      const marks: MessageMarks = { ...NO_MARKS, greeting: message.greeting, ...known };
      const both = Math.log(likelihoods.writtenBy(marks)(visit, evidence) / likelihoods.organic(marks));
      const added = both - before;
      before = both;
      return added;
    };
    const { country, region, language } = message;
    const terms: TermLogs = {
      click: Math.log(write * lose * standingOf(regime, laws, suspect, decidedMs)),
      time: Math.log(mass / organicRate(account, message.second * 1000)),
      country: adds({ country }),
      region: adds({ country, region }),
      language: adds({ country, region, language }),
      device: adds({ country, region, language, device: message.device }),
      wording: isSaid ? Math.log(keptWords / organicWords) : Number.NEGATIVE_INFINITY,
    };
    const total = TERMS.reduce((sum, term) => sum + terms[term], 0);
    return Number.isFinite(total) ? { ...terms, total } : undefined;
  };
}
