/**
 * The best possible answer: matching.md §2 with the true parameters. Every message without identifier is decided 60 minutes after it was written (or
 * when it arrives, if that is later), knowing what had arrived by then.
 */
import { byDevice, type Laws, lawsOf, loseRate, writeRate } from './account.ts';
import { associate, type Open } from './association.ts';
import { gridPosition } from './delay-law.ts';
import { likelihoodsOf, type VisitEvidence } from './marks.ts';
import type { Regime } from './regimes.ts';
import { floodRatio, type Message, organicRate, type Traffic, type Visit } from './traffic.ts';

export const DECIDED_AFTER_MS = 3_600_000;
const WINDOW_MS = 4 * 86_400_000;
const SWEEPS = 4;
/** Clicks kept by name per message before competition; what is emitted is cut further. */
const NAMED = 48;
export const EMITTED = 16;
/** So many of the newest visits are weighed one by one, more than any account but the hot one has in the window; beyond, ever fewer stand for all. */
const EXACT = 4000;
const SAMPLED = 1500;
/** Share of the odds below which a visit is not worth a name. */
const NEGLIGIBLE = 1e-5;

export interface Answer {
  readonly message: Message;
  readonly none: number;
  /** Probability of all clicks that are not named. */
  readonly other: number;
  /** Most probable first. */
  readonly candidates: readonly { readonly visit: Visit; readonly probability: number }[];
  /** Expected leads by campaign, those of `other` included; with `none` they sum to 1. */
  readonly shares: Float64Array;
}

/** A visit as the oracle sees it. */
export interface Suspect {
  readonly visit: Visit;
  readonly evidence: VisitEvidence;
  /** P(person | what the visit shows). */
  readonly person: number;
  readonly write: number;
  readonly lose: number;
  readonly device: number;
  /** Messages with its code: second, arrival. */
  readonly coded: { readonly second: number; readonly receivedMs: number }[];
}

export function answersOf(regime: Regime, traffic: Traffic, laws: Laws = lawsOf(regime)): readonly Answer[] {
  const { account } = traffic;
  const likelihoods = likelihoodsOf(regime, account);
  const suspects = suspectsOf(regime, traffic);
  const times = Float64Array.from(suspects, (suspect) => suspect.visit.lastMs);
  const byGreeting = Array.from({ length: regime.greetings }, () => [] as number[]);
  for (let at = 0; at < suspects.length; at += 1) byGreeting[suspects[at]!.visit.lastGreeting]!.push(at);

  const standing = (suspect: Suspect, atMs: number): number => standingOf(regime, laws, suspect, atMs);

  /** P(writes this message, without its code, in this second | person) against P(nobody's click does). */
  const oddsBeforeStanding = (suspect: Suspect, message: Message, organic: number): number => {
    const elapsed = message.second - suspect.visit.lastMs / 1000;
    const { write, lose, device } = suspect;
    const mass =
      lose * byDevice(laws.loser, device).massOfSecond(elapsed) +
      (regime.codeGarbled === 0 ? 0 : (1 - lose) * regime.codeGarbled * byDevice(laws.keeper, device).massOfSecond(elapsed));
    return (write * mass) / organic;
  };

  const open = traffic.messages.filter((message) => message.role === 'first' && message.code === '');
  const claims = open.map((message) => {
    const decidedMs = Math.max(message.second * 1000 + DECIDED_AFTER_MS, message.receivedMs);
    const hasGreeting = message.greeting >= 0;
    const words = hasGreeting ? regime.organicGreeting / regime.greetings : 1 - regime.organicGreeting;
    const organic = organicRate(account, message.second * 1000) * words * likelihoods.organic(message);
    const kept = hasGreeting ? regime.greetingKeptByLosers : 1 - regime.greetingKeptByLosers;
    const order = hasGreeting ? byGreeting[message.greeting]! : undefined;
    const count = order?.length ?? suspects.length;
    const timeAt = (at: number): number => times[order === undefined ? at : order[at]!]!;
    const named: Named[] = [];
    const rest = new Float64Array(account.campaigns.length);
    const likelihood = likelihoods.writtenBy(message);
    let total = 1;
    let stride = 1;
    let scanned = 0;
    for (let at = firstAfter(count, timeAt, (message.second + 1) * 1000) - 1; at >= 0; at -= stride) {
      if (timeAt(at) < message.second * 1000 - WINDOW_MS) break;
      const number = order === undefined ? at : order[at]!;
      const suspect = suspects[number]!;
      const before = kept * oddsBeforeStanding(suspect, message, organic) * likelihood(suspect.visit, suspect.evidence);
      if (before > 0) {
        const odds = before * standing(suspect, decidedMs);
        total += stride * odds;
        // Most are too far away to be named, and a list of all would cost more than weighing them.
        if (stride === 1 && odds > NEGLIGIBLE * total) named.push({ suspect: number, before, odds });
        else rest[suspect.visit.campaign]! += stride * odds;
      }
      scanned += stride;
      stride = scanned < EXACT ? 1 : Math.ceil(scanned / SAMPLED);
    }
    named.sort((a, b) => b.odds - a.odds);
    for (const weak of named.splice(NAMED)) rest[suspects[weak.suspect]!.visit.campaign]! += weak.odds;
    return { message, decidedMs, named, rest };
  });

  const posteriors = associate(
    claims.map(({ decidedMs, named, rest }): Open => {
      const standings = named.map(({ suspect }) => standing(suspects[suspect]!, decidedMs));
      return {
        clicks: named.map(({ suspect }) => suspect),
        odds: Float64Array.from(named, ({ odds }) => odds),
        rest: sum(rest),
        knows: (other) => claims[other]!.message.receivedMs <= decidedMs,
        oddsOf: (other, position, at) => claims[other]!.named[position]!.before * standings[at]!,
      };
    }),
    SWEEPS,
  );

  return claims.map(({ message, named, rest }, at): Answer => {
    const posterior = posteriors[at]!;
    const shares = rest.map((odds) => odds * posterior.none);
    const candidates = named
      .map(({ suspect }, position) => ({ visit: suspects[suspect]!.visit, probability: posterior.clicks[position]! }))
      .sort((a, b) => b.probability - a.probability);
    for (const { visit, probability } of candidates) shares[visit.campaign]! += probability;
    const dropped = candidates.splice(EMITTED).reduce((total, { probability }) => total + probability, 0);
    return { message, none: posterior.none, other: posterior.rest + dropped, candidates, shares };
  });
}

function sum(values: Float64Array): number {
  return values.reduce((total, value) => total + value, 0);
}

interface Named {
  readonly suspect: number;
  readonly before: number;
  readonly odds: number;
}

export function suspectsOf(regime: Regime, { account, visits, messages }: Traffic): readonly Suspect[] {
  const likelihoods = likelihoodsOf(regime, account);
  const perVisitor = new Map<string, number>();
  for (const { visitor, isKnown } of visits) if (!isKnown) perVisitor.set(visitor, (perVisitor.get(visitor) ?? 0) + 1);
  const suspects: Suspect[] = [];
  const byClick = new Map<string, Suspect>();
  for (const visit of visits) {
    const evidence = likelihoods.prepare(visit);
    const suspect: Suspect = {
      visit,
      evidence,
      person: personProbability(regime, visit, evidence, floodRatio(account, visit.campaign, visit.lastMs)),
      write: writeRate(regime, account.campaigns[visit.campaign]!, visit.device),
      lose: loseRate(regime, visit.device, visit.network),
      device: visit.device,
      coded: [],
    };
    byClick.set(visit.lastId, suspect);
    // A known contact's words without a code go on with its lead; a device that visits time and again unknown is a program.
    if (!visit.isKnown && perVisitor.get(visit.visitor) === 1) suspects.push(suspect);
  }
  for (const { code, click, second, receivedMs } of messages) {
    if (code !== '' && click !== undefined) byClick.get(click.visit.lastId)!.coded.push({ second, receivedMs });
  }
  return suspects;
}

/** P(person | what the visit shows), before anything is known of its messages. */
export function personProbabilities(regime: Regime, { account }: Pick<Traffic, 'account'>): (visit: Visit) => number {
  const likelihoods = likelihoodsOf(regime, account);
  return (visit) => personProbability(regime, visit, likelihoods.prepare(visit), floodRatio(account, visit.campaign, visit.lastMs));
}

function personProbability(regime: Regime, visit: Visit, evidence: VisitEvidence, flood: number): number {
  const [second, third] = regime.burst;
  const clicks = visit.clicks === 1 ? 1 - second : visit.clicks === 2 ? second * (1 - third) : second * third;
  const person = (1 - regime.botShare) * (1 - regime.returning) * evidence.person * clicks;
  const program = visit.clicks > 1 ? 0 : regime.botShare * evidence.bot + flood * evidence.floodBot;
  return person / (person + program);
}

/**
 * Odds of a visit to write a message without code, given what has arrived of it by `atMs`, against having nothing to do with the message. With
 * π write, ρ lose, F the delay until arrival, φ and h handing on: no coded message leaves H (1−φH_f) / [1−H + H(1−φH_f)(1−πF)]; one at Δ leaves
 * φh(Δ) / [π(1−ρ)f(Δ)(1−φH_f) + φh(Δ)(1−πF)] of a person; two leave nothing, since one of them is the visitor's own.
 */
export function standingOf(regime: Regime, laws: Laws, { visit, person, write, lose, device, coded }: Suspect, atMs: number): number {
  const age = gridPosition((atMs - visit.lastMs) / 1000);
  const silent =
    1 - write * ((1 - lose) * byDevice(laws.keeperArrived, device).cdfAt(age) + lose * byDevice(laws.loserArrived, device).cdfAt(age));
  let arrived = 0;
  let second = 0;
  for (const message of coded) {
    if (message.receivedMs > atMs) continue;
    arrived += 1;
    second = message.second;
  }
  if (arrived > 1) return 0;
  const notHandedOn = 1 - regime.forward * laws.forward.cdfAt(age);
  if (arrived === 0) return (person * notHandedOn) / (1 - person + person * notHandedOn * silent);
  const elapsed = second - visit.lastMs / 1000;
  const forwarded = regime.forward * laws.forward.massOfSecond(elapsed);
  if (forwarded === 0) return 0;
  const own = write * (1 - lose) * (1 - regime.codeGarbled) * byDevice(laws.keeper, device).massOfSecond(elapsed) * notHandedOn;
  return forwarded / (own + forwarded * silent);
}

/** Number of the first of `count` entries, in order of time, that is later than `timeMs`. */
function firstAfter(count: number, timeAt: (at: number) => number, timeMs: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (timeAt(middle) <= timeMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
