/**
 * The best possible answer: everything that was drawn is known, but who wrote what. Every message without code is decided an hour after it was written, or
 * when it arrives if that is later, knowing what had arrived by then.
 */
import { type Account, DEVICES, nobodyRate } from './account.ts';
import type { Cell } from './cells.ts';
import { type DelayLaw, eveningLaw, REACH_S } from './delay-law.ts';
import { clickLikelihood, hintLikelihood, messageLikelihood } from './marks.ts';
import { LATE_MS, type Message, type Traffic, type Visit } from './traffic.ts';
import {
  AGES,
  GREETING_KEPT,
  GREETING_KEPT_BY_FRIEND,
  GREETING_KEPT_CODELESS,
  GREETING_OF_NOBODY,
  humanity,
  loseRate,
  writeRate,
} from './writing.ts';

const DECIDED_AFTER_MS = 3_600_000;
/** Competition is worked out again among messages this near; older answers keep what they took. */
const NEIGHBOURS_S = 4 * 3_600;
const SWEEPS = 3;
const NAMED = 200;
export const EMITTED = 16;
/** An exponential time by its quantiles: how late webhooks are. */
const LATE_S = [0.0625, 0.1875, 0.3125, 0.4375, 0.5625, 0.6875, 0.8125, 0.9375].map((share) => (-Math.log(1 - share) * LATE_MS) / 1_000);

export interface Answer {
  readonly message: Message;
  readonly none: number;
  readonly other: number;
  /** At most `EMITTED`, most probable first. */
  readonly candidates: readonly { readonly visit: Visit; readonly probability: number }[];
  /** Expected leads by campaign. With `none` they sum to 1. */
  readonly shares: ReadonlyMap<string, number>;
}

/** A visit, with what follows from what it shows. */
interface Suspect {
  readonly visit: Visit;
  readonly account: Account;
  /** P(state | what the click shows), and the number of that row. */
  readonly people: Float64Array;
  readonly row: number;
  /** Its device; all three of them where nobody wrote it down. */
  readonly devices: readonly OnDevice[];
  readonly old: number;
  readonly evening: DelayLaw;
  /** The first message with its code, and when it was known. */
  taken: Message | undefined;
  /** Messages that may be its, with what they take. */
  readonly claims: Map<Claim, number>;
}

interface OnDevice {
  /** P(this device | the campaign) × P(writes). */
  readonly write: number;
  /** By land and age: P(age) × P(loses | …). */
  readonly loses: Float64Array;
  readonly keeper: readonly DelayLaw[];
  readonly loser: readonly DelayLaw[];
}

interface Claim {
  readonly message: Message;
  readonly decidedMs: number;
  readonly suspects: Suspect[];
  readonly odds: number[];
  /** Odds of suspects of other accounts: nobody's click here. */
  readonly isHere: boolean[];
  /** Unnamed, by campaign. */
  readonly rest: Map<string, number>;
  restOdds: number;
  free: Float64Array;
}

export function answersOf(traffic: Traffic): readonly Answer[] {
  const { accounts, cell } = traffic;
  const suspects = suspectsOf(traffic);
  const answers: Answer[] = [];
  for (let at = 0; at < accounts.length; at += 1) {
    const here = suspects.filter((suspect) => suspect.visit.account === at || (cell.elsewhere > 0 && suspect.account.hasCodes));
    const open = traffic.messages.filter((message) => message.account === at && message.isFirst && message.code === '');
    answers.push(...decide(traffic, at, here, open));
  }
  return answers;
}

function suspectsOf(traffic: Traffic): readonly Suspect[] {
  const { cell, accounts, visits } = traffic;
  const taken = new Map<Visit, Message>();
  for (const message of traffic.messages) {
    if (message.code === '' || message.visit === undefined) continue;
    const known = taken.get(message.visit);
    if (known === undefined || message.second < known.second) taken.set(message.visit, message);
  }
  const rows = new Map<string, { readonly people: Float64Array; readonly row: number }>();
  const losing = new Map<string, Float64Array>();
  return visits.map((visit) => {
    const account = accounts[visit.account]!;
    const { campaign, marks, device, atMs } = visit;
    const key = [campaign.name, marks.network === 'vpn' ? '' : `${marks.network} ${marks.country} ${marks.region}`, marks.language].join(
      '|',
    );
    let known = rows.get(key);
    if (known === undefined) {
      const people = Float64Array.from(account.states, (state, at) => campaign.states[at]! * clickLikelihood(cell, account, state, marks));
      const sum = people.reduce((all, weight) => all + weight, 0);
      known = { people: people.map((weight) => weight / sum), row: rows.size };
      rows.set(key, known);
    }
    const human = humanity(cell, visit.score);
    const isShown = !cell.without.includes('device');
    return {
      visit,
      account,
      ...known,
      devices: DEVICES.map((_, each) => each)
        .filter((each) => !isShown || each === device)
        .map((each) => {
          const share = isShown ? 1 : campaign.devices[each]!;
          return { ...onDevice(traffic, account, visit, each, losing), write: share * human * writeRate(campaign, each) };
        }),
      old: campaign.old,
      evening: eveningLaw(atMs, account.zoneMs),
      taken: taken.get(visit),
      claims: new Map(),
    };
  });
}

function onDevice(
  { cell, laws }: Traffic,
  account: Account,
  { campaign, atMs }: Visit,
  device: number,
  losing: Map<string, Float64Array>,
): Omit<OnDevice, 'write'> {
  const key = `${campaign.name} ${device} ${loseRate(cell, account, campaign, { age: 0, device, place: 0, atMs })}`;
  let loses = losing.get(key);
  if (loses === undefined) {
    loses = Float64Array.from({ length: account.lands.length * AGES.length }, (_, index) => {
      const age = index % AGES.length;
      const share = age === 1 ? campaign.old : 1 - campaign.old;
      return share * loseRate(cell, account, campaign, { age, device, place: Math.floor(index / AGES.length), atMs });
    });
    losing.set(key, loses);
  }
  const pace = device === 2 ? 1 : 0;
  const keeper = laws.keeper.map((row) => row[pace]!);
  return { loses, keeper, loser: account.hasCodes ? laws.loser.map((row) => row[pace]!) : keeper };
}

function decide(traffic: Traffic, at: number, suspects: readonly Suspect[], open: readonly Message[]): readonly Answer[] {
  const claims = open
    .map((message) => ({ message, decidedMs: Math.max(message.second * 1_000 + DECIDED_AFTER_MS, message.receivedMs) }))
    .sort((a, b) => a.decidedMs - b.decidedMs || a.message.second - b.message.second);
  const recent: Claim[] = [];
  const claimed: Suspect[] = [];
  const answers = claims.map(({ message, decidedMs }) => {
    const claim = claimOf(traffic, at, suspects, message, decidedMs);
    for (let index = 0; index < claim.suspects.length; index += 1) {
      const suspect = claim.suspects[index]!;
      if (suspect.claims.size === 0) claimed.push(suspect);
      suspect.claims.set(claim, 0);
    }
    recent.push(claim);
    const near = recent.filter((each) => Math.abs(each.message.second - message.second) < NEIGHBOURS_S);
    for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
      for (const each of near) compete(each);
      if (near.length === 1) break;
    }
    compete(claim);
    return answerOf(claim);
  });
  for (const suspect of claimed) suspect.claims.clear();
  return answers;
}

/** What a message takes of each suspect, given what others take: one step of belief propagation for data association. */
function compete(claim: Claim): void {
  let whole = 1 + claim.restOdds;
  for (let index = 0; index < claim.suspects.length; index += 1) {
    let others = 0;
    for (const [other, mass] of claim.suspects[index]!.claims) if (other !== claim) others += mass;
    claim.free[index] = 1 / (1 + others);
    whole += claim.odds[index]! * claim.free[index]!;
  }
  for (let index = 0; index < claim.suspects.length; index += 1) {
    const own = claim.odds[index]! * claim.free[index]!;
    claim.suspects[index]!.claims.set(claim, claim.odds[index]! / Math.max(whole - own, 1e-300));
  }
}

function claimOf(traffic: Traffic, at: number, suspects: readonly Suspect[], message: Message, decidedMs: number): Claim {
  const { cell, accounts } = traffic;
  const account = accounts[at]!;
  const writtenMs = message.second * 1_000;
  const words = cell.without.includes('greeting') ? 1 : message.greeting < 0 ? 1 - GREETING_OF_NOBODY : GREETING_OF_NOBODY / cell.greetings;
  // Who strays here from another account may show what nobody does who is at home here.
  let nobody = 1e-30;
  for (const source of account.nobody) {
    const rate = nobodyRate(account, source, writtenMs);
    if (rate === 0) continue;
    const hint = DEVICES.reduce((sum, device, index) => sum + source.devices[index]! * hintLikelihood(cell, device, message.marks), 0);
    let likelihood = 0;
    account.states.forEach((state, index) => {
      likelihood += source.states[index]! * messageLikelihood(cell, state, message.marks);
    });
    nobody += rate * likelihood * hint * words;
  }
  const byAccount = new Map<Account, Float64Array>();
  const statesOf = (whose: Account): Float64Array => {
    const known = byAccount.get(whose) ?? Float64Array.from(whose.states, (state) => messageLikelihood(cell, state, message.marks));
    byAccount.set(whose, known);
    return known;
  };
  const byRow = new Map<number, Float64Array>();
  const found: { readonly suspect: Suspect; readonly odds: number; readonly isHere: boolean }[] = [];
  const from = firstFrom(suspects, writtenMs - REACH_S * 1_000);
  for (let index = from; index < suspects.length; index += 1) {
    const suspect = suspects[index]!;
    const { visit } = suspect;
    if (visit.atMs >= writtenMs + 1_000) break;
    const isHere = visit.account === at;
    let places = byRow.get(suspect.row);
    if (places === undefined) {
      places = new Float64Array(suspect.account.lands.length);
      const likelihoods = statesOf(suspect.account);
      suspect.account.states.forEach((state, each) => {
        places![state.place]! += suspect.people[each]! * likelihoods[each]!;
      });
      byRow.set(suspect.row, places);
    }
    const chance = isKnown(suspect.taken, decidedMs)
      ? isHere
        ? friendChance(traffic, suspect, message, decidedMs, statesOf(suspect.account))
        : 0
      : visit.nextMs <= decidedMs
        ? 0
        : ownChance(traffic, suspect, { message, decidedMs, places, isHere });
    if (chance === 0) continue;
    const hint = hintLikelihood(cell, DEVICES[visit.device]!, message.marks);
    found.push({ suspect, odds: (chance * hint) / nobody, isHere });
  }
  found.sort((a, b) => b.odds - a.odds);
  const named = found.slice(0, NAMED);
  const rest = new Map<string, number>();
  let restOdds = 0;
  for (const { suspect, odds, isHere } of found.slice(NAMED)) {
    restOdds += odds;
    const { name } = suspect.visit.campaign;
    if (isHere) rest.set(name, (rest.get(name) ?? 0) + odds);
  }
  return {
    message,
    decidedMs,
    suspects: named.map(({ suspect }) => suspect),
    odds: named.map(({ odds }) => odds),
    isHere: named.map(({ isHere }) => isHere),
    rest,
    restOdds,
    free: new Float64Array(named.length),
  };
}

function isKnown(message: Message | undefined, atMs: number): message is Message {
  return message !== undefined && message.receivedMs <= atMs;
}

/** P(writes these words here in this second, without code) over P(nothing known of the visit by the time of decision). */
function ownChance(
  traffic: Traffic,
  suspect: Suspect,
  { message, decidedMs, places, isHere }: { message: Message; decidedMs: number; places: Float64Array; isHere: boolean },
): number {
  const { cell, accounts } = traffic;
  const { visit, account, old, people } = suspect;
  const elapsed = message.second - visit.atMs / 1_000;
  const strays = account.hasCodes && accounts.length > 1 ? cell.elsewhere : 0;
  const goes = isHere ? 1 - strays : strays / (accounts.length - 1);
  if (goes === 0) return 0;
  const ages = AGES.length;
  let chance = 0;
  for (const { write, loses, loser } of suspect.devices) {
    for (const age of AGES) {
      const words = wordsOf(cell, account, visit, message, age);
      const mass = words === 0 ? 0 : massOf(cell.evening, loser[age]!, suspect.evening, elapsed);
      if (mass === 0) continue;
      let share = 0;
      for (let place = 0; place < places.length; place += 1) share += places[place]! * loses[place * ages + age]!;
      chance += write * mass * words * share;
    }
  }
  if (chance === 0) return 0;
  const openS = (decidedMs - visit.atMs) / 1_000;
  let wrote = 0;
  for (const { write, loses, keeper, loser } of suspect.devices) {
    for (const age of AGES) {
      const ofAge = age === 1 ? old : 1 - old;
      let losers = 0;
      for (let at = 0; at < people.length; at += 1) losers += people[at]! * loses[account.states[at]!.place * ages + age]!;
      wrote += write * (ofAge - losers) * knownBy(cell, keeper[age]!, suspect.evening, openS);
      wrote += write * losers * knownBy(cell, loser[age]!, suspect.evening, openS);
    }
  }
  return ((1 - cell.returning) * goes * chance) / (1 - wrote);
}

function massOf(share: number, law: DelayLaw, evening: DelayLaw, elapsedS: number): number {
  const plain = law.below(elapsedS + 1) - law.below(elapsedS);
  return share === 0 ? plain : (1 - share) * plain + share * (evening.below(elapsedS + 1) - evening.below(elapsedS));
}

function knownBy(cell: Cell, law: DelayLaw, evening: DelayLaw, openS: number): number {
  const below = (seconds: number): number =>
    (1 - cell.evening) * law.below(seconds) + (cell.evening === 0 ? 0 : cell.evening * evening.below(seconds));
  if (cell.late === 0) return below(openS);
  return (1 - cell.late) * below(openS) + (cell.late / LATE_S.length) * LATE_S.reduce((sum, late) => sum + below(openS - late), 0);
}

function wordsOf(cell: Cell, account: Account, visit: Visit, message: Message, age: number): number {
  if (cell.without.includes('greeting')) return 1;
  const kept = account.hasCodes ? GREETING_KEPT[age]! : GREETING_KEPT_CODELESS;
  if (message.greeting < 0) return 1 - kept;
  return message.greeting === visit.greeting ? kept : 0;
}

/** A friend was sent the message that brought the code, and deleted it: a person of the same state, who shows marks of their own. */
function friendChance(traffic: Traffic, suspect: Suspect, message: Message, decidedMs: number, likelihoods: Float64Array): number {
  const { cell, laws } = traffic;
  const { taken, people, account, visit } = suspect;
  if (cell.forwards === 0 || taken === undefined) return 0;
  const elapsed = message.second - taken.second;
  // A time between two moments of whole seconds is a second off at most; the friend's law is flat over that.
  const mass = laws.friend.below(elapsed + 0.5) - laws.friend.below(elapsed - 0.5);
  if (!(mass > 0)) return 0;
  let [here, whole] = [0, 0];
  account.states.forEach((state, at) => {
    const person = people[at]! * messageLikelihood(cell, state, taken.marks);
    whole += person;
    here += person * likelihoods[at]!;
  });
  const words = cell.without.includes('greeting')
    ? 1
    : message.greeting < 0
      ? 1 - GREETING_KEPT_BY_FRIEND
      : message.greeting === visit.greeting
        ? GREETING_KEPT_BY_FRIEND
        : 0;
  const sent = laws.friend.below((decidedMs - taken.second * 1_000) / 1_000);
  return ((cell.forwards / 2) * mass * words * here) / whole / (1 - cell.forwards * sent);
}

function firstFrom(suspects: readonly Suspect[], atMs: number): number {
  let [low, high] = [0, suspects.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (suspects[middle]!.visit.atMs < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

function answerOf(claim: Claim): Answer {
  const { suspects, odds, free, isHere, rest, restOdds, message } = claim;
  let whole = 1 + restOdds;
  let clicks = 0;
  const shares = new Map<string, number>();
  const weights = odds.map((each, index) => each * free[index]!);
  for (const [name, each] of rest) {
    shares.set(name, each);
    clicks += each;
  }
  weights.forEach((weight, index) => {
    whole += weight;
    if (!isHere[index]) return;
    clicks += weight;
    const { name } = suspects[index]!.visit.campaign;
    shares.set(name, (shares.get(name) ?? 0) + weight);
  });
  const candidates = weights
    .map((weight, index) => ({ visit: suspects[index]!.visit, probability: weight / whole, isHere: isHere[index]! }))
    .filter((each) => each.isHere && each.probability > 0)
    .sort((a, b) => b.probability - a.probability)
    .slice(0, EMITTED)
    .map(({ visit, probability }) => ({ visit, probability }));
  const named = candidates.reduce((sum, { probability }) => sum + probability, 0);
  for (const [name, share] of shares) shares.set(name, share / whole);
  return { message, none: 1 - clicks / whole, other: Math.max(0, clicks / whole - named), candidates, shares };
}
