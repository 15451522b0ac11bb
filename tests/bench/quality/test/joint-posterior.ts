/**
 * The joint posterior of all open messages and all visits, by dynamic programming over subsets of messages: exact, exponential in the number of
 * messages. Written from the story of a visit instead of the oracle's odds, so that the two can disagree.
 */
import { byDevice, type Laws, loseRate, writeRate } from '../account.ts';
import { likelihoodsOf } from '../marks.ts';
import type { Regime } from '../regimes.ts';
import { type Message, organicRate, type Traffic, type Visit } from '../traffic.ts';

export interface Exact {
  readonly none: number;
  readonly byVisit: ReadonlyMap<Visit, number>;
}

/** Who wrote `asked`, given everything that had arrived by `atMs`. */
export function exactPosterior(
  regime: Regime,
  traffic: Traffic,
  laws: Laws,
  person: (visit: Visit) => number,
  asked: Message,
  atMs: number,
): Exact {
  const arrived = traffic.messages.filter((message) => message.receivedMs <= atMs && message.role === 'first');
  const open = arrived.filter((message) => message.code === '');
  const visits = traffic.visits.filter((visit) => visit.lastMs <= atMs);
  const { account } = traffic;
  const likelihoods = likelihoodsOf(regime, account);
  const organic = open.map((message) => {
    const words = message.greeting >= 0 ? regime.organicGreeting / regime.greetings : 1 - regime.organicGreeting;
    return organicRate(account, message.second * 1000) * words * likelihoods.organic(message);
  });

  /** P(everything seen of this visit, and that it wrote `message`); undefined: wrote no open one. */
  const story = (visit: Visit, message: Message | undefined): number => {
    const coded = arrived.filter(({ code, click }) => code !== '' && click?.visit === visit).map(({ second }) => second);
    const age = (atMs - visit.lastMs) / 1000;
    const write = writeRate(regime, account.campaigns[visit.campaign]!, visit.device);
    const lose = loseRate(regime, visit.device, visit.network);
    const [keeper, loser] = [byDevice(laws.keeper, visit.device), byDevice(laws.loser, visit.device)];
    const elapsed = (second: number): number => second - visit.lastMs / 1000;
    const wroteNothing =
      1 -
      write *
        ((1 - lose) * byDevice(laws.keeperArrived, visit.device).cdf(age) + lose * byDevice(laws.loserArrived, visit.device).cdf(age));
    const wroteCoded = (second: number): number => write * (1 - lose) * (1 - regime.codeGarbled) * keeper.massOfSecond(elapsed(second));
    const handedOn = (second: number): number => regime.forward * laws.forward.massOfSecond(elapsed(second));
    const handedNothing = 1 - regime.forward * laws.forward.cdf(age);
    const wroteOpen = (j: Message): number => {
      const words = j.greeting < 0 ? 1 - regime.greetingKeptByLosers : j.greeting === visit.lastGreeting ? regime.greetingKeptByLosers : 0;
      const mass = lose * loser.massOfSecond(elapsed(j.second)) + (1 - lose) * regime.codeGarbled * keeper.massOfSecond(elapsed(j.second));
      return write * mass * words * likelihoods.writtenBy(j)(visit, likelihoods.prepare(visit));
    };
    const [first, second, ...more] = coded;
    if (more.length > 0) return 0;
    let ofPerson: number;
    if (first === undefined) ofPerson = handedNothing * (message === undefined ? wroteNothing : wroteOpen(message));
    else if (second === undefined) {
      ofPerson =
        message === undefined ? wroteCoded(first) * handedNothing + wroteNothing * handedOn(first) : wroteOpen(message) * handedOn(first);
    } else {
      ofPerson = message === undefined ? wroteCoded(first) * handedOn(second) + wroteCoded(second) * handedOn(first) : 0;
    }
    const ofProgram = first === undefined && message === undefined ? 1 : 0;
    return person(visit) * ofPerson + (1 - person(visit)) * ofProgram;
  };

  const nobody = visits.map((visit) => story(visit, undefined));
  const odds = visits.map((visit, i) => open.map((message) => story(visit, message) / nobody[i]!));
  /** Σ over assignments of Π odds, by subset of messages explained by visits; `skipped` explains nothing. */
  const explained = (skipped: number): Float64Array => {
    const sums = new Float64Array(1 << open.length);
    sums[0] = 1;
    odds.forEach((row, i) => {
      if (i === skipped) return;
      for (let set = sums.length - 1; set > 0; set -= 1) {
        for (let j = 0; j < open.length; j += 1) if ((set & (1 << j)) !== 0) sums[set]! += sums[set ^ (1 << j)]! * row[j]!;
      }
    });
    return sums;
  };
  const total = (sums: Float64Array, taken: number): number => {
    let sum = 0;
    for (let set = 0; set < sums.length; set += 1) {
      if ((set & taken) !== 0) continue;
      let weight = sums[set]!;
      for (let j = 0; j < open.length; j += 1) if (((set | taken) & (1 << j)) === 0) weight *= organic[j]!;
      sum += weight;
    }
    return sum;
  };
  const all = total(explained(-1), 0);
  const at = open.indexOf(asked);
  const byVisit = new Map<Visit, number>();
  visits.forEach((visit, i) => {
    const own = odds[i]![at]!;
    if (own > 0) byVisit.set(visit, (own * total(explained(i), 1 << at)) / all);
  });
  return { none: 1 - [...byVisit.values()].reduce((sum, p) => sum + p, 0), byVisit };
}
